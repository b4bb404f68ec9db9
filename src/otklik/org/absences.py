"""Who is away and who stands in, at a moment. Absences end by themselves: nothing has to be switched back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from otklik.org.models import Absence, Official

LENT = ("executor", "approver", "operator", "curator")
"""Roles that a substitute has meanwhile. The head's own word, people's data and administration are lent to nobody."""


def at_moment(at: datetime) -> Q:
    """Return the condition of absences that hold now."""
    return Q(starts_at__lte=at, ends_at__gt=at)


def absences_of(municipality_id: int, *, since: datetime) -> QuerySet[Absence]:
    """Return a city's absences that go on or are to come, the soonest first."""
    rows = Absence.objects.filter(municipality=municipality_id, ends_at__gt=since).exclude(official__is_active=False)
    return rows.select_related("official__department", "substitute", "entered_by").order_by("starts_at", "id")


def stand_ins(municipality_id: int, at: datetime, officials: Iterable[int] | None = None) -> dict[int, int]:
    """Return who stands in for whom now, by the one who is away: of these officials, or of all (one query)."""
    rows = Absence.objects.filter(at_moment(at), municipality=municipality_id, substitute__is_active=True)
    if officials is not None:
        rows = rows.filter(official__in=set(officials))
    return dict(rows.order_by("id").values_list("official", "substitute"))


def absence_now(official: Official, at: datetime) -> Absence | None:
    """Return the absence that keeps an official away now; None if they work (one query)."""
    rows = Absence.objects.filter(at_moment(at), municipality=official.municipality_id, official=official)
    return rows.select_related("substitute").first()


def stood_in_for(official: Official, at: datetime) -> list[Absence]:
    """Return the absences in which this official stands in now, those that end first first (one query)."""
    rows = Absence.objects.filter(at_moment(at), municipality=official.municipality_id, substitute=official)
    return list(rows.select_related("official").order_by("ends_at", "id"))
