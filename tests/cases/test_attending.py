"""Who looks at a case and who types: told to open screens when it changes, gone by itself, never told to strangers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.models import Case
from otklik.cases.presences import Presence, PresenceAt
from otklik.cases.services.attending import GOOD_FOR, TYPES_FOR, attend, leave, others_at
from otklik.common.clock import now
from otklik.org.access import Access
from otklik.org.enums import Role
from otklik.org.models import LiveChange
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear("На улице Садовой, дом 12, огромная яма на дороге, когда почините?"))


@pytest.fixture
def me(town: Town) -> Access:
    return town.official(Role.EXECUTOR, name="Павел Ключников")


@pytest.fixture
def other(town: Town) -> Access:
    return town.official(Role.EXECUTOR, name="Вера Лугова")


def told() -> list[tuple[str, list[int]]]:
    rows = LiveChange.objects.filter(kind__startswith="at-").order_by("id")
    return [(row.kind, row.refs) for row in rows]


def there(access: Access, case: Case, at: object = None) -> list[tuple[str, bool]]:
    found = others_at(access, PresenceAt.CASE, [case.pk], now=at or now())  # type: ignore[arg-type]
    return [(one.name, one.is_typing) for one in found.get(case.pk, [])]


def test_colleague_sees_who_looks_and_who_types_and_oneself_not(case: Case, me: Access, other: Access) -> None:
    attend(me, PresenceAt.CASE, case.pk, typing=False, now=now())
    looking = there(other, case)
    attend(me, PresenceAt.CASE, case.pk, typing=True, now=now())

    assert looking == [("Павел Ключников", False)]
    assert there(other, case) == [("Павел Ключников", True)]
    assert there(me, case) == []


def test_screens_hear_of_changes_and_not_of_repetitions(case: Case, me: Access) -> None:
    for typing in (False, False, True, True, False):
        attend(me, PresenceAt.CASE, case.pk, typing=typing, now=now())
    leave(me, PresenceAt.CASE, case.pk, now=now())
    leave(me, PresenceAt.CASE, case.pk, now=now())

    assert told() == [("at-case", [case.pk])] * 4  # came, began, stopped, left
    assert not Presence.objects.exists()


def test_what_nobody_repeats_is_over_by_itself_and_forgotten(case: Case, me: Access, other: Access) -> None:
    began = now()
    attend(me, PresenceAt.CASE, case.pk, typing=True, now=began)

    assert there(other, case, began + TYPES_FOR) == [("Павел Ключников", False)]
    assert there(other, case, began + GOOD_FOR) == []
    attend(other, PresenceAt.CASE, case.pk, typing=False, now=began + timedelta(minutes=11))
    assert list(Presence.objects.values_list("official", flat=True)) == [other.official.pk]


def test_whoever_comes_back_after_a_silence_is_told_of_again(case: Case, me: Access) -> None:
    began = now()
    attend(me, PresenceAt.CASE, case.pk, typing=False, now=began)
    attend(me, PresenceAt.CASE, case.pk, typing=False, now=began + GOOD_FOR)

    assert len(told()) == 2


def test_nobody_attends_or_hears_of_what_they_may_not_see(town: Town, case: Case, me: Access) -> None:
    stranger = found_town("zarechensk").official(Role.CURATOR)
    analyst = town.official(Role.CURATOR)
    attend(me, PresenceAt.CASE, case.pk, typing=False, now=now())

    forged = attend(stranger, PresenceAt.CASE, case.pk, typing=True, now=now())

    assert (forged, there(stranger, case), Presence.objects.count()) == (False, [], 1)
    assert there(analyst, case) == [("Павел Ключников", False)]


def test_message_to_sort_is_attended_by_those_who_sort(town: Town, me: Access) -> None:
    message = town.hear("Ну и как вам не стыдно?")
    sorter, second = town.official(Role.OPERATOR), town.official(Role.OPERATOR, name="Анна Зорина")
    type(message).objects.filter(pk=message.pk).update(decision="operator")

    allowed = attend(sorter, PresenceAt.MESSAGE, message.pk, typing=False, now=now())
    refused = attend(me, PresenceAt.MESSAGE, message.pk, typing=False, now=now())

    assert (allowed, refused) == (True, False)
    assert len(others_at(second, PresenceAt.MESSAGE, [message.pk], now=now())[message.pk]) == 1


def test_asking_costs_the_same_for_any_number_of_rows_and_people(town: Town, case: Case, me: Access) -> None:
    costs = []
    for count in (1, 30):
        for _ in range(count):
            attend(town.official(Role.EXECUTOR), PresenceAt.CASE, case.pk, typing=False, now=now())
        with CaptureQueriesContext(connection) as queries:
            found = others_at(me, PresenceAt.CASE, range(1, 80), now=now())
        costs.append(len(queries))

    assert costs == [2, 2]
    assert len(found[case.pk]) == 31
