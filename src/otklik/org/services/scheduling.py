"""When the city works: hours of the week, and days that differ from the country's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from itertools import pairwise
from typing import Any

import holidays
from django.db import transaction
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.enums import DayKind
from otklik.org.errors import NotPossible
from otklik.org.models import CalendarDay, WorkingHours
from otklik.org.services.auditing import audit, ours, save_audited

Interval = tuple[time, time]


@transaction.atomic
def set_hours(access: Access, week: Mapping[int, Sequence[Interval]]) -> None:
    """Replace the working hours of the week (0 is Monday). Deadlines already given stay.

    Raises NotPossible about the field `day<weekday>` where intervals overlap or run backwards, Refused.
    """
    access.require(Permission.CITY_MANAGE)
    for weekday, intervals in week.items():
        _check_intervals(weekday, intervals)
    if not any(week.values()):
        raise NotPossible(_("The city has to work some time, or no deadline can be counted."), field="day0")
    old = WorkingHours.objects.filter(municipality=access.municipality_id)
    before, after = _words(_by_day(old)), _words({day: sorted(intervals) for day, intervals in week.items()})
    if before == after:
        return
    old.delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(municipality_id=access.municipality_id, weekday=weekday, starts=starts, ends=ends)
        for weekday, intervals in week.items()
        for starts, ends in intervals
    )
    audit(access, "hours.changed", "", before=before, after=after)


def _check_intervals(weekday: int, intervals: Sequence[Interval]) -> None:
    field = f"day{weekday}"
    if any(ends <= starts for starts, ends in intervals):
        raise NotPossible(_("An interval has to end after it starts."), field=field)
    ordered = sorted(intervals)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise NotPossible(_("These intervals overlap: leave a break between them."), field=field)


def _by_day(rows: Any) -> dict[int, list[Interval]]:
    week: dict[int, list[Interval]] = {}
    for row in rows:
        week.setdefault(row.weekday, []).append((row.starts, row.ends))
    return week


def _words(week: Mapping[int, Sequence[Interval]]) -> str:
    """Return a week as the audit keeps it: "0 09:00-13:00 14:00-18:00; 1 …"."""
    days = (
        f"{weekday} " + " ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in intervals)
        for weekday, intervals in sorted(week.items())
        if intervals
    )
    return "; ".join(days)


@transaction.atomic
def set_day(access: Access, day: date, kind: DayKind, *, note: str, source: str) -> CalendarDay:
    """Say how the city works on a day, whatever the country's calendar says. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    row = CalendarDay.objects.filter(municipality=access.municipality_id, date=day).first()
    row = row or CalendarDay(municipality_id=access.municipality_id, date=day)
    row.kind, row.note, row.source = kind, note.strip(), source.strip()
    return save_audited(access, row, "day", taken="date", subject=day.isoformat())


@transaction.atomic
def clear_day(access: Access, row: CalendarDay) -> None:
    """Let the country's calendar decide about a day again. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, row)
    row.delete()
    audit(access, "day.cleared", row.date.isoformat(), kind=row.kind, note=row.note)


def moved_days_known(country: str, year: int) -> bool | None:
    """Return whether we know which days the government moved in a year; None where a country moves none.

    A country that moved days in most of the ten years before is taken to move them every year. Until the library that
    we take holidays from has the year's decree, the calendar knows statutory holidays only.
    """
    try:
        calendar = holidays.country_holidays(country, years=[year])
    except NotImplementedError:
        return False
    moved: set[int] = set()
    for table in ("special_public_holidays", "special_public_holidays_observed"):
        moved |= dict.keys(getattr(calendar, table, {}))
    if year in moved:
        return True
    return False if len(moved & set(range(year - 10, year))) > 5 else None
