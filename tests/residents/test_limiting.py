"""How often one address may do a thing: one limit, however many processes ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from otklik.common.clock import now
from otklik.residents.models import DeedCount
from otklik.residents.services import limiting
from tests.stories import Town, found_town

NOW = now()
HOUR = timedelta(hours=1)
WHO = "198.51.100.7"


@pytest.fixture
def town(db: None) -> Town:
    return found_town("yasnogorye")


def press(town: Town, *, what: str = "codes", who: str = WHO, after: timedelta = timedelta(), most: int = 3) -> bool:
    return limiting.may(town.city.pk, what, who, most=most, within=HOUR, now=NOW + after)


def test_so_many_deeds_are_let_through_in_a_window_and_then_again_in_the_next(town: Town) -> None:
    minute = timedelta(minutes=1)

    assert [press(town, after=number * minute) for number in range(5)] == [True, True, True, False, False]
    assert limiting.done(town.city.pk, "codes", WHO, now=NOW + 59 * minute) == 3
    assert limiting.done(town.city.pk, "codes", WHO, now=NOW + HOUR) == 0
    assert [press(town, after=HOUR + number * minute) for number in range(4)] == [True, True, True, False]


def test_limits_of_other_sorts_addresses_and_cities_are_their_own(town: Town) -> None:
    other = found_town("zarechensk")
    for _ in range(3):
        press(town)

    assert not press(town)
    assert press(town, what="writes")
    assert press(town, who="198.51.100.8")
    assert press(other)


def test_nothing_is_let_through_or_kept_where_none_may(town: Town) -> None:
    assert not press(town, most=0)
    assert not DeedCount.objects.exists()


def test_address_is_kept_as_a_keyed_digest_and_forgotten_with_its_window(town: Town) -> None:
    press(town)
    press(town, who="198.51.100.8", after=timedelta(minutes=30))
    kept = DeedCount.objects.order_by("id").values_list("who_digest", flat=True)

    assert [len(one) for one in kept] == [64, 64]
    assert not any("198" in one and "100" in one and "." in one for one in kept)
    assert limiting.forget_ended_counts(now=NOW + HOUR) == 1
    assert limiting.done(town.city.pk, "codes", "198.51.100.8", now=NOW + HOUR) == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_count_at_once_let_through_no_more_than_one_would() -> None:
    town = found_town("yasnogorye")

    def presses(_: int) -> list[bool]:
        try:
            return [press(town, most=10) for _ in range(6)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        let_through = [one for found in threads.map(presses, range(4)) for one in found]

    assert sum(let_through) == 10
    assert DeedCount.objects.get().amount == 10
