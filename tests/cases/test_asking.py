"""Days in a search question, as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from otklik.cases.asking import Question, read_question

TODAY = date(2026, 11, 23)


def days(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


@pytest.mark.parametrize(
    ("asked", "words", "first", "last"),
    [
        ("яма 12.11", "яма", days(11, 12), days(11, 12)),
        ("яма 12.11.2025", "яма", days(11, 12, 2025), days(11, 12, 2025)),
        ("снег 2026-11-01..2026-11-05", "снег", days(11, 1), days(11, 5)),
        ("с 1 по 5 ноября мусор", "мусор", days(11, 1), days(11, 5)),
        ("мусор 1–5 ноября", "мусор", days(11, 1), days(11, 5)),
        ("lamp since 1 November", "lamp", days(11, 1), None),
        ("from 30.10 to 02.11", "", days(10, 30), days(11, 2)),
        ("с 28.12 по 02.01", "", days(12, 28, 2025), days(1, 2)),
        ("вода до 3 марта", "вода", None, days(3, 3)),
        ("вчера вода", "вода", days(11, 22), days(11, 22)),
        ("today", "", TODAY, TODAY),
        ("05.11 - 01.11.2020", "", days(11, 5, 2019), days(11, 1, 2020)),
        ("31.12", "", days(12, 31, 2025), days(12, 31, 2025)),
    ],
)
def test_days_are_read_as_people_type_them(asked: str, words: str, first: date | None, last: date | None) -> None:
    assert read_question(asked, today=TODAY) == Question(words, first, last)


@pytest.mark.parametrize(
    "asked",
    ["Садовая 12.45", "ул. 8 Марта", "8 Марта 12", "5 армии", "дом 5", "31.02", "яма", ""],
)
def test_what_is_no_day_stays_words(asked: str) -> None:
    assert read_question(asked, today=TODAY) == Question(asked)


def test_quotes_keep_days_words() -> None:
    assert read_question("«8 марта»", today=TODAY) == Question("8 марта")
