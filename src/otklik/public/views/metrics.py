"""What a monitoring system reads; for this machine, or whoever has the token."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from otklik.channels.metrics import CONTENT_TYPE, exposition
from otklik.channels.models import Channel
from otklik.channels.states import states_of
from otklik.common.clock import now


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the channels' measures. For anybody else there is no such page."""
    if not (_is_from_this_machine(request) or _has_token(request)):
        raise Http404
    channels = Channel.objects.select_related("municipality").order_by("municipality__slug", "name")
    return HttpResponse(exposition(states_of(channels, now=now())), content_type=CONTENT_TYPE)


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Whoever came by the gate bears its mark, wherever they are; Django's own port listens on loopback only.

    The peer's address alone says nothing: behind a proxy on this machine everybody comes from 127.0.0.1.
    """
    return "HTTP_X_FORWARDED_FOR" not in request.META and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")


def _has_token(request: HttpRequest) -> bool:
    token = settings.ENVIRONMENT.metrics_token
    shown = request.headers.get("authorization", "")
    return bool(token) and hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
