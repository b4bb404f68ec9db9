"""Noticing that a followed case has moved: by comparing what was told with what stands, so that nothing is missed.

Whoever was killed between two looks has lost nothing: the next look finds the same difference.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from otklik.cases.resembling import surviving
from otklik.common import bell
from otklik.residents.enums import MailKind, MailState
from otklik.residents.models import ResidentMail, Subscription
from otklik.residents.stages import stage_of

GATHERS = timedelta(minutes=3)
"""So long a letter waits for what else happens: three turns in three minutes are one letter."""


def note_turns(*, now: datetime, limit: int = 500) -> int:
    """Queue a letter for each subscription whose case has turned; returns how many were looked at."""
    moved = ~Q(watched__updated_at=F("seen_updated_at")) | ~Q(case__updated_at=F("case_seen_at"))
    rows = Subscription.objects.filter(moved, confirmed_at__isnull=False).select_related("case", "watched")
    found = list(rows.order_by("id")[:limit])
    queued = [_note(row, now) for row in found]
    if any(queued):
        bell.ring("mail")
    return len(found)


@transaction.atomic
def _note(row: Subscription, now: datetime) -> bool:
    watched = surviving(row.case)
    stage = stage_of(watched)
    # Both cases' times are seen: a duplicate that is split again is noticed by its own.
    seen = {"seen_updated_at": watched.updated_at, "case_seen_at": row.case.updated_at}
    Subscription.objects.filter(pk=row.pk).update(watched=watched, **seen)
    if not stage or stage == row.told:
        return False
    _queue(row, now)
    return True


def write_again(rows: QuerySet[Subscription], *, now: datetime) -> None:
    """Queue a letter for each of these subscriptions though nothing turned: the link in it is another one now."""
    found = list(rows)
    for row in found:
        _queue(row, now)
    if found:
        bell.ring("mail")


def _queue(row: Subscription, now: datetime) -> None:
    ResidentMail.objects.get_or_create(
        municipality_id=row.municipality_id,
        subscription=row,
        kind=MailKind.WORD,
        state=MailState.QUEUED,
        defaults={
            "address_digest": row.address_digest,
            "language": row.language,
            "due_at": now + GATHERS,
            "created_at": now,
        },
    )
