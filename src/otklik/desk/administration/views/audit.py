"""The audit log: read only, newest first."""

from __future__ import annotations

from django.http import HttpResponse

from otklik.desk.administration.pages import page
from otklik.desk.administration.reading import audit_entries, newest
from otklik.desk.administration.words import told
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.AUDIT_VIEW)
def audit_log(request: DeskRequest) -> HttpResponse:
    """Show a page of who changed what."""
    request.access.require(Permission.AUDIT_VIEW)
    entries, older = newest(audit_entries(request.access.municipality_id), request.GET.get("before", ""))
    return page(request, "audit", "audit", entries=[told(entry) for entry in entries], older=older)
