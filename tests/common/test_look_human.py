"""Dates in people's words, in both languages and in the city's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from otklik.common import human

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
"""A Monday, 14:30 in Moscow."""


@pytest.fixture(autouse=True)
def moscow() -> Iterator[None]:
    with timezone.override("Europe/Moscow"):
        yield


@pytest.mark.parametrize(
    ("moment", "russian", "english"),
    [
        (NOW, "только что", "just now"),
        (NOW - timedelta(minutes=21), "21 минуту назад", "21 minutes ago"),
        (NOW - timedelta(hours=3), "сегодня в 11:30", "today at 11:30"),
        (NOW - timedelta(hours=15), "вчера в 23:30", "yesterday at 23:30"),
        (NOW - timedelta(days=6), "во вторник в 14:30", "on Tuesday at 14:30"),
        (NOW - timedelta(days=7), "16 ноября", "16 November"),
        (NOW - timedelta(days=400), "19 октября 2025", "19 October 2025"),
        (NOW + timedelta(days=1), "завтра в 14:30", "tomorrow at 14:30"),
    ],
)
def test_when_is_said_in_words(moment: datetime, russian: str, english: str) -> None:
    with translation.override("ru"):
        assert human.when(moment, now=NOW) == russian
    with translation.override("en"):
        assert human.when(moment, now=NOW) == english


@pytest.mark.parametrize(
    ("moment", "russian"),
    [
        (NOW + timedelta(hours=3, minutes=30), "сегодня до 18:00"),
        (NOW + timedelta(days=1), "завтра до 14:30"),
        (NOW + timedelta(days=2, hours=3, minutes=30), "до среды, 18:00"),
        (NOW + timedelta(days=9), "до 2 декабря, 14:30"),
        (NOW - timedelta(days=1), "срок был вчера в 14:30"),
    ],
)
def test_due_is_a_promise_in_words(moment: datetime, russian: str) -> None:
    with translation.override("ru"):
        assert human.due(moment, now=NOW) == russian


@pytest.mark.parametrize(
    ("past", "russian"),
    [(20, "сейчас"), (300, "5 мин"), (7300, "2 ч"), (47 * 3600, "47 ч"), (3 * 24 * 3600, "3 дн")],
)
def test_age_is_short(past: int, russian: str) -> None:
    with translation.override("ru"):
        assert human.age(NOW - timedelta(seconds=past), now=NOW) == russian


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Анна Берестова", "АБ"), ("иван", "И"), ("Анна-Мария К.", "АМ"), ("42", ""), ("", ""), ("⭐ Star", "S")],
)
def test_initials_are_letters(name: str, letters: str) -> None:
    assert human.initials(name) == letters
