"""Who works on a case: assigning, taking, returning what isn't theirs; and sorting by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases import timing
from otklik.cases.enums import OPEN_STATUSES, Status
from otklik.cases.models import Case, CaseReturn
from otklik.cases.queries import messages_of, open_return
from otklik.cases.services import lessons
from otklik.cases.services.moving import Overtaken, change, move
from otklik.org.access import Access, Permission
from otklik.org.models import Department, Topic
from otklik.org.services.auditing import ours
from otklik.pulse.services.counting import move as move_counts


@transaction.atomic
def assign(access: Access, case: Case, department: Department, *, now: datetime, reason: str = "") -> None:
    """Give a case to a department, for triage to learn from; one that was returned is decided with it.

    Raises Refused, IllegalMove, Overtaken.
    """
    access.require(Permission.CASE_ASSIGN, case.department_id)
    ours(access, department)
    before = Status(case.status)
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
    lessons.department_chosen(access, case, department, before, now=now)
    if (returned := open_return(case)) is not None:
        accepted = returned.proposed_id == department.pk
        CaseReturn.objects.filter(pk=returned.pk).update(decided_at=now, accepted=accepted)


def accept_return(access: Access, case: Case, *, now: datetime) -> Department:
    """Send a returned case where the department that returned it says it belongs. Raises Refused, Overtaken."""
    access.require(Permission.CASE_ASSIGN, case.department_id)
    proposal = open_return(case)
    if case.status != Status.RETURNED or proposal is None or proposal.proposed is None:
        raise Overtaken(case)
    assign(access, case, proposal.proposed, now=now, reason=proposal.reason)
    return proposal.proposed


def take(access: Access, case: Case, *, now: datetime) -> None:
    """Start working on a case oneself. Raises Refused, IllegalMove, Overtaken."""
    access.require(Permission.CASE_DRAFT, case.department_id)
    move(case, Status.IN_PROGRESS, at=now, action="taken", actor=access.official, executor=access.official)


@transaction.atomic
def give_back(
    access: Access, case: Case, reason: str, *, now: datetime, proposed: Department | None = None
) -> CaseReturn:
    """Return a case that isn't the department's, saying why and whose it may be.

    Raises Refused, ValueError, IllegalMove, Overtaken.
    """
    access.require(Permission.CASE_RETURN, case.department_id)
    if not reason.strip():
        raise ValueError(_("say why this case is not yours"))
    if case.department_id is None:
        raise ValueError(_("no department has it yet, so none can give it back"))
    if proposed is not None:
        ours(access, proposed)
        if proposed.pk == case.department_id:
            raise ValueError(_("that is the department that has it now: propose another, or none"))
    move(
        case,
        Status.RETURNED,
        at=now,
        action="returned",
        actor=access.official,
        detail={
            "reason": reason,
            "department": case.department_id,
            "proposed": proposed.pk if proposed is not None else None,
        },
        executor=None,
    )
    return CaseReturn.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        department_id=case.department_id,
        proposed=proposed,
        reason=reason.strip()[:300],
        official=access.official,
        at=now,
    )


@transaction.atomic
def change_topic(access: Access, case: Case, topic: Topic, *, now: datetime) -> None:
    """Correct what a case is about; its department stays until somebody assigns it. Raises Refused.

    What was said in it is counted under the new topic from its own hour on, and triage learns of it.
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
    lessons.topic_corrected(access, case, topic, now=now)


def move_deadline(access: Access, case: Case, due_at: datetime, reason: str, *, now: datetime) -> None:
    """Change when an answer is due, never into the past; every change keeps its reason. The warnings begin anew.

    Raises Refused, ValueError, Overtaken where somebody else moved it at the same moment.
    """
    access.require(Permission.CASE_DEADLINE, case.department_id)
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
    with transaction.atomic():
        if Case.objects.select_for_update().get(pk=case.pk).answer_due_at != before:
            raise Overtaken(case)
        change(
            case,
            at=now,
            action="deadline_moved",
            actor=access.official,
            detail={"from": before.isoformat() if before else None, "to": due_at.isoformat(), "reason": reason.strip()},
            **timing.fresh(case, now=now, due_at=due_at),
        )


@transaction.atomic
def reject(access: Access, case: Case, reason: str, *, now: datetime, kind: str = "") -> None:
    """End a case that is spam or abuse, with the reason; `kind` says which of them, and triage learns of it.

    Raises Refused, ValueError, IllegalMove, Overtaken.
    """
    access.require(Permission.CASE_ASSIGN, case.department_id)
    if not reason.strip():
        raise ValueError(_("say why the case is rejected; criticism is not a reason"))
    if kind not in ("", "spam", "abuse"):
        raise ValueError(_("a case is rejected as spam or as abuse"))
    move(
        case,
        Status.REJECTED,
        at=now,
        action="rejected",
        actor=access.official,
        detail={"reason": reason},
        closed_at=now,
    )
    if kind:
        lessons.rejected(access, case, kind, now=now)
