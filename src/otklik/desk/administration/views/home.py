"""The front page of administration: its sections, and what asks for attention."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from otklik.desk.administration.pages import page
from otklik.desk.administration.sections import sections_for
from otklik.desk.doors import DeskRequest, door
from otklik.desk.rail import ADMINISTERS


@door(*ADMINISTERS)
def home(request: DeskRequest) -> HttpResponse:
    """Show what this official administers."""
    if not sections_for(request.access):
        raise PermissionDenied
    return page(request, "home", "home")
