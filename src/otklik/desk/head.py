"""The head's page: five minutes in the morning, on a phone."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from otklik.cases.reading import morning_of
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission


@door(Permission.CONTROL_SET)
@require_safe
def morning(request: DeskRequest) -> HttpResponse:
    """What is under control, what burns, what waits for a signature; every card opens its case."""
    now = clock.now()
    context = {
        "morning": morning_of(request.access, now=now),
        "greeting": greeting(timezone.localtime(now).hour),
        "may_publish": request.access.allows(Permission.POST_PUBLISH),
        "city": request.access.official.municipality,
    }
    return render(request, "desk/head.html", context)


def greeting(hour: int) -> str:
    """Return what one says at this hour of the day."""
    if 5 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
