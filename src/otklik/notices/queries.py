"""Reads of notices."""

from __future__ import annotations

from django.db.models import QuerySet

from otklik.common.prepared import Prepared
from otklik.notices.models import Notice
from otklik.org.access import Access

COUNT_CAP = 100
"""The bell stops counting here."""


def notices_of(access: Access) -> QuerySet[Notice]:
    """Return what this official was told, newest first."""
    return Notice.objects.filter(municipality=access.municipality_id, official=access.official)


def unseen_count(access: Access) -> int:
    """Return how many notices this official has not seen, at most COUNT_CAP."""
    return len(_UNSEEN.rows(access.municipality_id, access.official.pk))


def unseen_by(municipality_id: int, official: int) -> QuerySet[Notice]:
    """Return the notices that an official has not seen, in no order."""
    return Notice.objects.filter(municipality=municipality_id, official=official, seen_at=None).order_by()


_UNSEEN = Prepared(lambda city, official: unseen_by(city, official).values_list("pk")[:COUNT_CAP])
