"""Deliveries in trouble: what came, was kept, and was not understood."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.channels.models import Delivery
from otklik.channels.queries import troubled_deliveries
from otklik.channels.services.retrying import receive_again
from otklik.desk.administration.pages import own, page, press
from otklik.desk.administration.reading import newest
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.services.auditing import audit

managed = door(Permission.CHANNEL_MANAGE)
BODY_SHOWN = 20_000
"""Bytes of a raw body that the screen shows."""


@managed
def deliveries(request: DeskRequest) -> HttpResponse:
    """List deliveries in trouble, newest first."""
    rows, older = newest(troubled_deliveries(request.access.municipality_id), request.GET.get("before", ""))
    return page(request, "deliveries", "deliveries", deliveries=rows, older=older)


@managed
def delivery(request: DeskRequest, pk: int) -> HttpResponse:
    """Show one with its raw body as text. It may hold what residents wrote, so looking is noted in the audit."""
    row = _troubled(request, pk)
    body = bytes(Delivery.objects.values_list("body", flat=True).get(pk=pk))
    audit(request.access, "delivery.read", f"{row.channel.name} · {pk}")
    return page(
        request,
        "delivery",
        "deliveries",
        delivery=row,
        body=body[:BODY_SHOWN].decode(errors="replace").replace("\x00", "\ufffd"),
        size=len(body),
        is_cut=len(body) > BODY_SHOWN,
    )


@managed
@require_POST
def again(request: DeskRequest, pk: int) -> HttpResponse:
    """Have the worker try again."""
    row = _troubled(request, pk)

    @transaction.atomic
    def retry() -> None:
        receive_again(row)
        audit(request.access, "delivery.tried_again", f"{row.channel.name} · {pk}")

    return press(request, retry, _("The worker takes it up again within seconds."), "deliveries")


def _troubled(request: DeskRequest, pk: int) -> Delivery:
    return own(request, troubled_deliveries(request.access.municipality_id), pk=pk)
