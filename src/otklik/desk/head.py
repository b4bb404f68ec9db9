"""The head's page: five minutes in the morning, on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from otklik.cases.albums import Sides, albums_of
from otklik.cases.briefing import briefing_of
from otklik.cases.watching import Watched
from otklik.common import clock
from otklik.desk.control import STATE_LOOK, Point, point_of
from otklik.desk.doors import DeskRequest, door
from otklik.desk.rail import shown_count
from otklik.org.access import Permission

TILES = (
    ("control", gettext_lazy("Under control")),
    ("overdue", gettext_lazy("Overdue")),
    ("approval", gettext_lazy("To approve")),
    ("questions", gettext_lazy("Questions")),
    ("solved", gettext_lazy("Solved this week")),
)
"""The numbers of the page, by the list that each opens."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A number and the list behind it."""

    label: str | Promise
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Watching:
    """A case under control: how it stands, what its plan asks for next, and both photos where it has them."""

    watched: Watched
    sign: str
    tone: str
    point: Point | None
    sides: Sides | None


@door(Permission.CONTROL_SET)
@require_safe
def morning(request: DeskRequest) -> HttpResponse:
    """What hurts, what is under control, what burns, what waits for a signature; every number opens its list."""
    now = clock.now()
    briefing = briefing_of(request.access, now=now)
    context = {
        "briefing": briefing,
        "tiles": [Tile(label, shown_count(briefing.counts[view]), list_of(view)) for view, label in TILES],
        "watched": watching(briefing.watched),
        "greeting": greeting(timezone.localtime(now).hour),
        "may_publish": request.access.allows(Permission.POST_PUBLISH),
        "may_let_go": request.access.allows(Permission.CONTROL_CLEAR),
        "city": request.access.official.municipality,
    }
    return render(request, "desk/head.html", context)


def watching(watched: Sequence[Watched]) -> list[Watching]:
    """Return the cases under control as they are drawn, each with its photos before and after. One query."""
    albums = albums_of(one.case for one in watched)
    return [
        Watching(
            one,
            *STATE_LOOK[one.state],
            point=point_of(one.next) if one.next else None,
            sides=albums[one.case.pk].sides if one.case.pk in albums else None,
        )
        for one in watched
    ]


def list_of(view: str) -> str:
    """Return the address of a list of cases."""
    return f"{reverse('desk:inbox')}?view={view}"


def greeting(hour: int) -> str:
    """Return what one says at this hour of the day."""
    if 5 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
