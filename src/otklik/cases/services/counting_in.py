"""Residents who have the same problem say so without writing: each browser counts once."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import F

from otklik.cases.models import Case
from otklik.cases.openness import SameHere, Showing


def visitor_of(case: Case, token: str) -> str:
    """Return by what a browser is known in this case: a digest that can't be compared with other cities'."""
    return hashlib.sha256(f"{case.municipality_id}:{token}".encode()).hexdigest()


@transaction.atomic
def count_in(case: Case, visitor: str, *, now: datetime) -> bool:
    """Count one more who has it too; False if this browser is counted already. Safe to repeat."""
    mine = {"municipality_id": case.municipality_id, "case": case, "visitor": visitor}
    _, is_new = SameHere.objects.get_or_create(**mine, defaults={"at": now})
    if is_new:
        Showing.objects.filter(case=case).update(same_here=F("same_here") + 1)
    return is_new


@transaction.atomic
def count_out(case: Case, visitor: str) -> bool:
    """Take one's voice back; False if it wasn't there."""
    gone, _ = SameHere.objects.filter(municipality=case.municipality_id, case=case, visitor=visitor).delete()
    if gone:
        Showing.objects.filter(case=case).update(same_here=F("same_here") - 1)
    return bool(gone)


def is_counted(case: Case, visitor: str) -> bool:
    """Return whether this browser is counted in."""
    return SameHere.objects.filter(municipality=case.municipality_id, case=case, visitor=visitor).exists()
