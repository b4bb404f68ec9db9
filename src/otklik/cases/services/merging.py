"""One problem, many voices: a case as a duplicate of another, apart again, and one message on its own.

The messages of a duplicate go to the surviving case, so one answer reaches everybody where they wrote. The duplicate
keeps its number and code: its resident follows the other case by them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from otklik.cases.enums import AnswerState, CaseKind, Status, SuggestionState
from otklik.cases.models import Answer, Case, CaseMessage, Merger, Suggestion
from otklik.cases.services import lessons
from otklik.cases.services.crowding import recount
from otklik.cases.services.moving import Overtaken, change, move, restore
from otklik.cases.services.opening import Opening, open_cases
from otklik.channels.models import Message
from otklik.channels.services.indexing import place_messages
from otklik.org.access import Access, Permission, Refused
from otklik.org.queries import directory_of

_DEADLINE = ("answer_due_at", "clock_minutes", "warned", "wakes_at", "calendar_version")


class CantMerge(ValueError):
    """These two can't be one case; the message says why."""


class CantSplit(ValueError):
    """What was joined can't be taken apart any more; the message says why."""


@transaction.atomic
def merge(access: Access, case: Case, into: Case, *, now: datetime, reason: str = "") -> Merger:
    """Make a case the duplicate of another open one: its voices, the earlier deadline, the higher urgency go there.

    Nobody is told again that we have it. Raises Refused (also for another city's case), CantMerge, IllegalMove,
    Overtaken.
    """
    _allow(access, case, into)
    case, into = _locked(case, into)
    _check(case, into)
    status, wakes_at = Status(case.status), case.wakes_at
    inherited = _inherited(case, into)
    detail = {"into": into.number, "reason": reason}
    move(case, Status.DUPLICATE, at=now, action="merged", actor=access.official, detail=detail, closed_at=now)
    moved = _move_voices(case, into)
    recount(moved, case, into, now=now)
    merger = Merger.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        into=into,
        official=access.official,
        at=now,
        status_before=status,
        wakes_at=wakes_at,
        moved=moved,
        inherited={name: [_plain(getattr(into, name)), _plain(value)] for name, value in inherited.items()},
    )
    detail = {"case": case.number, "voices": len(moved), "reason": reason}
    change(into, at=now, action="took_over", actor=access.official, detail=detail, **inherited)
    _settle_suggestions(access, case, into, now)
    lessons.joined(access, moved, into, now=now)
    return merger


@transaction.atomic
def unmerge(access: Access, case: Case, *, now: datetime) -> None:
    """Take a duplicate back out, as it was. Raises Refused, CantSplit once an answer is on its way, Overtaken."""
    merger = Merger.objects.filter(case=case, undone_at=None).select_related("into").first()
    if merger is None:
        raise CantSplit(_("this case is not joined with another"))
    _allow(access, case, merger.into)
    case, into = _locked(case, merger.into)
    if into.status == Status.DUPLICATE:
        raise CantSplit(
            _("case %(number)s is a duplicate itself by now: take that one out first") % {"number": into.number}
        )
    if _answered_since(into, merger.at) or not into.is_open:
        raise CantSplit(_("the common answer is on its way already: it reached everybody"))
    if Merger.objects.filter(pk=merger.pk, undone_at=None).update(undone_at=now) != 1:
        raise Overtaken(case)
    detail = {"from_case": into.number}
    changes = {"closed_at": None, "wakes_at": merger.wakes_at}
    restore(case, Status(merger.status_before), at=now, action="split", actor=access.official, detail=detail, **changes)
    lessons.taken_apart(access, merger.moved, now=now)
    back = CaseMessage.objects.filter(case=into, message__in=merger.moved).update(case=case)
    _count(case, into)
    recount(merger.moved, into, case, now=now)
    place_messages(dict.fromkeys(merger.moved, (case.pk, case.department_id)))
    unchanged = {
        name: before for name, (before, after) in merger.inherited.items() if _plain(getattr(into, name)) == after
    }
    detail = {"case": case.number, "voices": back}
    change(into, at=now, action="gave_back", actor=access.official, detail=detail, **_revived(unchanged))
    into.refresh_from_db()
    case.refresh_from_db()


@transaction.atomic
def split_message(access: Access, message: Message, *, now: datetime) -> Case:
    """Open a case of its own for one message. Its clock runs from when the message reached us.

    Raises Refused, CantSplit for the only message of a case, or once it is answered.
    """
    row = (
        CaseMessage.objects.filter(message=message, municipality=access.municipality_id).select_related("case").first()
    )
    if row is None:
        raise Refused(Permission.CASE_MERGE)
    _allow(access, row.case)
    case = Case.objects.select_for_update(of=("self",)).select_related("municipality", "topic").get(pk=row.case_id)
    if not case.is_open:
        raise CantSplit(_("the case is finished: its messages stay together"))
    if CaseMessage.objects.filter(case=case).exclude(pk=row.pk).count() == 0:
        raise CantSplit(_("it is the only message of its case"))
    if Answer.objects.filter(case=case, sends__outgoing__reply_to=message).exists():
        raise CantSplit(_("this message is answered already"))
    row.delete()
    opening = Opening(
        message=message,
        kind=CaseKind(case.kind),
        urgency=message.urgency,
        topic=case.topic,
        reason=f"taken out of case {case.number} by {access.official.full_name}",
    )
    fresh = open_cases([opening], directory_of(case.municipality), now=now)[0]
    Case.objects.filter(pk=case.pk).update(message_count=F("message_count") - 1)
    detail = {"message": message.pk, "to_case": fresh.number}
    change(case, at=now, action="message_split", actor=access.official, detail=detail)
    place_messages({message.pk: (fresh.pk, fresh.department_id)})
    lessons.taken_apart(access, [message.pk], now=now)
    return fresh


def _allow(access: Access, *cases: Case) -> None:
    for case in cases:
        access.require_on(Permission.CASE_MERGE, case)


def _locked(case: Case, into: Case) -> tuple[Case, Case]:
    """Return both as they are now, locked in one order whoever asks: two merges never wait for each other."""
    rows = Case.objects.select_for_update().filter(pk__in=[case.pk, into.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[case.pk], found[into.pk]


def _check(case: Case, into: Case) -> None:
    if case.pk == into.pk:
        raise CantMerge(_("a case is no duplicate of itself"))
    if into.status == Status.DUPLICATE:
        raise CantMerge(
            _("case %(number)s is a duplicate itself: join with the one it leads to") % {"number": into.number}
        )
    if not into.is_open:
        raise CantMerge(
            _("case %(number)s is finished: its answer would not reach these residents") % {"number": into.number}
        )
    if Answer.objects.filter(case=into, state=AnswerState.APPROVED).exists():
        raise CantMerge(
            _("the answer of case %(number)s is being sent: wait until it is there") % {"number": into.number}
        )


def _answered_since(case: Case, at: datetime) -> bool:
    return Answer.objects.filter(Q(sent_at__gte=at) | Q(approved_at__gte=at), case=case).exists()


def _move_voices(case: Case, into: Case) -> list[int]:
    rows = CaseMessage.objects.filter(case=case)
    moved = list(rows.order_by("id").values_list("message_id", flat=True))
    rows.update(case=into)
    _count(case, into)
    place_messages(dict.fromkeys(moved, (into.pk, into.department_id)))
    return moved


def _count(*cases: Case) -> None:
    for case in cases:
        voices = CaseMessage.objects.filter(case=case).count()
        Case.objects.filter(pk=case.pk).update(message_count=voices)
        case.message_count = voices


def _inherited(case: Case, into: Case) -> dict[str, Any]:
    """Return what changes in the surviving case: nobody waits longer or counts less for having been joined.

    A deadline comes with its length and its warnings; while the other case waits for its resident, its clock stands.
    """
    found: dict[str, Any] = {}
    if into.status == Status.WAITING_RESIDENT:
        if _is_earlier(case.answer_due_at, into.due_before_wait):
            found["due_before_wait"] = case.answer_due_at
    elif _is_earlier(case.answer_due_at, into.answer_due_at):
        found |= {name: getattr(case, name) for name in _DEADLINE}
    if _is_earlier(case.solve_due_at, into.solve_due_at):
        found["solve_due_at"] = case.solve_due_at
    if case.urgency > into.urgency:
        found["urgency"] = case.urgency
    if case.personal_control and not into.personal_control:
        found["personal_control"] = True
    return found


def _is_earlier(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one < other)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _revived(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values as they were before they became JSON."""
    instants = {name for name in values if name.endswith("_at") or name == "due_before_wait"}
    return {
        name: datetime.fromisoformat(value) if name in instants and value is not None else value
        for name, value in values.items()
    }


def _settle_suggestions(access: Access, case: Case, into: Case, now: datetime) -> None:
    pair = Q(case=case, candidate=into) | Q(case=into, candidate=case)
    Suggestion.objects.filter(pair, state=SuggestionState.OPEN).update(
        state=SuggestionState.ACCEPTED, decided_by=access.official, decided_at=now
    )
