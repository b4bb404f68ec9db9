"""Deadlines in working time, against days that the government published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.org.calendar import NoWorkingTime, WorkCalendar
from otklik.org.enums import Clock, DayKind

MOSCOW = ZoneInfo("Europe/Moscow")
NINE_TO_SIX = ((time(9), time(13)), (time(14), time(18)))
WEEK = WorkCalendar(timezone=MOSCOW, country="RU", hours=dict.fromkeys(range(5), NINE_TO_SIX), overrides={})


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def works(day: str, calendar: WorkCalendar = WEEK) -> bool:
    return calendar.hours_of(date.fromisoformat(day)) != ()


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-03 09:00", 3, "2026-03-03 12:00"),
        ("2026-03-03 10:00", 3, "2026-03-03 13:00"),
        ("2026-03-03 11:00", 3, "2026-03-03 15:00"),
        ("2026-03-03 13:30", 1, "2026-03-03 15:00"),
        ("2026-03-03 17:00", 9, "2026-03-04 18:00"),
        ("2026-03-03 05:00", 8, "2026-03-03 18:00"),
        ("2026-03-03 22:00", 1, "2026-03-04 10:00"),
        ("2026-03-06 17:30", 1, "2026-03-10 09:30"),
    ],
    ids=[
        "morning",
        "until lunch",
        "over lunch",
        "in lunch",
        "nine hours",
        "before opening",
        "night",
        "8 March weekend",
    ],
)
def test_working_hours_pass_over_lunch_nights_and_weekends(start: str, hours: int, due: str) -> None:
    assert WEEK.due_at(at(start), hours * 60, Clock.WORKING) == at(due)


def test_deadline_is_in_utc() -> None:
    assert WEEK.due_at(at("2026-03-03 09:00"), 60, Clock.WORKING).tzinfo == ZoneInfo("UTC")


def test_around_the_clock_counts_nights() -> None:
    assert WEEK.due_at(at("2026-12-31 23:00"), 120, Clock.AROUND) == at("2027-01-01 01:00")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-05-02", False),
        ("2025-05-08", False),
        ("2025-06-13", False),
        ("2025-11-01", True),
        ("2025-11-03", False),
        ("2025-12-31", False),
        ("2026-01-09", False),
        ("2026-01-12", True),
        ("2026-03-09", False),
        ("2026-12-31", False),
        ("2027-02-20", True),
        ("2027-02-22", False),
        ("2027-11-05", False),
        ("2027-12-31", False),
        ("2026-08-15", False),
        ("2026-08-17", True),
    ],
)
def test_moved_days_follow_the_government(day: str, expected: bool) -> None:
    assert works(day) is expected


def test_working_saturday_has_the_hours_of_a_weekday() -> None:
    assert WEEK.hours_of(date(2025, 11, 1)) == NINE_TO_SIX


def test_override_turns_days_off_on_and_short() -> None:
    own = replace(
        WEEK,
        overrides={
            date(2026, 3, 3): DayKind.OFF,
            date(2026, 3, 7): DayKind.WORK,
            date(2026, 3, 5): DayKind.SHORT,
            date(2026, 1, 1): DayKind.WORK,
        },
    )

    assert own.hours_of(date(2026, 3, 3)) == ()
    assert own.hours_of(date(2026, 3, 7)) == NINE_TO_SIX
    assert own.hours_of(date(2026, 3, 5)) == ((time(9), time(13)), (time(14), time(17)))
    assert own.hours_of(date(2026, 1, 1)) == NINE_TO_SIX
    assert own.version.endswith("+4")


def test_short_day_pushes_a_deadline_an_hour_on() -> None:
    short = replace(WEEK, overrides={date(2026, 3, 3): DayKind.SHORT})

    assert short.due_at(at("2026-03-03 16:00"), 120, Clock.WORKING) == at("2026-03-04 10:00")


def test_working_days_end_when_the_last_day_does() -> None:
    assert WEEK.add_working_days(at("2026-03-05 15:00"), 1) == at("2026-03-06 18:00")
    assert WEEK.add_working_days(at("2026-03-06 23:59"), 1) == at("2026-03-10 18:00")
    assert WEEK.add_working_days(at("2025-12-30 10:00"), 7) == at("2026-01-20 18:00")


def test_far_future_still_counts() -> None:
    assert WEEK.add_working(at("2049-06-01 09:00"), timedelta(hours=16)) == at("2049-06-02 18:00")
    assert works("2060-01-01") is False


def test_months_of_working_time_are_found() -> None:
    year = WEEK.working_between(at("2026-01-01 00:00"), at("2027-01-01 00:00"))

    assert year == timedelta(hours=8 * 247)
    assert WEEK.add_working(at("2026-01-01 00:00"), year) == at("2026-12-30 18:00")


def test_clocks_going_forward_do_not_move_the_closing_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night_shift = WorkCalendar(
        timezone=berlin, country="DE", hours=dict.fromkeys(range(7), ((time(9), time(17)),)), overrides={}
    )

    due = night_shift.add_working(at("2026-03-28 16:00", berlin), timedelta(hours=2))

    assert due == datetime(2026, 3, 29, 8, 0, tzinfo=UTC)
    assert due.astimezone(berlin).time() == time(10)


def test_a_day_that_skips_an_hour_is_an_hour_shorter() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    always = WorkCalendar(
        timezone=berlin, country="DE", hours=dict.fromkeys(range(7), ((time(0), time(23, 59)),)), overrides={}
    )

    spring = always.working_between(at("2026-03-29 00:00", berlin), at("2026-03-30 00:00", berlin))

    assert spring == timedelta(hours=22, minutes=59)


def test_working_between_is_zero_backwards_and_on_a_day_off() -> None:
    assert WEEK.working_between(at("2026-03-04 12:00"), at("2026-03-03 12:00")) == timedelta()
    assert WEEK.working_between(at("2026-03-07 00:00"), at("2026-03-10 09:00")) == timedelta()


def test_working_between_and_add_working_agree() -> None:
    start = at("2026-04-29 16:45")

    due = WEEK.add_working(start, timedelta(minutes=1234))

    assert WEEK.working_between(start, due) == timedelta(minutes=1234)


def test_no_working_hours_is_said_and_not_waited_for() -> None:
    empty = replace(WEEK, hours={})

    with pytest.raises(NoWorkingTime, match="Administration, Calendar"):
        empty.add_working(at("2026-03-03 09:00"), timedelta(hours=1))
    with pytest.raises(NoWorkingTime, match="Administration, Calendar"):
        empty.add_working_days(at("2026-03-03 09:00"), 1)
    assert empty.working_between(at("2026-03-03 09:00"), at("2026-03-04 09:00")) == timedelta()


def test_country_without_a_calendar_works_by_weekdays() -> None:
    unknown = replace(WEEK, country="XX")

    assert unknown.hours_of(date(2026, 1, 1)) == NINE_TO_SIX
    assert unknown.hours_of(date(2026, 1, 3)) == ()
