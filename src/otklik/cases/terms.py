"""The terms of formal appeals: which day is the last, and when officials are told that it nears. Reads only."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from django.db.models import QuerySet

from otklik.cases.formal import Appeal, AppealRules, AppealState, DayCount, DayOff
from otklik.cases.models import Case
from otklik.common.prepared import PreparedObjects
from otklik.org.access import Access, Permission
from otklik.org.calendar import WorkCalendar
from otklik.org.models import Municipality

LAST_DAY: Final = 100
LATE: Final = 101
STEPS: Final = (50, 75, LAST_DAY, LATE)
"""Percent of a term's days at which somebody is told: 100 is the morning of the last day, 101 the one after it."""

_LONGEST = 400


def rules_of(municipality: Municipality) -> AppealRules:
    """Return the city's rules for formal appeals; those of its jurisdiction where it set none (one query)."""
    kept = AppealRules.objects.filter(municipality=municipality).first()
    if kept is not None:
        return kept
    packs = _packs()
    pack = packs.get(municipality.jurisdiction) or packs["eu"]
    return AppealRules(municipality=municipality, **pack)


@lru_cache(maxsize=1)
def _packs() -> dict[str, dict[str, Any]]:
    text = resources.files("otklik.cases").joinpath("data", "appeals.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Terms:
    """How one city counts the days of its law."""

    rules: AppealRules
    calendar: WorkCalendar

    def last_day(self, start: date, days: int) -> date:
        """Return the last day of a term that begins on the day after `start`; moved off a day off as the city says."""
        if self.rules.counts == DayCount.WORKING:
            return self._working_day(start, days)
        day = start + timedelta(days=days)
        step = timedelta(days=1 if self.rules.day_off == DayOff.NEXT else -1)
        for _ in range(_LONGEST):
            if self.calendar.hours_of(day):
                return day
            day += step
        return start + timedelta(days=days)

    def _working_day(self, start: date, days: int) -> date:
        day, left = start, days
        for _ in range(_LONGEST):
            if left <= 0:
                break
            day += timedelta(days=1)
            left -= bool(self.calendar.hours_of(day))
        return day

    def wakes_at(self, start: date, due: date, *, warned: int, now: datetime) -> datetime | None:
        """Return when the next step of a term is told, always in working hours; None: all was said."""
        step = next((one for one in STEPS if one > warned), None)
        if step is None:
            return None
        day = due + timedelta(days=1) if step == LATE else start + (due - start) * step // 100
        morning = datetime.combine(day, time(), self.calendar.timezone)
        return self.calendar.next_working(max(morning, now))

    def reached(self, start: date, due: date, today: date) -> int:
        """Return the highest step that a day has come to; 0 below the first."""
        if today > due:
            return LATE
        return max((step for step in STEPS[:-1] if today >= start + (due - start) * step // 100), default=0)

    def today(self, now: datetime) -> date:
        """Return the day by the city's clock."""
        return now.astimezone(self.calendar.timezone).date()


def start_of(appeal: Appeal) -> date:
    """Return the day that the present term counts from."""
    return appeal.registered_on if appeal.registered_on is not None else appeal.received_on


def appeals_of(case: Case) -> list[Appeal]:
    """Return the formal appeals about a case's matter, oldest first."""
    rows = _APPEALS.list(case.municipality_id, case.pk)
    for row in rows:
        row.case = case
    return rows


_APPEALS = PreparedObjects(
    lambda city, case: Appeal.objects.filter(municipality=city, case=case).select_related("forwarded_to").order_by("id")
)


RUNNING: Final = (AppealState.RECEIVED, AppealState.REGISTERED)


def running(access: Access) -> QuerySet[Appeal]:
    """Return the appeals whose clock runs, the soonest due first. Raises Refused without the permission."""
    return _own(access).filter(state__in=RUNNING).order_by("due_on", "id")


def ended(access: Access) -> QuerySet[Appeal]:
    """Return the appeals that came to an end, newest first. Raises Refused without the permission."""
    return _own(access).exclude(state__in=RUNNING).order_by("-id")


def _own(access: Access) -> QuerySet[Appeal]:
    departments = access.departments_for(Permission.APPEAL_REGISTER)
    rows = Appeal.objects.filter(municipality=access.municipality_id).select_related("case__department")
    return rows if departments is None else rows.filter(case__department__in=departments)
