"""How a case ends: the resident says whether it is solved; silence closes it; a complaint opens it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases import timing
from otklik.cases.enums import Status, Verdict
from otklik.cases.models import Case
from otklik.cases.openness import Appraisal
from otklik.cases.services.moving import Overtaken, change, move

SILENCE = timedelta(days=7)
"""After so many days without a word an answered case counts as settled (domain reference, Statuses)."""


RATED_FOR = timedelta(days=1)
"""How long a rating may be changed: a slip of the finger is put right, a bad mark isn't talked away."""


def confirm(case: Case, *, now: datetime) -> None:
    """The resident says it is solved. Raises IllegalMove, Overtaken."""
    move(case, Status.CLOSED, at=now, action="confirmed", verdict=Verdict.SOLVED, closed_at=now)


def reopen(case: Case, reason: str, *, now: datetime) -> None:
    """The resident says it isn't solved: back to work with a new deadline, to be approved by somebody else than before.

    What was said meanwhile belongs to the round that is over: an interim word or a promise may be given anew.
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
        interim_answered_at=None,
        solve_due_at=None,
        postponed_until=None,
        promise_reason="",
        **timing.fresh(case, now=now),
    )


@transaction.atomic
def rate(case: Case, attitude: int, result: int, *, now: datetime) -> Appraisal:
    """Keep how the resident was treated and what came of it, 1 to 5 each; it may be changed for a day.

    A later answer may be rated anew. Raises ValueError outside 1 to 5, before an answer, and when the day is over.
    """
    if not (1 <= attitude <= 5 and 1 <= result <= 5):
        raise ValueError(_("a rating is from 1 to 5"))
    if case.answered_at is None:
        raise ValueError(_("there is no answer to rate yet"))
    values = {"municipality_id": case.municipality_id, "attitude": attitude, "result": result, "given_at": now}
    appraisal, is_new = Appraisal.objects.select_for_update().get_or_create(case=case, defaults=values)
    if not is_new:
        if not may_rate(case, appraisal, now=now):
            raise ValueError(_("a rating may be changed for a day"))
        is_anew = appraisal.given_at < case.answered_at
        appraisal.given_at, appraisal.changed_at = (now, None) if is_anew else (appraisal.given_at, now)
        appraisal.attitude, appraisal.result = attitude, result
        appraisal.save(update_fields=["attitude", "result", "given_at", "changed_at"])
    detail = {"attitude": attitude, "stars": result}
    change(case, at=now, action="rated", detail=detail, rating=result)
    return appraisal


def may_rate(case: Case, appraisal: Appraisal | None, *, now: datetime) -> bool:
    """Return whether the answer may be rated, or its rating changed."""
    if case.answered_at is None:
        return False
    return appraisal is None or appraisal.given_at < case.answered_at or now <= appraisal.given_at + RATED_FOR


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
