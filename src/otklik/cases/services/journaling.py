"""Writing a case's history: one line for everything that happens to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from otklik.cases.models import Case, JournalEntry
from otklik.org.models import Official


def entry(
    case: Case, action: str, *, at: datetime, actor: Official | None = None, detail: dict[str, Any] | None = None
) -> JournalEntry:
    """Return an unsaved line (batches save many at once)."""
    return JournalEntry(
        municipality_id=case.municipality_id, case=case, at=at, actor=actor, action=action, detail=detail or {}
    )


def record(
    case: Case, action: str, *, at: datetime, actor: Official | None = None, detail: dict[str, Any] | None = None
) -> None:
    """Write one line."""
    entry(case, action, at=at, actor=actor, detail=detail).save()
