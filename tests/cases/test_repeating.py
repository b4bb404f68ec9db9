"""Repeats: the same topic at the same place again, found when a case opens, or said by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.enums import Status
from otklik.cases.models import Case, JournalEntry
from otklik.cases.queries import repeats_of
from otklik.cases.services import repeating
from otklik.common.clock import now
from otklik.org.access import Refused
from otklik.org.enums import Role
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db

POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"


@pytest.fixture
def town() -> Town:
    return found_town()


def ended(town: Town, *, days_ago: int, status: Status = Status.CLOSED) -> Case:
    case = town.case(town.hear(POTHOLE))
    Case.objects.filter(pk=case.pk).update(status=status, opened_at=now() - timedelta(days=days_ago))
    return case


@pytest.mark.parametrize(
    ("days_ago", "status", "ties"),
    [
        (89, Status.CLOSED, True),
        (91, Status.CLOSED, False),
        (5, Status.ANSWERED, True),
        (5, Status.REDIRECTED, True),
        (5, Status.REJECTED, False),
        (5, Status.DUPLICATE, False),
    ],
)
def test_same_problem_within_ninety_days_is_a_repeat(town: Town, days_ago: int, status: Status, ties: bool) -> None:
    earlier = ended(town, days_ago=days_ago, status=status)

    again = town.case(town.hear(POTHOLE, visitor="maria"))

    assert again.repeat_of == (earlier if ties else None)
    assert repeats_of(earlier) == ([again.number] if ties else [])


def test_other_house_is_no_repeat(town: Town) -> None:
    ended(town, days_ago=5)

    assert town.case(town.hear(POTHOLE.replace("12", "14"))).repeat_of is None


def test_repeat_is_tied_to_the_newest_of_the_earlier_ones(town: Town) -> None:
    ended(town, days_ago=50)
    newest = ended(town, days_ago=10)

    assert town.case(town.hear(POTHOLE)).repeat_of == newest


def test_other_citys_case_is_never_repeated(town: Town) -> None:
    ended(town, days_ago=5)

    other = found_town("zarechensk")

    assert other.case(other.hear(POTHOLE)).repeat_of is None


def test_person_ties_and_unties_with_a_line_in_the_history(town: Town) -> None:
    curator = town.official(Role.CURATOR)
    earlier, case = town.case(town.hear(POTHOLE)), town.case(town.hear(POTHOLE.replace("12", "14")))

    repeating.mark_repeat(curator, case, earlier, now=now())
    tied = repeats_of(earlier)
    repeating.unmark_repeat(curator, case, now=now())

    lines = JournalEntry.objects.filter(case=case, actor=curator.official).order_by("id")
    assert (tied, case.repeat_of) == ([case.number], None)
    assert [(line.action, line.detail["number"]) for line in lines] == [
        ("repeat_marked", earlier.number),
        ("repeat_cleared", earlier.number),
    ]


def test_case_repeats_neither_itself_nor_a_later_one(town: Town) -> None:
    curator = town.official(Role.CURATOR)
    earlier, later = town.case(town.hear(POTHOLE)), town.case(town.hear(POTHOLE.replace("12", "14")))

    for of in (earlier, later):
        with pytest.raises(ValueError, match="номер меньше"):
            repeating.mark_repeat(curator, earlier, of, now=now())
    assert Case.objects.filter(repeat_of__isnull=False).count() == 0


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.APPROVER, Role.AIDE, Role.ANALYST])
def test_repeat_is_said_by_those_who_assign_only(town: Town, role: Role) -> None:
    earlier, case = town.case(town.hear(POTHOLE)), town.case(town.hear(POTHOLE.replace("12", "14")))

    with pytest.raises(Refused):
        repeating.mark_repeat(town.official(role), case, earlier, now=now())


def test_case_of_another_city_cannot_be_said_to_be_repeated(town: Town) -> None:
    other = found_town("zarechensk")
    foreign = other.case(other.hear(POTHOLE))
    case = town.case(town.hear(POTHOLE))

    with pytest.raises(Refused):
        repeating.mark_repeat(town.official(Role.CURATOR), case, foreign, now=now())
