from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.channels.models import Outgoing
from otklik.common.clock import now
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.models import LiveChange, Place
from otklik.pulse.models import Surge, SurgeEntry, SurgeSettings, Tally
from otklik.pulse.queries import messages_of, surges_for
from otklik.pulse.services.handling import SurgeOver, dismiss, refresh_surges, take
from otklik.worker.taking import take_channel
from tests.pulse.crowds import NO_WATER, crowd, full_hour
from tests.stories import Town, brain, found_town, store_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


def test_ten_voices_on_a_street_raise_one_surge_with_its_topic(town: Town) -> None:
    Place.objects.create(municipality=town.city, kind="street", name="Садовая улица", aliases=["Садовая"])
    crowd(town, 10)

    surge = Surge.objects.get()
    assert (surge.kind, surge.street, surge.topic_code, surge.voices) == (
        "place",
        "Садовая улица",
        "utilities.water",
        10,
    )
    assert surge.words == ["включат", "воды", "воду"][: len(surge.words)] or surge.words
    assert list(SurgeEntry.objects.values_list("deed", flat=True)) == ["raised"]
    assert LiveChange.objects.filter(kind="surge").count() == 1


def test_nine_voices_and_ten_messages_of_one_raise_nothing(town: Town) -> None:
    crowd(town, 8)
    crowd(town, 10, one_person=True, start=20)

    assert not Surge.objects.exists()


def test_voices_in_two_batches_over_an_hours_turn_add_up(town: Town) -> None:
    crowd(town, 5, ago_m=50)
    crowd(town, 5, start=5, ago_m=1)

    assert Surge.objects.get().voices == 10


def test_voices_older_than_an_hour_do_not_count(town: Town) -> None:
    crowd(town, 5, ago_m=70)
    crowd(town, 5, start=5, ago_m=1)

    assert not Surge.objects.exists()


def test_voices_all_over_the_city_make_a_surge_of_the_topic(town: Town) -> None:
    crowd(town, 10, "Нет отопления, батареи холодные уже сутки, дом {house}")

    surge = Surge.objects.get()
    assert (surge.kind, surge.topic_code, surge.street) == ("topic", "utilities.heating", "")


def test_usual_rate_of_the_hour_keeps_a_busy_topic_quiet(town: Town) -> None:
    SurgeSettings.objects.create(municipality=town.city, voices=10, times_usual=4)
    for day in range(1, 15):
        for back in (0, 1):
            at = full_hour(now()) - timedelta(days=day, hours=back)
            Tally.objects.create(
                municipality=town.city, hour=at, day=at.date(), topic_code="utilities.heating", messages=9, voices=3
            )
    crowd(town, 11, "Нет отопления, батареи холодные уже сутки, дом {house}")
    assert not Surge.objects.exists()

    crowd(town, 1, "Нет отопления, батареи холодные уже сутки, дом {house}", start=30)
    assert (Surge.objects.get().voices, Surge.objects.get().usual) == (12, 3.0)


def test_surge_is_raised_once_grows_by_the_clock_and_ends_when_quiet(town: Town) -> None:
    crowd(town, 10)
    crowd(town, 4, start=10)
    assert Surge.objects.count() == 1

    assert refresh_surges(now=now()) == 0
    assert Surge.objects.get().voices == 14
    assert refresh_surges(now=now() + timedelta(minutes=50)) == 0
    assert refresh_surges(now=now() + timedelta(minutes=70)) == 1
    assert refresh_surges(now=now() + timedelta(minutes=71)) == 0
    assert Surge.objects.get().ended_at is not None
    assert list(SurgeEntry.objects.order_by("id").values_list("deed", flat=True)) == ["raised", "ended"]


def test_surge_that_was_put_aside_is_not_raised_again_while_it_lasts(town: Town) -> None:
    crowd(town, 10)
    operator = town.official(Role.OPERATOR)
    dismiss(operator, Surge.objects.get(), "плановые работы", now=now())
    crowd(town, 10, start=10)

    assert Surge.objects.count() == 1
    assert not surges_for(operator).exists()
    assert SurgeEntry.objects.get(deed="dismissed").detail == {"reason": "плановые работы"}


def test_surge_is_taken_by_one_person(town: Town) -> None:
    crowd(town, 10)
    first, second = town.official(Role.OPERATOR), town.official(Role.CURATOR)
    take(first, Surge.objects.get(), now=now())

    with pytest.raises(SurgeOver):
        take(second, Surge.objects.get(), now=now())
    assert Surge.objects.get().taken_by == first.official


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.ADMIN, Role.ANALYST])
def test_role_without_surges_is_refused_and_sees_none(town: Town, role: Role) -> None:
    crowd(town, 10)
    access = town.official(role)

    with pytest.raises(Refused):
        take(access, Surge.objects.get(), now=now())
    with pytest.raises(Refused):
        dismiss(access, Surge.objects.get(), "нет", now=now())
    assert not surges_for(access).exists()


def test_another_citys_official_handles_nothing_here(town: Town) -> None:
    crowd(town, 10)
    stranger = found_town("zarechensk").official(Role.CURATOR)

    with pytest.raises(SurgeOver):
        take(stranger, Surge.objects.get(), now=now())
    assert not surges_for(stranger).exists()


def test_putting_aside_needs_a_reason(town: Town) -> None:
    crowd(town, 10)

    with pytest.raises(ValueError, match="why"):
        dismiss(town.official(Role.OPERATOR), Surge.objects.get(), " ", now=now())


def test_switched_off_surges_are_not_raised(town: Town) -> None:
    SurgeSettings.objects.create(municipality=town.city, is_on=False)
    crowd(town, 12)

    assert not Surge.objects.exists()


def test_messages_of_a_surge_are_its_own(town: Town) -> None:
    crowd(town, 10)
    town.hear("На улице Лесной, дом 3, не горит фонарь, почините свет", post="7")

    assert messages_of(Surge.objects.get()).count() == 10


def test_crowd_under_a_post_is_acknowledged_once(town: Town) -> None:
    crowd(town, 30, post="7")
    crowd(town, 30, post="7", start=30)

    (row,) = Outgoing.objects.all()
    assert row.idempotency_key == f"surge:{Surge.objects.get().pk}:{row.thread_id}"
    assert (row.reply_to, row.target["reply_to_external_id"], row.is_automated) == (None, "", True)
    assert "Об этом пишут многие" in row.text
    assert SurgeEntry.objects.filter(deed="announced").count() == 1


def test_crowd_that_writes_in_private_is_acknowledged_each(town: Town) -> None:
    crowd(town, 12)

    assert Surge.objects.count() == 1
    assert Outgoing.objects.count() == 12


def test_danger_to_life_in_a_crowd_is_acknowledged_at_once_by_name(town: Town) -> None:
    crowd(town, 10, post="7")
    Outgoing.objects.all().delete()
    town.hear("Сильно пахнет газом в подъезде, Садовая 40", post="7")

    assert "112" in Outgoing.objects.get().text


def test_city_may_acknowledge_everybody_in_a_crowd(town: Town) -> None:
    SurgeSettings.objects.create(municipality=town.city, acknowledge_once=False)
    crowd(town, 12, post="7")

    assert Outgoing.objects.count() == 12


def test_queries_of_a_batch_in_a_surge_do_not_grow(town: Town) -> None:
    crowd(town, 12, post="7")
    counts = []
    for start, size in ((20, 2), (30, 20)):
        for number in range(start, start + size):
            body = {"submission_id": f"q{number}", "visitor": f"q{number}", "post": "7"}
            body["text"] = NO_WATER.format(house=number)
            store_body(town.site, json.dumps(body).encode())
        with CaptureQueriesContext(connection) as queries:
            take_channel(town.site.pk, brain())
        counts.append(len(queries))

    assert Surge.objects.count() == 1
    assert counts[0] == counts[1]
