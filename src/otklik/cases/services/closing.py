"""How a case ends: the resident says whether it is solved; silence closes it; a complaint opens it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from otklik.cases import timing
from otklik.cases.enums import Status, Verdict
from otklik.cases.models import Case
from otklik.cases.services.moving import Overtaken, change, move

SILENCE = timedelta(days=7)
"""After so many days without a word an answered case counts as settled (domain reference, Statuses)."""


def confirm(case: Case, *, now: datetime) -> None:
    """The resident says it is solved. Raises IllegalMove, Overtaken."""
    move(case, Status.CLOSED, at=now, action="confirmed", verdict=Verdict.SOLVED, closed_at=now)


def reopen(case: Case, reason: str, *, now: datetime) -> None:
    """The resident says it isn't solved: back to work with a new deadline, to be approved by somebody else than before.

    Raises ValueError without a reason, IllegalMove, Overtaken.
    """
    if not reason.strip():
        raise ValueError(_("tell us what is not solved"))
    move(
        case,
        Status.REOPENED,
        at=now,
        action="reopened",
        detail={"reason": reason[:2000]},
        verdict=Verdict.NOT_SOLVED,
        closed_at=None,
        outcome="",
        **timing.fresh(case, now=now),
    )


def rate(case: Case, stars: int, *, now: datetime) -> None:
    """Keep the resident's 1 to 5 for the answer; may be changed. Raises ValueError outside that or before an answer."""
    if not 1 <= stars <= 5:
        raise ValueError(_("a rating is from 1 to 5"))
    if case.answered_at is None:
        raise ValueError(_("there is no answer to rate yet"))
    change(case, at=now, action="rated", detail={"stars": stars}, rating=stars)


def close_silent(*, now: datetime, limit: int = 200) -> int:
    """Close answered cases after seven silent days; returns how many."""
    silent = Case.objects.filter(status=Status.ANSWERED, answered_at__lt=now - SILENCE).order_by("answered_at")
    closed = 0
    for case in silent[:limit]:
        try:
            move(case, Status.CLOSED, at=now, action="closed_by_silence", closed_at=now)
        except Overtaken:
            continue  # the resident spoke at this very moment
        closed += 1
    return closed
