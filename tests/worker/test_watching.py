"""Looking after channels through the simulators: what is wrong is named with its remedy, what stopped is resumed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from otklik.channels.connections import hook_url
from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.models import Channel, Outgoing
from otklik.channels.services import connecting, watching
from otklik.channels.services.counting import know_all_channels
from otklik.channels.states import ChannelState, states_of
from otklik.common.clock import now
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.org.enums import Role
from otklik.simulators.telegram.faults import Fault
from tests.stories import Town, found_town, store_body
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def look_at(channel: Channel, *, at: datetime | None = None) -> ChannelHealth:
    at = at or now()
    know_all_channels(now=at)
    health = ChannelHealth.objects.select_related("channel__municipality").get(channel=channel)
    watching.record(health, watching.look(health, now=at), now=at)
    return ChannelHealth.objects.get(pk=health.pk)


def state_of(channel: Channel) -> ChannelState:
    [state] = states_of([Channel.objects.get(pk=channel.pk)], now=now())
    return state


def test_wrong_token_is_named_with_the_call_and_the_remedy(networks: Networks) -> None:
    know_all_channels(now=now())
    networks.ask_in_telegram()
    networks.telegram.fail_next(Fault.UNAUTHORIZED)
    networks.send()

    state = state_of(networks.tg_channel)
    assert state.health is not None
    assert (state.health.failed_call, state.day.made, state.day.failed, state.day.percent) == ("send", 1, 1, 100)
    assert "ключ бота неверен или отозван" in state.failure
    assert state.needs_a_look


def test_look_finds_what_is_to_be_mended_in_the_readers_language(networks: Networks) -> None:
    connecting.reconfigure(networks.tg_channel, {"bot_token": "424242:AAEanother-bcdefghijklmnopqrstuvwxyz0"})
    look_at(networks.tg_channel)

    with translation.override("en"):
        english = state_of(networks.tg_channel).troubles[0]
    with translation.override("ru"):
        russian = state_of(networks.tg_channel).troubles[0]
    assert (english.what, russian.what) == ("Bot", "Бот")
    assert english.advice.startswith("the bot token is wrong or was revoked")
    assert russian.advice.startswith("ключ бота неверен или отозван")


def test_look_at_all_finds_a_network_that_has_just_been_opened(networks: Networks) -> None:
    look_at(networks.tg_channel)
    ChannelHealth.objects.filter(channel=networks.tg_channel).update(findings=[["Bot", False, "can't be reached"]])
    connecting.subscribe(networks.tg_channel)

    watching.look_at_all(now=now())

    state = state_of(networks.tg_channel)
    assert state.health is not None
    assert (state.troubles, state.health.delivers) == ([], True)


def test_network_that_stopped_delivering_is_asked_to_deliver_again(networks: Networks) -> None:
    connecting.subscribe(networks.tg_channel)
    assert look_at(networks.tg_channel).delivers is True
    networks.telegram.deliveries.url = ""

    health = look_at(networks.tg_channel)

    assert (health.delivers, health.resubscribed_at is not None) == (True, True)
    assert networks.telegram.deliveries.url == hook_url(networks.tg_channel)


def test_delivery_is_not_asked_for_again_and_again(networks: Networks) -> None:
    at = now()
    connecting.subscribe(networks.tg_channel)
    look_at(networks.tg_channel, at=at)
    networks.telegram.deliveries.url = ""
    look_at(networks.tg_channel, at=at)
    networks.telegram.deliveries.url = ""

    health = look_at(networks.tg_channel, at=at + HOUR / 2)

    assert (health.delivers, health.check_due_at) == (False, at + HOUR / 2 + watching.SOONER)
    assert state_of(networks.tg_channel).is_deaf
    assert look_at(networks.tg_channel, at=at + HOUR).delivers is True


def test_first_subscription_is_an_administrators(networks: Networks) -> None:
    health = look_at(networks.tg_channel)

    assert (health.delivers, health.resubscribed_at, networks.telegram.deliveries.url) == (False, None, "")
    assert not state_of(networks.tg_channel).is_deaf


def test_look_is_one_workers_and_not_at_channels_that_are_switched_off(networks: Networks) -> None:
    at = now()
    know_all_channels(now=at)
    connecting.disable(networks.tg_channel, now=at)

    found = [watching.claim(now=at) for _ in range(4)]

    assert sorted(one.channel.name for one in found if one is not None) == ["site", "vk"]


def test_what_is_to_be_sent_waits_while_the_channel_is_off(networks: Networks) -> None:
    networks.ask_in_telegram()
    connecting.disable(networks.tg_channel, "Проверяем токен", now=now())
    networks.send()
    assert (networks.telegram.accepted, state_of(networks.tg_channel).waiting) == ([], 1)

    connecting.enable(Channel.objects.get(pk=networks.tg_channel.pk))
    networks.send()

    assert (len(networks.telegram.accepted), Outgoing.objects.get(channel=networks.tg_channel).state) == (1, "sent")


def busy_for_eight_weeks(town: Town, until: datetime) -> None:
    first = (until - 8 * WEEK).replace(minute=0, second=0, microsecond=0)
    rows = [
        ChannelHour(municipality=town.city, channel=town.site, hour=first + number * HOUR, events=1)
        for number in range(8 * 168)
    ]
    ChannelHour.objects.bulk_create(rows)
    Channel.objects.filter(pk=town.site.pk).update(last_delivery_at=until)


def test_silence_is_told_to_administrators_once_and_again_only_after_recovery() -> None:
    town, at = found_town(), now()
    admin, _operator = town.official(Role.ADMIN), town.official(Role.OPERATOR)
    know_all_channels(now=at)
    busy_for_eight_weeks(town, at - 5 * HOUR)

    assert [watching.listen_for_silence(now=at + later) for later in (-3 * HOUR, 0 * HOUR, HOUR)] == [0, 1, 1]
    [told] = Notice.objects.all()
    assert (told.official_id, told.kind) == (admin.official.pk, NoticeKind.CHANNEL_SILENT)
    assert (told.about, told.address) == ("site", f"/desk/administration/channels/{town.site.pk}/")
    assert state_of(town.site).is_silent

    store_body(town.site, b"{", at=at + HOUR)
    town.work()
    Channel.objects.filter(pk=town.site.pk).update(last_delivery_at=at + HOUR)
    assert watching.listen_for_silence(now=at + 2 * HOUR) == 0
    assert not state_of(town.site).is_silent
    assert watching.listen_for_silence(now=at + 9 * HOUR) == 1
    assert Notice.objects.count() == 2


def test_silence_of_a_channel_without_weeks_behind_it_is_none() -> None:
    town, at = found_town(), now()
    town.official(Role.ADMIN)
    know_all_channels(now=at)
    Channel.objects.update(last_delivery_at=at - 10 * WEEK)

    assert (watching.listen_for_silence(now=at), Notice.objects.count()) == (0, 0)
