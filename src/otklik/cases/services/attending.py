"""Saying that one looks at a case or a message, types there, or has left; and reading who else does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from otklik.cases.presences import Presence, PresenceAt
from otklik.cases.queries import visible_cases
from otklik.channels.queries import operator_queue
from otklik.common import bell
from otklik.org.access import Access, Permission
from otklik.org.services.announcing import announce

GOOD_FOR: Final = timedelta(seconds=60)
"""Without a word for so long nobody is there any more; pages say it every 20 seconds."""

TYPES_FOR: Final = timedelta(seconds=12)
"""So long after a letter somebody still counts as typing; pages say it every 5 seconds while letters come."""

_FORGOTTEN: Final = timedelta(minutes=10)
MOST: Final = 100
"""Places that are asked about at once: a page shows fifty rows."""


@dataclass(frozen=True, slots=True)
class There:
    """Somebody else at a place."""

    name: str
    is_typing: bool
    until: datetime


@transaction.atomic
def attend(access: Access, at: PresenceAt, ref: int, *, typing: bool, now: datetime) -> bool:
    """Note that one looks at this, and types there. Open screens hear of a change, not of every repetition.

    Returns False for what this official may not see. Safe to repeat.
    """
    if ref not in seen_by(access, at, [ref]):
        return False
    Presence.objects.filter(seen_at__lt=now - _FORGOTTEN, municipality=access.municipality_id).delete()
    mine = Presence.objects.filter(municipality=access.municipality_id, at=at, ref=ref, official=access.official)
    before = mine.first()
    typing_until = now + TYPES_FOR if typing else None
    Presence.objects.bulk_create(
        [
            Presence(
                municipality_id=access.municipality_id,
                at=at,
                ref=ref,
                official=access.official,
                seen_at=now,
                typing_until=typing_until,
            )
        ],
        update_conflicts=True,
        unique_fields=["municipality", "at", "ref", "official"],
        update_fields=["seen_at", "typing_until"],
    )
    was_there = before is not None and before.seen_at > now - GOOD_FOR
    was_typing = before is not None and before.typing_until is not None and before.typing_until > now
    if not was_there or was_typing != typing:
        _tell(access, at, ref, now)
    return True


@transaction.atomic
def leave(access: Access, at: PresenceAt, ref: int, *, now: datetime) -> None:
    """Note that one looks at it no more. Safe to repeat."""
    mine = Presence.objects.filter(municipality=access.municipality_id, at=at, ref=ref, official=access.official)
    if mine.delete()[0]:
        _tell(access, at, ref, now)


def others_at(access: Access, at: PresenceAt, refs: Collection[int], *, now: datetime) -> dict[int, list[There]]:
    """Return who else is at each of these places, whoever types first; only of what one may see. Two queries."""
    allowed = seen_by(access, at, list(refs)[:MOST])
    rows = Presence.objects.filter(
        municipality=access.municipality_id, at=at, ref__in=allowed, seen_at__gt=now - GOOD_FOR
    )
    found: dict[int, list[There]] = {}
    for row in rows.exclude(official=access.official).select_related("official").order_by("ref", "id"):
        types = row.typing_until is not None and row.typing_until > now
        until = row.typing_until if types and row.typing_until is not None else row.seen_at + GOOD_FOR
        found.setdefault(row.ref, []).append(There(row.official.full_name, types, until))
    return {ref: sorted(people, key=lambda one: not one.is_typing) for ref, people in found.items()}


def seen_by(access: Access, at: PresenceAt, refs: Collection[int]) -> set[int]:
    """Return which of these the official may see (one query)."""
    if at == PresenceAt.CASE:
        return set(visible_cases(access).filter(pk__in=refs).values_list("pk", flat=True))
    if not access.allows(Permission.MESSAGE_SORT):
        return set()
    return set(operator_queue(access.municipality_id).order_by().filter(pk__in=refs).values_list("pk", flat=True))


def _tell(access: Access, at: PresenceAt, ref: int, now: datetime) -> None:
    announce(access.municipality_id, f"at-{at.value}", [ref], at=now)
    bell.ring("live")
