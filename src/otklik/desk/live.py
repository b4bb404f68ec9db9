"""The way to live updates: a ticket that the gate checks without asking Django."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.tickets import make_ticket


@door(Permission.CASE_VIEW)
@require_safe
def ticket(request: DeskRequest) -> JsonResponse:
    """A ticket for one connection to /live, good for a minute."""
    return JsonResponse({"ticket": make_ticket(request.access)})
