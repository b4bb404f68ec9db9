"""The bell: what an official was told, newest first, and that they have seen it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.paging import page
from otklik.notices.queries import notices_of
from otklik.notices.services.telling import mark_seen
from otklik.org.access import Permission

anybody = door(*Permission)
"""Whoever works here has a bell of their own."""

SIGNS = {
    "half_used": "clock",
    "nearly_late": "hourglass",
    "late": "alarm",
    "very_late": "alert-triangle",
    "time_runs": "hourglass",
    "still_late": "alert-triangle",
    "returned_twice": "arrow-back-up",
    "tasks_left": "users",
    "no_reply_yet": "hourglass",
    "closed_unanswered": "checks",
    "promise_review": "calendar",
    "promise_due": "alarm",
    "mentioned": "users",
    "appeal_unregistered": "rubber-stamp",
    "appeal_nears": "hourglass",
    "appeal_last_day": "alarm",
    "appeal_late": "alert-triangle",
    "replied": "message-circle",
    "controlled": "flag",
    "report_due": "flag",
    "checkpoint": "clock",
    "reported": "news",
    "report_missing": "alert-triangle",
    "release_proposed": "flag",
    "released": "checks",
    "channel_silent": "plug",
}


@anybody
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """Show one page of what this official was told."""
    rows, following = page(notices_of(request.access), request.GET)
    context = {
        "notices": [(row, SIGNS.get(row.kind, "bell")) for row in rows],
        "newest": rows[0].pk if any(row.seen_at is None for row in rows) else None,
        "next_url": f"{reverse('desk:notices')}?before={following}" if following is not None else "",
        "city": request.access.official.municipality,
    }
    return render(request, "desk/notices.html", context)


@anybody
@require_POST
def seen(request: DeskRequest, notice_id: int) -> HttpResponse:
    """Note that the official has seen everything up to this; only what they were told themselves."""
    mark_seen(request.access, notice_id, now=clock.now())
    return go_to(request, reverse("desk:notices"))
