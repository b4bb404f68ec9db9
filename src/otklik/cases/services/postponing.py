"""Moving a deadline by hand: by whom it may be, with its reason, never into the past; each is kept for a report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases import timing
from otklik.cases.enums import OPEN_STATUSES, MoveKind, Status
from otklik.cases.models import Case
from otklik.cases.moves import DeadlineMove
from otklik.cases.services.journaling import behalf
from otklik.cases.services.moving import Overtaken, change
from otklik.org.access import Access, Permission
from otklik.org.models import Official

FARTHEST: Final = timedelta(days=366)
"""Whatever takes longer is promised, so that the resident hears of it."""


def move_deadline(access: Access, case: Case, due_at: datetime, reason: str, *, now: datetime) -> None:
    """Change when an answer is due, never into the past; every change keeps its reason. The warnings begin anew.

    Raises Refused, ValueError, Overtaken where somebody else moved it at the same moment.
    """
    access.require_on(Permission.CASE_DEADLINE, case)
    if not reason.strip():
        raise ValueError(_("say why the deadline moves: the reason stays in the history"))
    if case.status not in OPEN_STATUSES:
        raise ValueError(_("the case is finished: its deadline stays as it was"))
    if case.status == Status.WAITING_RESIDENT:
        raise ValueError(_("the clock stands still until the resident answers: there is no deadline to move"))
    if case.status == Status.POSTPONED:
        raise ValueError(_("the resident was promised a day: promise another one, so that they hear of it"))
    if due_at <= now:
        raise ValueError(_("a deadline lies in the future"))
    before = case.answer_due_at
    if due_at > now + FARTHEST:
        raise ValueError(_("a deadline moves by a year at most: promise a day, and the resident hears of it"))
    if before is not None and due_at == before:
        raise ValueError(_("that is the deadline it has: nothing moves"))
    told = behalf(access, Permission.CASE_DEADLINE, case)
    with transaction.atomic():
        if Case.objects.select_for_update().get(pk=case.pk).answer_due_at != before:
            raise Overtaken(case)
        change(
            case,
            at=now,
            action="deadline_moved",
            actor=access.official,
            detail={
                "from": before.isoformat() if before else None,
                "to": due_at.isoformat(),
                "reason": reason.strip(),
                **told,
            },
            **timing.fresh(case, now=now, due_at=due_at),
        )
        note_move(case, MoveKind.DEADLINE, before, reason, official=access.official, now=now)


def note_move(
    case: Case, kind: MoveKind, before: datetime | None, reason: str, *, official: Official | None, now: datetime
) -> None:
    """Keep a move of the deadline that the case has now, for the report, in the transaction that makes it."""
    if case.answer_due_at is None:
        raise TypeError("a deadline was moved, so there is one")
    DeadlineMove.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        department_id=case.department_id,
        official=official,
        kind=kind,
        at=now,
        before=before,
        after=case.answer_due_at,
        reason=reason.strip()[:300],
    )
