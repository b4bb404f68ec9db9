"""Telling open screens that something changed: a row of ids written with the change itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from otklik.common.inserting import insert_values
from otklik.org.models import LiveChange

KEPT = timedelta(hours=1)


def announce(municipality_id: int, kind: str, refs: Iterable[int], *, at: datetime) -> None:
    """Note that these rows changed. The gate passes the ids on; pages fetch what they may see."""
    insert_values(
        LiveChange, ("municipality_id", "at", "kind", "refs"), [(municipality_id, at, kind, list(refs)[:200])]
    )


def forget_old_changes(now: datetime) -> int:
    """Remove notes older than an hour; returns how many."""
    return LiveChange.objects.filter(at__lt=now - KEPT).delete()[0]
