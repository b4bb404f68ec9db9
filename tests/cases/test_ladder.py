"""The ladder of warnings as a city's own data: its steps, its hours, and what can't be set."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from otklik.cases.ladder import DEFAULT, Escalation, Ladder, escalation_of, ladder_of
from otklik.cases.models import Case
from otklik.cases.services.escalating import save_escalation
from otklik.cases.services.waking import wake_due
from otklik.notices.models import Notice
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Department
from otklik.org.queries import calendar_of
from tests.builders import make_access, make_official
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 by the city's clock (three hours ahead of UTC); the 16th is a Monday."""
    return datetime(2026, 11, day, hour - 3, minute, tzinfo=UTC)


def save(town: Town, steps: list[tuple[int, list[str]]], **said: object) -> Escalation:
    row = escalation_of(town.city.pk)
    for name, value in said.items():
        setattr(row, name, value)
    return save_escalation(make_access(town.city, Role.ADMIN), row, steps)


def test_city_without_its_own_has_the_default(town: Town) -> None:
    assert ladder_of(town.city.pk) == DEFAULT
    assert [percent for percent, _roles in escalation_of(town.city.pk).steps] == [50, 75, 100, 150]


def test_own_ladder_holds_and_the_log_says_who_changed_it(town: Town) -> None:
    save(town, [(60, ["executor"]), (100, ["approver", "head"])])

    assert ladder_of(town.city.pk).steps == {60: (Role.EXECUTOR,), 100: (Role.APPROVER, Role.HEAD)}
    assert AuditEntry.objects.get(action="escalation.added").subject == "60 %, 100 %"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [(50, ["executor"])],
        [(100, [])],
        [(100, ["survey"])],
        [(5, ["executor"]), (100, ["curator"])],
        [(100, ["curator"]), (900, ["head"])],
        [(100, ["curator"]), (100, ["head"])],
        [(percent, ["curator"]) for percent in range(20, 110, 10)],
    ],
    ids=["none", "no deadline", "nobody", "unknown", "too early", "too late", "twice", "too many"],
)
def test_ladder_that_makes_no_sense_is_refused(town: Town, steps: list[tuple[int, list[str]]]) -> None:
    with pytest.raises(NotPossible):
        save(town, steps)

    assert ladder_of(town.city.pk) == DEFAULT


def test_hours_that_run_backwards_are_refused(town: Town) -> None:
    with pytest.raises(NotPossible):
        save(town, [(100, ["curator"])], hours="daily", opens=time(18), closes=time(9))


@pytest.mark.parametrize("role", [Role.CURATOR, Role.HEAD, Role.EXECUTOR])
def test_only_administration_changes_it(town: Town, role: Role) -> None:
    with pytest.raises(Refused):
        save_escalation(make_access(town.city, role), escalation_of(town.city.pk), [(100, ["curator"])])


def test_chosen_hours_are_kept_at_night_and_hold_on_days_off(town: Town) -> None:
    calendar = calendar_of(town.city)
    daily = Ladder(DEFAULT.steps, time(10), time(20))

    asked = [at(16, 9), at(16, 12), at(16, 23), at(21, 12), at(17, 3)]

    assert [daily.next_telling(one, calendar) for one in asked] == [
        at(16, 10),
        at(16, 12),
        at(17, 10),
        at(21, 12),
        at(17, 10),
    ]
    assert DEFAULT.next_telling(at(21, 12), calendar) == at(23, 9)


def test_step_of_its_own_is_told_to_whom_it_names_and_not_before_its_hours(town: Town) -> None:
    save(town, [(100, ["head"])], hours="daily", opens=time(10), closes=time(20))
    head = make_official(town.city, Role.HEAD)
    case = town.case(town.hear("Яма на дороге, улица Садовая, дом 12, почините"))
    roads = Department.objects.get(municipality=town.city, code="roads")
    due = {"answer_due_at": at(16, 8), "wakes_at": at(16, 8), "clock_minutes": 60, "department": roads}
    Case.objects.filter(pk=case.pk).update(**due)

    wake_due(now=at(16, 9))
    early = list(Notice.objects.all())
    case.refresh_from_db()
    wake_due(now=at(16, 10))

    assert (early, case.wakes_at) == ([], at(16, 10))
    assert [(one.official, one.kind) for one in Notice.objects.all()] == [(head, "late")]
