"""Reads of notices."""

from __future__ import annotations

from django.db.models import QuerySet

from otklik.notices.models import Notice
from otklik.org.access import Access

COUNT_CAP = 100
"""The bell stops counting here."""


def notices_of(access: Access) -> QuerySet[Notice]:
    """Return what this official was told, newest first."""
    return Notice.objects.filter(municipality=access.municipality_id, official=access.official)


def unseen_count(access: Access) -> int:
    """Return how many notices this official has not seen, at most COUNT_CAP."""
    return notices_of(access).filter(seen_at__isnull=True).order_by()[:COUNT_CAP].count()
