"""What came and went is counted by the hour: each delivery once, also those that came before anybody counted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.services import dispatching, measuring
from otklik.channels.services.counting import (
    count_events,
    forget_old_hours,
    know_all_channels,
    note_calls,
)
from otklik.channels.states import CALLS, states_of
from otklik.common.clock import now
from otklik.connectors.base import SendFailed
from otklik.connectors.said import said, unpacked
from otklik.simulators.site.payloads import comment_submission
from tests.stories import Town, found_town, store_body

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def town() -> Town:
    return found_town()


def whole_hour() -> datetime:
    return now().replace(minute=0, second=0, microsecond=0)


def test_failed_call_is_named_in_plain_words(town: Town) -> None:
    know_all_channels(now=now())
    told = {}
    for call in ("send", dispatching.CALL, measuring.CALL, "of a network to come"):
        note_calls(town.site, call, failures=[SendFailed(said("VK can't be reached"), permanent=False)], now=now())
        (state,) = states_of([town.site], now=now())
        with translation.override("ru"):
            told[call] = (state.failed_at_what, state.failure)

    assert told == {
        "send": ("Не удалось отправить", "ВКонтакте недоступен"),
        "deliver": ("Не удалось передать на другие серверы", "ВКонтакте недоступен"),
        "statistics": ("Не удалось узнать числа: подписчиков и просмотры", "ВКонтакте недоступен"),
        "of a network to come": ("of a network to come", "ВКонтакте недоступен"),
    }
    assert {dispatching.CALL, measuring.CALL} <= set(CALLS)


def arrive(town: Town, *numbers: int, at: datetime) -> None:
    for number in numbers:
        store_body(town.site, comment_submission(f"h{number}", "Яма", name="Иван", visitor="v1"), at=at)


def hours() -> list[tuple[datetime, int]]:
    return list(ChannelHour.objects.order_by("hour").values_list("hour", "events"))


def test_deliveries_are_counted_into_their_hours_each_once(town: Town) -> None:
    at = whole_hour()
    arrive(town, 1, 2, at=at - 2 * HOUR)
    arrive(town, 3, at=at - HOUR)
    know_all_channels(now=at)

    assert count_events(now=at) == 3
    assert count_events(now=at) == 0
    arrive(town, 4, at=at - HOUR / 2)
    assert count_events(now=at) == 1
    assert hours() == [(at - 2 * HOUR, 2), (at - HOUR, 2)]


def test_what_just_came_waits_for_slower_ones_before_it(town: Town) -> None:
    at = whole_hour() + HOUR / 2
    know_all_channels(now=at)
    arrive(town, 1, at=at - timedelta(seconds=30))
    arrive(town, 2, at=at - timedelta(minutes=10))

    assert count_events(now=at) == 0
    assert count_events(now=at + timedelta(minutes=5)) == 2


def test_channel_that_is_known_later_is_counted_from_its_beginning(town: Town) -> None:
    at = whole_hour()
    know_all_channels(now=at)
    arrive(town, 1, at=at - HOUR)
    count_events(now=at)
    other = found_town("zarechensk")
    arrive(other, 1, 2, at=at - HOUR)
    know_all_channels(now=at)

    assert count_events(now=at) == 2
    assert dict(ChannelHour.objects.values_list("channel__municipality__slug", "events")) == {
        "yasnogorye": 1,
        "zarechensk": 2,
    }


def test_hours_that_no_rhythm_needs_are_forgotten(town: Town) -> None:
    at = whole_hour()
    for weeks in (1, 9, 11):
        hour = at - timedelta(weeks=weeks)
        ChannelHour.objects.create(municipality=town.city, channel=town.site, hour=hour, events=1)

    assert forget_old_hours(now=at) == 1
    assert hours() == [(at - timedelta(weeks=9), 1), (at - timedelta(weeks=1), 1)]


def test_calls_are_added_up_and_the_last_failure_stays_until_the_same_call_is_good(town: Town) -> None:
    at = whole_hour()
    know_all_channels(now=at)
    refused = SendFailed(said("the text is longer than %(limit)s characters", limit=10), permanent=True)

    note_calls(town.site, "send", failures=[refused], good=2, now=at)
    note_calls(town.site, "channel", failures=[], good=1, now=at)

    kept = ChannelHealth.objects.get()
    assert (kept.failed_call, kept.failed_at) == ("send", at)
    assert unpacked(kept.failure) == "the text is longer than 10 characters"
    assert list(ChannelHour.objects.values_list("hour", "calls", "failures")) == [(at, 4, 1)]
    note_calls(town.site, "send", failures=[], good=1, now=at)
    assert ChannelHealth.objects.get().failed_call == ""


def test_channel_whose_calls_fail_is_looked_at_soon_but_not_at_every_failure(town: Town) -> None:
    at = whole_hour()
    know_all_channels(now=at)
    health = ChannelHealth.objects.filter(channel=town.site)
    refused = [SendFailed("no", permanent=True)]
    health.update(check_due_at=at + HOUR, checked_at=at - timedelta(minutes=4))
    note_calls(town.site, "send", failures=refused, now=at)
    assert health.get().check_due_at == at + HOUR
    note_calls(town.site, "send", failures=refused, now=at + timedelta(minutes=2))

    assert health.get().check_due_at == at + timedelta(minutes=2)


def test_counting_costs_as_many_queries_for_many_deliveries(town: Town, django_assert_num_queries: object) -> None:
    at = whole_hour()
    know_all_channels(now=at)
    for numbers in (range(1), range(1, 31)):
        arrive(town, *numbers, at=at - HOUR)
        with django_assert_num_queries(8):  # two of them begin and end the transaction's savepoint
            count_events(now=at)
