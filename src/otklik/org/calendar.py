"""Working time: when a city works, and deadlines counted in it. Pure; loaded once by queries.calendar_of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from holidays.version import __version__ as holidays_version

from otklik.org.enums import Clock, DayKind

SHORT_DAY_CUT = timedelta(hours=1)
"""The day before a holiday ends an hour earlier (Labour Code of Russia, article 95; for others an override says so)."""

_UTC = ZoneInfo("UTC")

_FAR = 400
"""Days to look ahead before we call a calendar without working hours a mistake."""


class NoWorkingTime(Exception):
    """The calendar has no working hours to count in."""


@dataclass(frozen=True)
class WorkCalendar:
    """A city's working hours by weekday (0 is Monday), its country's holidays, and its own overrides."""

    timezone: ZoneInfo
    country: str
    hours: Mapping[int, tuple[tuple[time, time], ...]]
    overrides: Mapping[date, DayKind]
    _days: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def version(self) -> str:
        """What the deadline was counted by, for the case's record."""
        return f"holidays-{holidays_version}+{len(self.overrides)}"

    def due_at(self, start: datetime, minutes: int, clock: Clock) -> datetime:
        """Return the instant when `minutes` of this clock have passed since `start` (aware), in UTC."""
        if clock == Clock.WORKING:
            return self.add_working(start, timedelta(minutes=minutes))
        return start + timedelta(minutes=minutes)

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """Return when `amount` of working time has passed since `start`, in UTC. Raises NoWorkingTime."""
        left = amount
        for begins, ends in self._intervals(start):
            if ends - begins >= left:
                return (begins + left).astimezone(_UTC)
            left -= ends - begins
        raise NoWorkingTime("the calendar has no working hours: set them in the desk, Administration, Calendar")

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Return the end of the `days`-th working day after the day of `start`, in UTC. Raises NoWorkingTime."""
        day = start.astimezone(self.timezone).date()
        for _ in range(_FAR):
            day += timedelta(days=1)
            hours = self.hours_of(day)
            if hours:
                days -= 1
            if hours and days <= 0:
                return datetime.combine(day, hours[-1][1], self.timezone).astimezone(_UTC)
        raise NoWorkingTime("the calendar has no working days: set them in the desk, Administration, Calendar")

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two instants; zero if `end` is earlier."""
        total = timedelta()
        for begins, ends in self._intervals(start):
            if begins >= end:
                break
            total += min(ends, end) - begins
        return total

    def next_working(self, instant: datetime) -> datetime:
        """Return the instant itself in working hours, else when they begin again, in UTC. Raises NoWorkingTime."""
        for begins, _ in self._intervals(instant):
            return begins.astimezone(_UTC)
        raise NoWorkingTime("the calendar has no working hours: set them in the desk, Administration, Calendar")

    def end_of(self, day: date) -> datetime:
        """Return when work ends on a day, or on the last working day before it, in UTC. Raises NoWorkingTime."""
        for back in range(_FAR):
            hours = self.hours_of(day - timedelta(days=back))
            if hours:
                closes = datetime.combine(day - timedelta(days=back), hours[-1][1], self.timezone)
                return closes.astimezone(_UTC)
        raise NoWorkingTime("the calendar has no working days: set them in the desk, Administration, Calendar")

    def hours_of(self, day: date) -> tuple[tuple[time, time], ...]:
        """Return the intervals that the city works on a day, none on a day off."""
        kind = self.overrides.get(day)
        if kind is None:
            kind = _country_kind(self.country, day)
        if kind == DayKind.OFF or (kind is None and day.weekday() not in self.hours):
            return ()
        # A working Saturday has no hours of its own: it works like the week's first working day.
        intervals = self.hours.get(day.weekday()) or next((self.hours[w] for w in sorted(self.hours)), ())
        if kind == DayKind.SHORT and intervals:
            begins, ends = intervals[-1]
            shorter = (datetime.combine(day, ends) - SHORT_DAY_CUT).time()
            intervals = (*intervals[:-1], (begins, max(begins, shorter)))
        return intervals

    def _intervals(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield working intervals from `start` on in UTC, the first one cut to begin there."""
        first = start.astimezone(self.timezone).date()
        for ahead in range(_FAR):
            for opens, closes in self._day(first + timedelta(days=ahead)):
                if start < closes:
                    yield max(opens, start), closes

    def _day(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return when a day's intervals begin and end, in UTC: a batch of messages asks for the same few days."""
        known = self._days.get(day)
        if known is None:
            # In UTC: within one zone Python subtracts by the wall clock, an hour wrong across a change.
            known = tuple(
                (self._instant(day, opens), self._instant(day, closes))
                for opens, closes in self.hours_of(day)
                if opens < closes
            )
            self._days[day] = known
        return known

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.timezone).astimezone(_UTC)


@lru_cache(maxsize=4096)
def _country_kind(country: str, day: date) -> DayKind | None:
    """Return what the country's calendar says of a day that is not as its weekday is."""
    calendar = _country(country, day.year)
    if calendar is None:
        return None
    if day in calendar:
        return DayKind.OFF
    if day.weekday() >= 5 and calendar.is_working_day(day):
        return DayKind.WORK
    return None


def country_knows(country: str, year: int) -> bool:
    """Return whether the library knows the country and, where the days off are moved every year, this year's moves."""
    calendar = _country(country, year)
    if calendar is None:
        return False
    moved = getattr(calendar, "special_public_holidays", {})
    last = max(moved, default=year)
    moves_every_year = all(last - back in moved for back in range(4))
    return year <= last or not moves_every_year


@lru_cache(maxsize=64)
def _country(country: str, year: int) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country, years=[year])
    except NotImplementedError:
        return None
