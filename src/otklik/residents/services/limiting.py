"""How often one person or address may do a thing: counted in the database, so that all processes count together."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from otklik.residents.addresses import digest
from otklik.residents.models import DeedCount


def may(municipality_id: int, what: str, who: str, *, most: int, within: timedelta, now: datetime) -> bool:
    """Count one more deed of a sort; False, and nothing counted, when `most` were done within the window.

    A window begins with its first deed. Who it was is kept as a keyed digest only. Two at once are both counted.
    """
    key = _key(municipality_id, what, who)
    if done(municipality_id, what, who, now=now) >= most:
        return False
    with transaction.atomic():
        ends_at = now + within
        row, is_first = DeedCount.objects.select_for_update().get_or_create(
            municipality_id=municipality_id, who_digest=key, defaults={"ends_at": ends_at}
        )
        if is_first:
            return True
        if row.ends_at <= now:
            row.amount, row.ends_at = 0, ends_at
        if row.amount >= most:
            return False
        row.amount += 1
        row.save(update_fields=["amount", "ends_at"])
    return True


def done(municipality_id: int, what: str, who: str, *, now: datetime) -> int:
    """Return how many deeds of a sort were counted in the window that is open; counts nothing. One query."""
    rows = DeedCount.objects.filter(
        municipality=municipality_id, who_digest=_key(municipality_id, what, who), ends_at__gt=now
    )
    return rows.values_list("amount", flat=True).first() or 0


def forget_ended_counts(*, now: datetime) -> int:
    """Remove the counts of windows that have ended; returns how many."""
    return DeedCount.objects.filter(ends_at__lte=now).delete()[0]


def _key(municipality_id: int, what: str, who: str) -> str:
    return digest("deeds", municipality_id, f"{what}:{who}")
