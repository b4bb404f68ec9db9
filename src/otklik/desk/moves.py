"""The report of moved deadlines: who moved what, how far and why."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from otklik.cases.moves import DeadlineMove, deadline_moves, moves_by
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.desk.paging import page
from otklik.org.access import Permission


@dataclass(frozen=True, slots=True)
class Moved:
    """One move, and by how many days (whole ones, rounded up)."""

    move: DeadlineMove
    days: int | None


@door(Permission.REPORT_VIEW)
@require_safe
def moves(request: DeskRequest) -> HttpResponse:
    """Show how often each department and official moved deadlines in thirty days, and the moves themselves."""
    chosen = {name: _number(request.GET.get(name, "")) for name in ("department", "official")}
    access = request.access
    rows, following = page(deadline_moves(access, **chosen), request.GET)
    kept = {name: value for name, value in chosen.items() if value is not None}
    context = {
        "rows": [Moved(row, _days(row)) for row in rows],
        "counts": moves_by(access, now=clock.now()),
        "narrowed": bool(kept),
        "next_url": f"{reverse('desk:moves')}?{urlencode({**kept, 'before': following})}" if following else "",
        "city": access.official.municipality,
    }
    return render(request, "desk/moves.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _days(row: DeadlineMove) -> int | None:
    return ceil((row.after - row.before).total_seconds() / 86_400) if row.before is not None else None
