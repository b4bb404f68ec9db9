"""The head's page: five minutes in the morning, on a phone."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from otklik.cases.reading import morning_of
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CONTROL_SET)
@require_safe
def morning(request: DeskRequest) -> HttpResponse:
    """What is under control, what burns, what waits for a signature; every card opens its case."""
    found = morning_of(request.access, now=clock.now())
    return render(request, "desk/head.html", {"morning": found, "city": request.access.official.municipality})
