"""Which clock a case runs by, and what time will have to say about it next. Reads only; services write the answers.

A deadline's length is kept in minutes of its own clock (`clock_minutes`), so that half of it stays half after a pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from otklik.cases.enums import EMERGENCY, Status
from otklik.cases.ladder import DEFAULT, Ladder, ladder_of
from otklik.cases.models import Case
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import Clock
from otklik.org.models import ServiceLevel
from otklik.org.queries import calendar_of

WAITING_REMINDER = timedelta(days=3)
"""After so many days without the resident's word the executor is told."""

WAITING_CLOSES = timedelta(days=14)
"""After so many the case is closed; a word opens a new one, tied to it."""

REVIEW = timedelta(days=30)
"""How often a promise is looked at again (domain reference, Default SLA, planned)."""


@dataclass(frozen=True, slots=True)
class CaseClock:
    """How time counts for one case."""

    calendar: WorkCalendar
    clock: Clock
    ladder: Ladder = DEFAULT

    def minutes(self, start: datetime, end: datetime) -> int:
        """Return how many of this clock's minutes lie between two instants; zero if `end` is earlier."""
        span = self.calendar.working_between(start, end) if self.clock == Clock.WORKING else end - start
        return max(0, int(span.total_seconds() // 60))

    def after(self, start: datetime, minutes: int) -> datetime:
        """Return when so many of this clock's minutes have passed."""
        return self.calendar.due_at(start, minutes, self.clock)

    def next_warning(self, *, now: datetime, due_at: datetime, total: int, warned: int) -> datetime | None:
        """Return when the next step of the ladder is due, never outside the hours of telling; None: all was said."""
        step = self.ladder.after(warned)
        if step is None:
            return None
        if step > 100:
            at = self.after(due_at, total * (step - 100) // 100)
        else:
            at = self.after(now, max(0, self.minutes(now, due_at) - total * (100 - step) // 100))
        return self.ladder.next_telling(max(at, now), self.calendar)

    def reached(self, *, now: datetime, due_at: datetime, total: int) -> int:
        """Return how many percent of the time are used up, as the highest step of the ladder; 0 below the first."""
        used = total - self.minutes(now, due_at) + self.minutes(due_at, now)
        return self.ladder.reached(used, total)

    def total(self, case: Case, due_at: datetime) -> int:
        """Return how long the deadline of a case is; of cases from before it was kept, since they were opened."""
        return case.clock_minutes or self.minutes(case.opened_at, due_at) or 1


def level_of(case: Case) -> ServiceLevel | None:
    """Return the service level that a case is answered by; None in a city that has none."""
    levels = ServiceLevel.objects.filter(municipality=case.municipality_id)
    if case.urgency >= EMERGENCY and (level := levels.filter(code="emergency").first()):
        return level
    if case.topic is not None and case.topic.service_level is not None:
        return case.topic.service_level
    return levels.filter(code="normal").first()


def clock_of(case: Case) -> CaseClock:
    """Return the clock of a case."""
    level = level_of(case)
    counts = Clock(level.clock) if level is not None else Clock.WORKING
    return CaseClock(calendar_of(case.municipality), counts, ladder_of(case.municipality_id))


def fresh(case: Case, *, now: datetime, due_at: datetime | None = None) -> dict[str, Any]:
    """Return the changes that start a deadline anew: until `due_at`, or as the service level says."""
    clock = clock_of(case)
    level = level_of(case)
    if due_at is None and level is None:
        return {}
    if due_at is None:
        due_at = clock.after(now, level.answer_minutes if level is not None else 0)
    total = clock.minutes(now, due_at)
    wakes_at = clock.next_warning(now=now, due_at=due_at, total=total, warned=0)
    return {
        "answer_due_at": due_at,
        "clock_minutes": total,
        "warned": 0,
        "wakes_at": wakes_at,
        "calendar_version": clock.calendar.version,
    }


def paused(case: Case, *, now: datetime) -> dict[str, Any]:
    """Return the changes that stop the clock."""
    return {
        "waiting_since": now,
        "due_before_wait": case.answer_due_at,
        "answer_due_at": None,
        "wakes_at": calendar_of(case.municipality).next_working(now + WAITING_REMINDER),
    }


def resumed(case: Case, *, now: datetime) -> dict[str, Any]:
    """Return the changes that let the clock go on with the time that was left; what was late already stays late."""
    since, due_at = case.waiting_since, case.due_before_wait
    changes: dict[str, Any] = {"waiting_since": None, "due_before_wait": None, "wakes_at": None}
    if since is None or due_at is None:
        return changes
    clock = clock_of(case)
    if due_at > since:
        due_at = clock.after(now, clock.minutes(since, due_at))
    if case.clock_minutes is None:
        return {
            **changes,
            "answer_due_at": due_at,
            "wakes_at": clock.ladder.next_telling(max(due_at, now), clock.calendar),
        }
    next_at = clock.next_warning(now=now, due_at=due_at, total=case.clock_minutes, warned=case.warned)
    return {**changes, "answer_due_at": due_at, "wakes_at": next_at}


def promised(case: Case, until: date, *, now: datetime) -> dict[str, Any]:
    """Return the changes that make a promised day the deadline: its end, or that of the working day before it."""
    calendar = calendar_of(case.municipality)
    due_at = calendar.end_of(until)
    return {
        "postponed_until": until,
        "answer_due_at": due_at,
        "clock_minutes": None,
        "warned": 0,
        "wakes_at": min(calendar.next_working(now + REVIEW), calendar.next_working(due_at)),
        "calendar_version": calendar.version,
    }


def second(case: Case, *, now: datetime, due_at: datetime | None = None) -> dict[str, Any]:
    """Return the changes that start the second clock: until `due_at`, or for the days that solving takes."""
    if due_at is not None:
        return {**fresh(case, now=now, due_at=due_at), "solve_due_at": due_at}
    level = level_of(case)
    days = level.interim_solve_days if level is not None else ServiceLevel._meta.get_field("interim_solve_days").default  # noqa: SLF001 - Django's documented interface
    due_at = calendar_of(case.municipality).add_working_days(now, days)
    return {**fresh(case, now=now, due_at=due_at), "solve_due_at": due_at}


def is_promise(case: Case) -> bool:
    """Whether the deadline is a promised day, which has no percents."""
    return case.postponed_until is not None and case.clock_minutes is None


def is_waiting(case: Case) -> bool:
    """Whether the clock stands still."""
    return case.status == Status.WAITING_RESIDENT
