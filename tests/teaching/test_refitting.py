"""When a city's triage learns: at its own night, when somebody asks, one refit at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from otklik.common.clock import now
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Municipality
from otklik.teaching.models import Learning, Refit
from otklik.teaching.services import refitting
from tests.stories import Town, found_town
from tests.teaching.lessons import teach_all, write

NOON = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def test_person_asks_and_it_is_journalled(town: Town) -> None:
    curator = town.official(Role.CURATOR)

    refit = refitting.ask(curator, now=now())

    assert Refit.objects.values_list("pk", "state", "asked_by").get() == (refit.pk, "queued", curator.official.pk)
    entry = AuditEntry.objects.get(action="learning.asked")
    assert (entry.actor_id, entry.municipality_id) == (curator.official.pk, town.city.pk)


def test_second_refit_of_a_city_is_refused_until_the_first_is_done(town: Town) -> None:
    curator = town.official(Role.CURATOR)
    refitting.ask(curator, now=now())

    with pytest.raises(NotPossible):
        refitting.ask(curator, now=now())

    assert Refit.objects.count() == 1


def test_two_at_once_are_stopped_by_the_database(town: Town) -> None:
    Refit.objects.create(municipality=town.city, asked_at=now(), state="running")

    with pytest.raises(IntegrityError), transaction.atomic():
        Refit.objects.create(municipality=town.city, asked_at=now())


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.EXECUTOR, Role.HEAD, Role.AUDITOR])
def test_refit_is_refused_to_others(town: Town, role: Role) -> None:
    with pytest.raises(Refused):
        refitting.ask(town.official(role), now=now())

    assert Refit.objects.count() == 0


def test_cities_learn_at_the_same_time_each_for_itself(town: Town) -> None:
    other = found_town("zarechye")
    refitting.ask(town.official(Role.CURATOR), now=now())
    refitting.ask(other.official(Role.ADMIN), now=now())

    first, second, third = (refitting.claim("w1", now=now()) for _ in range(3))

    assert [row.municipality_id for row in (first, second)] == [town.city.pk, other.city.pk]
    assert third is None


def test_night_is_the_citys_own() -> None:
    east = Municipality(pk=1, timezone="Asia/Vladivostok")
    west = Municipality(pk=1, timezone="Europe/Kaliningrad")

    assert refitting.next_night(east, after=NOON) == datetime(2026, 3, 10, 17, 37, tzinfo=UTC)
    assert refitting.next_night(west, after=NOON) == datetime(2026, 3, 11, 1, 37, tzinfo=UTC)


def test_night_queues_once_and_only_what_was_taught_since(town: Town) -> None:
    assert refitting.queue_nightly(now=NOON) == 0  # its row is made; nothing is due at noon
    night = Learning.objects.get().refit_due_at
    assert refitting.queue_nightly(now=night) == 0  # nobody taught anything
    write_some(town, at=night)

    counts = [refitting.queue_nightly(now=night + timedelta(days=1, minutes=m)) for m in (0, 1, 2)]

    assert counts == [1, 0, 0]
    assert Refit.objects.get().asked_by is None
    assert Learning.objects.get().refit_due_at == night + timedelta(days=2)


def test_restart_of_a_worker_brings_nothing_forward(town: Town) -> None:
    write_some(town, at=NOON)

    assert [refitting.queue_nightly(now=NOON + timedelta(hours=h)) for h in (0, 1, 2, 3)] == [0, 0, 0, 0]
    assert Refit.objects.count() == 0


def test_what_a_dead_worker_had_begun_begins_again_and_in_the_end_is_left(town: Town) -> None:
    refitting.ask(town.official(Role.CURATOR), now=now())

    states = []
    for _ in range(refitting.ATTEMPTS):
        assert refitting.claim("dead", now=now()) is not None
        refitting.give_back(lambda name: True, now=now())
        assert Refit.objects.get().state == "running"
        refitting.give_back(lambda name: name != "dead", now=now())
        states.append(Refit.objects.get().state)

    assert states == ["queued", "queued", "failed"]
    assert Refit.objects.get().note["code"] == "broke_off"


def test_refit_that_another_worker_has_by_now_is_not_broken_off(town: Town) -> None:
    refitting.ask(town.official(Role.CURATOR), now=now())
    mine = refitting.claim("first", now=now())
    Refit.objects.update(claimed_by="second")

    refitting.break_off(mine, now=now())

    assert Refit.objects.values_list("state", "claimed_by").get() == ("running", "second")


def write_some(town: Town, *, at: datetime) -> None:
    teach_all(town.official(Role.OPERATOR), write(town.city, town.site, 3), at=at)
