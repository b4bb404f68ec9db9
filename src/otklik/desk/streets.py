"""The city's streets as suggestions for a field: fetched when the field is opened, never with the case."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from otklik.cases.services.locating import street_names
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CASE_ASSIGN)
@require_safe
def streets(request: DeskRequest) -> HttpResponse:
    """Give the names to choose from."""
    return render(request, "desk/parts/streets.html", {"names": street_names(request.access.municipality_id)})
