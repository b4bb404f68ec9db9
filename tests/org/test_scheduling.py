"""Hours and days are set whole, checked, and noted."""

from __future__ import annotations

from datetime import date, time

import pytest

from otklik.org.access import Refused
from otklik.org.enums import DayKind, Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, CalendarDay, WorkingHours
from otklik.org.queries import calendar_of
from otklik.org.services import scheduling
from tests.builders import make_access, make_city

pytestmark = pytest.mark.django_db

MORNING, AFTERNOON = (time(9), time(13)), (time(14), time(18))


@pytest.fixture
def access():
    return make_access(make_city(), Role.ADMIN)


def test_week_is_replaced_and_noted(access) -> None:
    scheduling.set_hours(access, {0: [AFTERNOON, MORNING], 5: []})
    scheduling.set_hours(access, {0: [MORNING, AFTERNOON]})
    scheduling.set_hours(access, {1: [MORNING]})

    assert calendar_of(access.official.municipality).hours == {1: (MORNING,)}
    assert list(AuditEntry.objects.order_by("id").values_list("detail", flat=True)) == [
        {"before": "", "after": "0 09:00-13:00 14:00-18:00"},
        {"before": "0 09:00-13:00 14:00-18:00", "after": "1 09:00-13:00"},
    ]


@pytest.mark.parametrize(
    ("week", "field"),
    [
        ({2: [(time(9), time(9))]}, "day2"),
        ({3: [(time(18), time(9))]}, "day3"),
        ({4: [MORNING, (time(12), time(15))]}, "day4"),
        ({}, "day0"),
        ({0: [], 1: []}, "day0"),
    ],
)
def test_impossible_hours_are_named_and_nothing_changes(access, week, field: str) -> None:
    scheduling.set_hours(access, {0: [MORNING]})

    with pytest.raises(NotPossible) as refusal:
        scheduling.set_hours(access, week)

    assert refusal.value.field == field
    assert WorkingHours.objects.count() == 1


def test_intervals_may_touch(access) -> None:
    scheduling.set_hours(access, {0: [MORNING, (time(13), time(14))]})

    assert WorkingHours.objects.count() == 2


def test_day_is_set_changed_and_cleared(access) -> None:
    day = date(2026, 12, 31)

    scheduling.set_day(access, day, DayKind.OFF, note="Новый год", source="Указ")
    row = scheduling.set_day(access, day, DayKind.SHORT, note="", source="Указ")
    assert list(CalendarDay.objects.values_list("date", "kind", "note", "source")) == [(day, "short", "", "Указ")]
    scheduling.clear_day(access, row)

    assert CalendarDay.objects.count() == 0
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "day.added",
        "day.changed",
        "day.cleared",
    ]


@pytest.mark.parametrize(
    ("country", "year", "known"),
    [
        ("RU", 2026, True),
        ("RU", 2027, True),
        ("RU", 2028, False),
        ("DE", 2028, None),
        ("GB", 2028, None),
        ("XX", 2026, False),
    ],
)
def test_year_without_its_decree_is_told(country: str, year: int, known: bool | None) -> None:
    assert scheduling.moved_days_known(country, year) is known


def test_others_and_other_cities_are_refused(access) -> None:
    curator = make_access(access.official.municipality, Role.CURATOR)
    foreign = CalendarDay.objects.create(municipality=make_city("zarechny"), date=date(2026, 12, 31), kind=DayKind.OFF)
    deeds = (
        lambda: scheduling.set_hours(curator, {0: [MORNING]}),
        lambda: scheduling.set_day(curator, date(2026, 12, 31), DayKind.OFF, note="", source=""),
        lambda: scheduling.clear_day(access, foreign),
    )

    for deed in deeds:
        with pytest.raises(Refused):
            deed()
    assert CalendarDay.objects.count() == 1
