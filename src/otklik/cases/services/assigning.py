"""Who works on a case: assigning, taking, returning what isn't theirs; and sorting by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from otklik.cases.enums import OPEN_STATUSES, Status
from otklik.cases.models import Case
from otklik.cases.queries import messages_of
from otklik.cases.services.moving import change, move
from otklik.org.access import Access, Permission
from otklik.org.models import Department, Topic
from otklik.pulse.services.counting import move as move_counts


def assign(access: Access, case: Case, department: Department, *, now: datetime, reason: str = "") -> None:
    """Give a case to a department. Raises Refused, IllegalMove, Overtaken."""
    access.require(Permission.CASE_ASSIGN, case.department_id)
    move(
        case,
        Status.ASSIGNED,
        at=now,
        action="assigned",
        actor=access.official,
        detail={"department": department.pk, "reason": reason},
        department=department,
        executor=None,
    )


def take(access: Access, case: Case, *, now: datetime) -> None:
    """Start working on a case oneself. Raises Refused, IllegalMove, Overtaken."""
    access.require(Permission.CASE_DRAFT, case.department_id)
    move(case, Status.IN_PROGRESS, at=now, action="taken", actor=access.official, executor=access.official)


def give_back(access: Access, case: Case, reason: str, *, now: datetime) -> None:
    """Return a case that isn't the department's, saying why. Raises Refused, ValueError, IllegalMove, Overtaken."""
    access.require(Permission.CASE_RETURN, case.department_id)
    if not reason.strip():
        raise ValueError("say why this case is not yours")
    move(
        case,
        Status.RETURNED,
        at=now,
        action="returned",
        actor=access.official,
        detail={"reason": reason, "department": case.department_id},
        executor=None,
    )


@transaction.atomic
def change_topic(access: Access, case: Case, topic: Topic, *, now: datetime) -> None:
    """Correct what a case is about; its department stays until somebody assigns it. Raises Refused.

    What was said in it is counted under the new topic from its own hour on.
    """
    access.require(Permission.CASE_ASSIGN, case.department_id)
    before = case.topic.code if case.topic is not None else ""
    change(
        case,
        at=now,
        action="topic_changed",
        actor=access.official,
        detail={"from": before, "to": topic.code},
        topic=topic,
    )
    move_counts(case.municipality, messages_of(case), before, topic.code, now=now)


def move_deadline(access: Access, case: Case, due_at: datetime, reason: str, *, now: datetime) -> None:
    """Change when an answer is due; every change keeps its reason. Raises Refused, ValueError."""
    access.require(Permission.CASE_DEADLINE, case.department_id)
    if not reason.strip():
        raise ValueError("say why the deadline moves: the reason stays in the history")
    if case.status not in OPEN_STATUSES:
        raise ValueError("the case is finished: its deadline stays as it was")
    before = case.answer_due_at.isoformat() if case.answer_due_at else None
    change(
        case,
        at=now,
        action="deadline_moved",
        actor=access.official,
        detail={"from": before, "to": due_at.isoformat(), "reason": reason},
        answer_due_at=due_at,
    )


def set_control(access: Access, case: Case, *, now: datetime) -> None:
    """Take a case under the head's personal control. Raises Refused."""
    access.require(Permission.CONTROL_SET, case.department_id)
    if not case.personal_control:
        change(case, at=now, action="control_set", actor=access.official, personal_control=True)


def clear_control(access: Access, case: Case, *, now: datetime) -> None:
    """Let a case go from personal control; only the head may. Raises Refused."""
    access.require(Permission.CONTROL_CLEAR, case.department_id)
    if case.personal_control:
        change(case, at=now, action="control_cleared", actor=access.official, personal_control=False)


def reject(access: Access, case: Case, reason: str, *, now: datetime) -> None:
    """End a case that is spam or abuse, with the reason. Raises Refused, ValueError, IllegalMove, Overtaken."""
    access.require(Permission.CASE_ASSIGN, case.department_id)
    if not reason.strip():
        raise ValueError("say why the case is rejected; criticism is not a reason")
    move(
        case,
        Status.REJECTED,
        at=now,
        action="rejected",
        actor=access.official,
        detail={"reason": reason},
        closed_at=now,
    )


def redirect(access: Access, case: Case, body: str, *, now: datetime) -> None:
    """Pass a case on to another body, named with its contacts. Raises Refused, ValueError, IllegalMove, Overtaken."""
    access.require(Permission.CASE_ASSIGN, case.department_id)
    if not body.strip():
        raise ValueError("name the body the case goes to, and how to reach it")
    move(
        case,
        Status.REDIRECTED,
        at=now,
        action="redirected",
        actor=access.official,
        detail={"body": body},
        closed_at=now,
    )
