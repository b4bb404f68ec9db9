"""Who works on a case: assigning, taking, returning what isn't theirs; and sorting by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.enums import Status
from otklik.cases.models import Case, CaseReturn
from otklik.cases.queries import messages_of, open_return, people_in, returns_of
from otklik.cases.services import lessons
from otklik.cases.services.journaling import behalf
from otklik.cases.services.moving import IllegalMove, Overtaken, change, move
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.models import Department, Topic
from otklik.org.services.auditing import ours
from otklik.pulse.services.counting import move as move_counts

PING_PONG = 2
"""Returned so often, a case goes to and fro: a curator decides for good."""


@transaction.atomic
def assign(access: Access, case: Case, department: Department, *, now: datetime, reason: str = "") -> None:
    """Give a case to a department, for triage to learn from; one that was returned is decided with it.

    One that went to and fro (returned twice) is decided for good: by whoever may, with a reason.
    Raises Refused, ValueError, IllegalMove, Overtaken.
    """
    access.require_on(Permission.CASE_ASSIGN, case)
    ours(access, department)
    before = Status(case.status)
    decides = before == Status.RETURNED and len(returns_of(case)) >= PING_PONG
    if decides:
        access.require_on(Permission.CASE_ARBITRATE, case)
        if not reason.strip():
            raise ValueError(_("it was returned twice: say why it is theirs after all, both departments will read it"))
    move(
        case,
        Status.ASSIGNED,
        at=now,
        action="assigned",
        actor=access.official,
        detail={
            "department": department.pk,
            "reason": reason,
            **({"decided": True} if decides else {}),
            **behalf(access, Permission.CASE_ASSIGN, case),
        },
        department=department,
        executor=None,
    )
    lessons.department_chosen(access, case, department, before, now=now)
    if (returned := open_return(case)) is not None:
        accepted = returned.proposed_id == department.pk
        CaseReturn.objects.filter(pk=returned.pk).update(decided_at=now, accepted=accepted, is_final=decides)


def accept_return(access: Access, case: Case, *, now: datetime) -> Department:
    """Send a returned case where the department that returned it says it belongs.

    Raises Refused, ValueError where it was returned twice (that takes a reason), Overtaken.
    """
    access.require_on(Permission.CASE_ASSIGN, case)
    proposal = open_return(case)
    if len(returns_of(case)) >= PING_PONG:
        raise ValueError(_("it was returned twice: choose the department and say why"))
    if case.status != Status.RETURNED or proposal is None or proposal.proposed is None:
        raise Overtaken(case)
    assign(access, case, proposal.proposed, now=now, reason=proposal.reason)
    return proposal.proposed


def take(access: Access, case: Case, *, now: datetime) -> None:
    """Start working on a case oneself. Raises Refused, IllegalMove (also from approval), Overtaken.

    From approval a case goes on by what is approved or sent back: taken up meanwhile, the answer would be sent and the
    case not answered.
    """
    access.require_on(Permission.CASE_DRAFT, case)
    if case.status == Status.APPROVAL:
        raise IllegalMove(case, Status.IN_PROGRESS)
    told = behalf(access, Permission.CASE_DRAFT, case)
    move(case, Status.IN_PROGRESS, at=now, action="taken", actor=access.official, detail=told, executor=access.official)


@transaction.atomic
def give_back(
    access: Access, case: Case, reason: str, *, now: datetime, proposed: Department | None = None
) -> CaseReturn:
    """Return a case that isn't the department's, saying why and whose it may be. The second return calls the curators.

    Raises Refused, ValueError (also after a curator decided for good), IllegalMove, Overtaken.
    """
    access.require_on(Permission.CASE_RETURN, case)
    if not reason.strip():
        raise ValueError(_("say why this case is not yours"))
    if case.department_id is None:
        raise ValueError(_("no department has it yet, so none can give it back"))
    if proposed is not None:
        ours(access, proposed)
        if proposed.pk == case.department_id:
            raise ValueError(_("that is the department that has it now: propose another, or none"))
    earlier = returns_of(case)
    if any(one.is_final for one in earlier):
        raise ValueError(_("it went to and fro, and a curator decided: talk to them, it can't be returned again"))
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
            **behalf(access, Permission.CASE_RETURN, case),
        },
        executor=None,
    )
    if len(earlier) + 1 >= PING_PONG:
        key = f"case:{case.pk}:returned:{len(earlier) + 1}"
        people = people_in(case, Role.CURATOR)
        tell(case.municipality_id, people, NoticeKind.RETURNED_TWICE, key=key, case_number=case.number, at=now)
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
    access.require_on(Permission.CASE_ASSIGN, case)
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


@transaction.atomic
def reject(access: Access, case: Case, reason: str, *, now: datetime, kind: str = "") -> None:
    """End a case that is spam or abuse, with the reason; `kind` says which of them, and triage learns of it.

    Raises Refused, ValueError, IllegalMove, Overtaken.
    """
    access.require_on(Permission.CASE_ASSIGN, case)
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
