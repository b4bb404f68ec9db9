"""The only way a case changes its status: along the declared table, and only if it still stands where we saw it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.cases import timing
from otklik.cases.enums import OPEN_STATUSES, TRANSITIONS, Status
from otklik.cases.models import Case
from otklik.cases.services.journaling import record
from otklik.cases.services.planning import redraw
from otklik.channels.services.indexing import place_cases
from otklik.org.models import Official
from otklik.org.services.announcing import announce


class IllegalMove(Exception):
    """The case can't go there from where it stands."""

    def __init__(self, case: Case, to: Status) -> None:
        super().__init__(f"case {case.number} is '{Status(case.status).label}' and can't become '{to.label}'")
        self.case = case
        self.to = to


class Overtaken(Exception):
    """Somebody else changed the case in the meantime: look at it again."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"case {case.number} was changed by somebody else in the meantime")
        self.case = case


@transaction.atomic
def move(
    case: Case,
    to: Status,
    *,
    at: datetime,
    action: str,
    actor: Official | None = None,
    detail: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move a case and change its fields with it, journalled. Raises IllegalMove or Overtaken; then nothing changed."""
    before = Status(case.status)
    if to not in TRANSITIONS[before]:
        raise IllegalMove(case, to)
    values = {**changes, "status": to, "updated_at": at}
    if to not in OPEN_STATUSES:
        values["wakes_at"] = None  # nothing is owed: time has nothing to say
    elif before == Status.WAITING_RESIDENT:
        values = {**timing.resumed(case, now=at), **values}
    if Case.objects.filter(pk=case.pk, status=before).update(**values) != 1:
        raise Overtaken(case)
    for name, value in values.items():
        setattr(case, name, value)
    _follow(case, values, at)
    record(case, action, at=at, actor=actor, detail={"from": before.value, "to": to.value, **(detail or {})})
    announce(case.municipality_id, "case", [case.pk], at=at)


@transaction.atomic
def restore(
    case: Case,
    to: Status,
    *,
    at: datetime,
    action: str,
    actor: Official | None = None,
    detail: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Let a duplicate stand again where it stood, the one step that the table doesn't hold.

    Raises IllegalMove for a status that no duplicate came from, Overtaken.
    """
    if case.status != Status.DUPLICATE or Status.DUPLICATE not in TRANSITIONS[to]:
        raise IllegalMove(case, to)
    values = {**changes, "status": to, "updated_at": at}
    if Case.objects.filter(pk=case.pk, status=Status.DUPLICATE).update(**values) != 1:
        raise Overtaken(case)
    for name, value in values.items():
        setattr(case, name, value)
    record(case, action, at=at, actor=actor, detail={"from": Status.DUPLICATE.value, "to": to.value, **(detail or {})})
    announce(case.municipality_id, "case", [case.pk], at=at)


@transaction.atomic
def change(
    case: Case,
    *,
    at: datetime,
    action: str,
    actor: Official | None = None,
    detail: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Change fields of a case without moving it, journalled."""
    Case.objects.filter(pk=case.pk).update(**changes, updated_at=at)
    for name, value in changes.items():
        setattr(case, name, value)
    _follow(case, changes, at)
    record(case, action, at=at, actor=actor, detail=detail)
    announce(case.municipality_id, "case", [case.pk], at=at)


def _follow(case: Case, changes: Mapping[str, Any], at: datetime) -> None:
    if "department" in changes:
        place_cases([case.pk], case.department_id)
    if "answer_due_at" in changes and case.personal_control:
        redraw(case, now=at)
