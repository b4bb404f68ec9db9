"""What an answer does to the clock of its case when it is sent: a question stops it, a promise sets it anew."""

from __future__ import annotations

from datetime import datetime

from otklik.cases import timing
from otklik.cases.enums import MoveKind, Outcome, Status
from otklik.cases.models import Answer, Case
from otklik.cases.reading import untold_move, whole_journal_of
from otklik.cases.services.moving import move
from otklik.cases.services.postponing import note_move


def start_waiting(case: Case, answer: Answer, *, now: datetime) -> None:
    """The question is with the resident: the clock stands still until they answer. Raises Overtaken."""
    move(
        case,
        Status.WAITING_RESIDENT,
        at=now,
        action="asked_resident",
        actor=answer.approver,
        detail={"answer": answer.pk},
        **timing.paused(case, now=now),
    )


def keep_promise(case: Case, answer: Answer, *, now: datetime) -> None:
    """The resident was told a day: it is the deadline from now on. Raises Overtaken."""
    if answer.promised_on is None:
        raise TypeError("a promise has a day: cases.services.replying asks for it")
    first, before = case.postponed_until is None, case.answer_due_at
    move(
        case,
        Status.POSTPONED,
        at=now,
        action="promised",
        actor=answer.approver,
        detail={"answer": answer.pk, "until": answer.promised_on.isoformat(), "reason": answer.reason},
        outcome=Outcome.POSTPONED,
        promise_reason=answer.reason,
        answered_at=case.answered_at or now,
        **timing.promised(case, answer.promised_on, now=now),
    )
    if not first:
        note_move(case, MoveKind.PROMISE, before, answer.reason, official=answer.author, now=now)


def start_second(case: Case, answer: Answer, *, now: datetime) -> None:
    """The resident has an interim word: the time to solve it runs from now. Raises Overtaken.

    A deadline that was moved by hand, which this word was to tell of, stays: the resident has read that day.
    """
    before = case.answer_due_at.isoformat() if case.answer_due_at is not None else None
    untold = untold_move(case, whole_journal_of(case), now=now)
    changes = timing.second(case, now=now, due_at=untold.due_at if untold is not None else None)
    move(
        case,
        Status.IN_PROGRESS,
        at=now,
        action="interim_answered",
        actor=answer.approver,
        detail={"answer": answer.pk, "from": before, "to": changes["answer_due_at"].isoformat()},
        interim_answered_at=now,
        **changes,
    )
