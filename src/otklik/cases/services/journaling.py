"""Writing a case's history: one line for everything that happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from otklik.cases.models import Case, JournalEntry
from otklik.common.inserting import insert_values
from otklik.org.access import Access, Permission
from otklik.org.models import Official

_COLUMNS = ("municipality_id", "case_id", "at", "actor_id", "action", "detail")

Line = tuple[int, int, datetime, int | None, str, dict[str, Any]]
"""One line as a row's values (_COLUMNS)."""


def line(
    case: Case, action: str, *, at: datetime, actor: Official | None = None, detail: dict[str, Any] | None = None
) -> Line:
    """Return an unwritten line (batches write many at once)."""
    return (case.municipality_id, case.pk, at, actor.pk if actor is not None else None, action, detail or {})


def write(lines: Sequence[Line]) -> None:
    """Write these lines."""
    insert_values(JournalEntry, _COLUMNS, lines)


def record(
    case: Case, action: str, *, at: datetime, actor: Official | None = None, detail: dict[str, Any] | None = None
) -> None:
    """Write one line."""
    write([line(case, action, at=at, actor=actor, detail=detail)])


def behalf(access: Access, permission: Permission, case: Case) -> dict[str, Any]:
    """Return what the line of an action says of a substitute: for whom they stand in; nothing in one's own right."""
    absent = access.on_behalf_of(permission, case.department_id)
    if absent is None:
        return {}
    name = Official.objects.filter(pk=absent).values_list("full_name", flat=True).first() or ""
    return {"behalf": absent, "behalf_name": name}
