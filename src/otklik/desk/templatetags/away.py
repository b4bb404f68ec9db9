"""The days of an absence as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import dateformat, timezone

from otklik.org.models import Absence

register = template.Library()


@register.filter
def last_day(absence: Absence) -> str:
    """Return the last day that somebody is away."""
    return _day(absence.ends_at - timedelta(seconds=1))


@register.filter
def first_day(absence: Absence) -> str:
    """Return the first day that somebody is away."""
    return _day(absence.starts_at)


def _day(moment: datetime) -> str:
    return dateformat.format(timezone.localtime(moment), "l, j E")
