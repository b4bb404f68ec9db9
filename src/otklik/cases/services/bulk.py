"""One thing done to many cases at once: all that may be done in one transaction, the others named with why; and undone.

Set statements, not one service call for each case: a thousand cases take a second or two, not a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from otklik.cases.enums import TRANSITIONS, BulkKind, Status
from otklik.cases.models import BulkAction, BulkStep, Case
from otklik.cases.queries import visible_cases
from otklik.cases.services.journaling import Line, line, write
from otklik.channels.services.indexing import place_cases
from otklik.common.inserting import insert
from otklik.org.access import Access, Permission, Refused
from otklik.org.models import Department, Topic
from otklik.org.services.announcing import announce

MOST: Final = 1_000
"""Cases of one action."""

UNDO_FOR: Final = timedelta(minutes=10)

_PERMISSION: Final = {
    BulkKind.ASSIGN: Permission.CASE_ASSIGN,
    BulkKind.TOPIC: Permission.CASE_ASSIGN,
    BulkKind.CONTROL: Permission.CONTROL_SET,
    BulkKind.REJECT: Permission.CASE_ASSIGN,
    BulkKind.SNOOZE: Permission.CASE_VIEW,
}
_ACTION: Final = {
    BulkKind.ASSIGN: "assigned",
    BulkKind.TOPIC: "topic_changed",
    BulkKind.CONTROL: "control_set",
    BulkKind.REJECT: "rejected",
}
_FIELDS: Final = ("status", "department_id", "executor_id", "topic_id", "personal_control", "closed_at", "wakes_at")
_ANNOUNCED: Final = 200


class TooLate(Exception):
    """The time to take it back is over, or somebody did already."""

    def __init__(self) -> None:
        super().__init__("this can't be taken back any more: change the cases one by one")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done; of the last three, what its kind needs."""

    kind: BulkKind
    department: Department | None = None
    topic: Topic | None = None
    reason: str = ""


@dataclass(slots=True)
class Outcome:
    """What was done, and what was not, by why: `permission`, `same`, `alone`, `status` or `moved`."""

    action: BulkAction
    done: list[int] = field(default_factory=list)
    refused: dict[str, list[int]] = field(default_factory=dict)

    def refuse(self, why: str, case: Case) -> None:
        """Note a case that stays as it is (by its public number)."""
        self.refused.setdefault(why, []).append(case.number)


def permission_for(kind: BulkKind) -> Permission:
    """Return what an official needs for an action of this kind."""
    return _PERMISSION[kind]


def kinds_for(access: Access) -> list[BulkKind]:
    """Return what this official may do to many cases."""
    return [kind for kind, permission in _PERMISSION.items() if access.holds(permission)]


@transaction.atomic
def do_to_many(access: Access, case_ids: Sequence[int], wish: Wish, *, now: datetime) -> Outcome:
    """Do it to all of these cases that allow it, or to none if anything breaks; what is refused says why.

    Cases the official may not see are not even counted. Raises Refused without the permission anywhere at all,
    ValueError for more than MOST cases, or where something is missing from the wish.
    """
    access.departments_for(_PERMISSION[wish.kind])
    _check(wish)
    if len(set(case_ids)) > MOST:
        raise ValueError(f"{MOST} cases at once are the most: choose fewer")
    visible = visible_cases(access).filter(pk__in=set(case_ids))
    # Locked in one order, so that two of these never wait for each other.
    cases = list(Case.objects.filter(pk__in=visible.values("pk")).order_by("pk").select_for_update())
    action = BulkAction(
        municipality_id=access.municipality_id, official=access.official, kind=wish.kind, detail=_told(wish), at=now
    )
    outcome = Outcome(action)
    ready = [case for case in cases if _allowed(access, case, wish, outcome)]
    action.save()
    steps = [step_of(action, case) for case in ready]
    values = _values(wish, now)
    Case.objects.filter(pk__in=[case.pk for case in ready]).update(**values, updated_at=now)
    if wish.department is not None:
        place_cases([case.pk for case in ready], wish.department.pk)
    insert(steps)
    write([_line(access, case, wish, now) for case in ready])
    announce_cases(access, ready, now)
    outcome.done = [case.number for case in ready]
    return outcome


@transaction.atomic
def undo(access: Access, action: BulkAction, *, now: datetime, moved: frozenset[int] = frozenset()) -> Outcome:
    """Take an action back where nothing has moved since: every case as it was before, with a line in its history.

    `moved` are cases of which the caller knows that something has. Raises Refused for somebody else's action, TooLate
    after UNDO_FOR or for one that was taken back already.
    """
    if action.official_id != access.official.pk or action.municipality_id != access.municipality_id:
        raise Refused("another person's action")
    fresh = BulkAction.objects.filter(pk=action.pk, undone_at=None, at__gt=now - UNDO_FOR)
    if fresh.update(undone_at=now) != 1:
        raise TooLate
    outcome = Outcome(action)
    steps = {step.case_id: step for step in BulkStep.objects.filter(action=action)}
    cases = list(Case.objects.filter(pk__in=steps).order_by("pk").select_for_update())
    groups: dict[tuple[Any, ...], list[Case]] = {}
    for case in cases:
        if case.updated_at != action.at or case.pk in moved:
            outcome.refuse("moved", case)
        else:
            groups.setdefault(tuple(steps[case.pk].before[name] for name in _FIELDS), []).append(case)
    for values, group in groups.items():
        before = dict(zip(_FIELDS, values, strict=True))
        Case.objects.filter(pk__in=[case.pk for case in group]).update(**before, updated_at=now)
        place_cases([case.pk for case in group], before["department_id"])
    back = [case for group in groups.values() for case in group]
    detail = {"action": action.kind}
    write([line(case, "bulk_undone", at=now, actor=access.official, detail=detail) for case in back])
    announce_cases(access, back, now)
    outcome.done = [case.number for case in back]
    return outcome


def _check(wish: Wish) -> None:
    if wish.kind in (BulkKind.SNOOZE, BulkKind.MACRO):
        raise TypeError("that is done elsewhere: cases.services.snoozing, cases.services.macros")
    if wish.kind == BulkKind.ASSIGN and wish.department is None:
        raise ValueError("choose a department")
    if wish.kind == BulkKind.TOPIC and wish.topic is None:
        raise ValueError("choose a topic")
    if wish.kind == BulkKind.REJECT and not wish.reason.strip():
        raise ValueError("say why the cases are rejected; criticism is not a reason")


_IS_SAME: Final[Mapping[BulkKind, Callable[[Case, Wish], bool]]] = {
    BulkKind.ASSIGN: lambda case, wish: (
        wish.department is not None and case.department_id == wish.department.pk and case.status == Status.ASSIGNED
    ),
    BulkKind.TOPIC: lambda case, wish: wish.topic is not None and case.topic_id == wish.topic.pk,
    BulkKind.CONTROL: lambda case, _: case.personal_control,
    BulkKind.REJECT: lambda case, _: case.status == Status.REJECTED,
}
ALONE: Final = (Status.RETURNED, Status.WAITING_RESIDENT)
"""A proposal or a question hangs on these: each is decided by itself."""

_MOVES_TO: Final = {BulkKind.ASSIGN: Status.ASSIGNED, BulkKind.REJECT: Status.REJECTED}


def _allowed(access: Access, case: Case, wish: Wish, outcome: Outcome) -> bool:
    to = _MOVES_TO.get(wish.kind)
    if not access.allows(_PERMISSION[wish.kind], case.department_id):
        outcome.refuse("permission", case)
    elif _IS_SAME[wish.kind](case, wish):
        outcome.refuse("same", case)
    elif to is not None and case.status in ALONE:
        outcome.refuse("alone", case)
    elif (to is not None and to not in TRANSITIONS[Status(case.status)]) or (to is None and not case.is_open):
        outcome.refuse("status", case)
    else:
        return True
    return False


def _values(wish: Wish, now: datetime) -> dict[str, Any]:
    match wish.kind:
        case BulkKind.ASSIGN:
            return {"status": Status.ASSIGNED, "department": wish.department, "executor": None}
        case BulkKind.TOPIC:
            return {"topic": wish.topic}
        case BulkKind.CONTROL:
            return {"personal_control": True}
        case _:
            return {"status": Status.REJECTED, "closed_at": now, "wakes_at": None}


def _told(wish: Wish) -> dict[str, Any]:
    return {
        "department": wish.department.pk if wish.department else None,
        "topic": wish.topic.code if wish.topic else None,
        "reason": wish.reason.strip(),
    }


def step_of(action: BulkAction, case: Case) -> BulkStep:
    """Return an unsaved note of how a case stands before an action."""
    before = {name: getattr(case, name) for name in _FIELDS}
    for name in ("closed_at", "wakes_at"):
        before[name] = before[name].isoformat() if before[name] else None
    return BulkStep(municipality_id=case.municipality_id, action_id=action.pk, case_id=case.pk, before=before)


def _line(access: Access, case: Case, wish: Wish, now: datetime) -> Line:
    detail: dict[str, Any] = {"from": case.status, "bulk": True}
    if wish.department is not None:
        detail |= {"to": Status.ASSIGNED.value, "department": wish.department.pk}
    if wish.topic is not None:
        detail = {"to": wish.topic.code, "bulk": True}
    if wish.reason.strip():
        detail["reason"] = wish.reason.strip()
    return line(case, _ACTION[wish.kind], at=now, actor=access.official, detail=detail)


def announce_cases(access: Access, cases: Sequence[Case], now: datetime) -> None:
    """Let open screens know of these cases."""
    ids = [case.pk for case in cases]
    for start in range(0, len(ids), _ANNOUNCED):
        announce(access.municipality_id, "case", ids[start : start + _ANNOUNCED], at=now)
