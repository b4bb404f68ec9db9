"""What the gate is measured beside: the best plain Django view for the same work, under granian with two workers.

Same signature check, same row, same durability; no middleware at all. Only the bench runs it: it has a WSGI
application and addresses of its own, and the installation's settings and urls know nothing of it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from otklik.connectors.base import Connector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.config.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup()
settings.ROOT_URLCONF = "otklik.cli.bench.view"
settings.MIDDLEWARE = []
application = WSGIHandler()

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from otklik.channels.connections import connector_of
from otklik.channels.models import Channel, Delivery
from otklik.common.clock import now
from otklik.connectors.base import NotAuthentic
from otklik.connectors.events import Webhook


@cache
def _channel(token: str) -> tuple[Channel, Connector]:
    channel = Channel.objects.get(hook_token=token)
    return channel, connector_of(channel)


@csrf_exempt
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Verify, insert one row, answer."""
    channel, connector = _channel(token)
    headers = {name.lower(): value for name, value in request.headers.items()}
    hook = Webhook(headers=headers, body=request.body, received_at=now())
    try:
        connector.verify(hook)
    except NotAuthentic:
        return HttpResponse(status=403)
    with suppress(IntegrityError):  # a repeat: it is stored already
        Delivery.objects.create(
            municipality_id=channel.municipality_id,
            channel_id=channel.pk,
            dedup_key=connector.delivery_key(hook),
            body=hook.body,
            headers={"content-type": headers["content-type"]},
            received_at=hook.received_at,
        )
    return HttpResponse(headers={"Content-Length": "0"})


urlpatterns = [path("hooks/<str:token>", receive)]


def main(arguments: Iterable[str]) -> None:
    """Serve on a port of loopback."""
    from granian import Granian
    from granian.constants import Interfaces

    port, workers, threads = (int(argument) for argument in arguments)
    Granian(
        "otklik.cli.bench.view:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
