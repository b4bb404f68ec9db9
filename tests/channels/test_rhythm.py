"""Silence is told against a channel's own week: exact, never in its first weeks, and not for one busy hour."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from otklik.channels.rhythm import ALARM, is_silent, surprise

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)


def mornings(weeks: int, *, hours: range = range(8, 20)) -> list[datetime]:
    """Something came in these hours of every day, for so many weeks before MONDAY."""
    days = range(7 * weeks)
    return [MONDAY - timedelta(days=day + 1) + timedelta(hours=hour) for day in days for hour in hours]


def test_every_hour_adds_what_its_weeks_say() -> None:
    busy = mornings(8)
    since = MONDAY + timedelta(hours=9)

    one_in_nine_empty = -math.log1p(-8 / 9)

    assert surprise(busy, weeks=8, since=since, now=since) == 0
    assert surprise(busy, weeks=8, since=since, now=since + HOUR) == pytest.approx(one_in_nine_empty)
    assert surprise(busy, weeks=8, since=since, now=since + HOUR / 2) == pytest.approx(one_in_nine_empty / 2)
    assert surprise(busy, weeks=8, since=since, now=since + 24 * HOUR) == pytest.approx(12 * one_in_nine_empty)


def test_nights_are_no_silence() -> None:
    since = MONDAY - timedelta(days=1) + timedelta(hours=20)

    assert surprise(mornings(8), weeks=8, since=since, now=since + 12 * HOUR) == 0


def test_weeks_that_pass_in_silence_add_up() -> None:
    since = MONDAY + timedelta(hours=9)
    week = surprise(mornings(8), weeks=8, since=since, now=since + WEEK)

    assert surprise(mornings(8), weeks=8, since=since, now=since + 3 * WEEK) == pytest.approx(3 * week)


def test_many_messages_in_one_hour_are_one_busy_hour() -> None:
    since = MONDAY + timedelta(hours=9)
    once = [MONDAY - WEEK + timedelta(hours=9)]

    one = surprise(once, weeks=8, since=since, now=since + HOUR)

    assert one == surprise(once * 500, weeks=8, since=since, now=since + HOUR) == pytest.approx(-math.log1p(-1 / 9))


@pytest.mark.parametrize(("hours", "told"), [(3, False), (3.2, True), (30, True)])
def test_busy_channel_is_told_of_after_a_few_hours(hours: float, told: bool) -> None:
    since = MONDAY + timedelta(hours=9)

    assert math.exp(-ALARM) == pytest.approx(0.001)
    assert is_silent(mornings(8), first_at=MONDAY - 8 * WEEK, since=since, now=since + hours * HOUR) is told


@pytest.mark.parametrize(("weeks", "told"), [(3, False), (4, True)])
def test_no_alarm_in_the_first_weeks(weeks: int, told: bool) -> None:
    first_at = MONDAY - weeks * WEEK

    assert is_silent(mornings(weeks), first_at=first_at, since=MONDAY, now=MONDAY + 2 * WEEK) is told


def test_channel_with_a_message_a_week_may_be_quiet_for_weeks() -> None:
    weekly = [MONDAY - number * WEEK + timedelta(hours=10) for number in range(1, 9)]
    since = MONDAY - WEEK + timedelta(hours=10)

    assert is_silent(weekly, first_at=MONDAY - 9 * WEEK, since=since, now=since + 3 * WEEK) is False
    assert is_silent(weekly, first_at=MONDAY - 9 * WEEK, since=since, now=since + 5 * WEEK) is True


def test_silence_does_not_teach_itself() -> None:
    since = MONDAY + timedelta(hours=9)
    later = [since + timedelta(days=day) for day in range(3)]

    assert surprise([*mornings(8), *later], weeks=8, since=since, now=since + WEEK) == surprise(
        mornings(8), weeks=8, since=since, now=since + WEEK
    )
