"""Twenty minutes without a network, by each way of delivery: nothing is lost and nothing is doubled.

Nobody waits: the simulators' clocks are moved, and what our rows wait for is moved towards them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db.models import F

from otklik.channels.connections import connector_of
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Channel, Delivery, Message, Outgoing
from otklik.channels.polls import Poll
from otklik.channels.services import polling
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.connectors.events import Webhook
from otklik.connectors.vk.subscription import EVENTS
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.max.delivery import Subscription
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.ok.payloads import Person as OkPerson
from otklik.simulators.redelivery import Redelivery
from otklik.simulators.telegram.faults import Fault as TelegramFault
from otklik.simulators.telegram.payloads import Person as TelegramPerson
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.vk import payloads as vk_payloads
from otklik.simulators.vk.faults import Fault as VkFault
from otklik.simulators.vk.simulator import VkSimulator
from otklik.simulators.vk.town import Person as VkPerson
from otklik.worker.taking import take_channel
from tests.connectors.instagram import accounts as instagram
from tests.connectors.max import accounts as max_
from tests.connectors.ok import accounts as ok
from tests.connectors.telegram import accounts as telegram
from tests.connectors.vk import accounts as vk
from tests.servers import closed_port
from tests.stories import brain, found_town
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db

OUTAGE_S, STEP_S = 20 * 60, 15
TEXTS = [
    "Яма на дороге, улица Садовая, дом 12, почините",
    "Не горит фонарь, улица Лесная, дом 3, сделайте свет",
    "Не вывозят мусор, улица Кленовая, дом 5, уберите",
    "Нет горячей воды, улица Липовая, дом 4, почините",
    "Автобус № 7 не пришёл, улица Речная, дом 9, разберитесь",
    "Стая бездомных собак, улица Школьная, дом 1, отловите",
]
"""Of different things and places: no crowd, which would be answered once."""


@dataclass
class Clock:
    at: float = field(default_factory=lambda: now().timestamp())

    def __call__(self) -> float:
        return self.at


@dataclass
class Door:
    """Our gate as a network meets it: away at first, then forgetful of its answer, then well."""

    channel: Channel
    state: str = "away"
    kept: list[Arrival] = field(default_factory=list)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def write(self) -> None:
        """Store what came: outside the network's own loop, where a database may be asked."""
        store(self.kept)
        self.kept.clear()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.state == "away":
            raise httpx.ConnectError("refused", request=request)
        connector = connector_of(self.channel)
        hook = Webhook(dict(request.headers), request.content, now(), ok.THEIRS)
        connector.verify(hook)
        key = connector.delivery_key(hook)
        self.kept.append(Arrival(self.channel.municipality_id, self.channel.pk, key, hook.body, hook.received_at))
        if self.state == "forgetful":
            return httpx.Response(504)
        reply = connector.acknowledge(hook)
        return httpx.Response(reply.status, content=reply.body)


Says = Callable[[str], Any]


def _telegram(clock: Clock) -> tuple[Any, Redelivery[Any], Says]:
    there = TelegramSimulator(telegram.TOKEN, telegram.CHANNEL, telegram.GROUP, in_background=False, clock=clock)
    there.deliveries.url, there.deliveries.secret = "http://127.0.0.1:9/", telegram.SECRET

    def says(text: str) -> None:
        where = there.town.open_private_chat(TelegramPerson(5, "Мария"))
        there.deliveries.push("message", there.town.add(where, sender=there.town.people[5], text=text))

    return telegram, there.deliveries, says


def _vk(clock: Clock) -> tuple[Any, Redelivery[Any], Says]:
    there = VkSimulator(vk.GROUP, vk.TOKEN, in_background=False, clock=clock)
    server = there.town.add_server("Otklik", "http://127.0.0.1:9/", vk.SECRET)
    server.status, server.events = "ok", set(EVENTS)
    post = there.town.publish("Дороги", there.town.owner_id)
    there.deliveries.pending.clear()
    return vk, there.deliveries, lambda text: there.town.comment(post.id, there.town.meet(VkPerson(9, "Мария")), text)


def _max(clock: Clock) -> tuple[Any, Redelivery[Any], Says]:
    there = MaxSimulator(max_.TOKEN, max_.CHANNEL, in_background=False, clock=clock)
    where = "http://127.0.0.1:9/"
    there.deliveries.subscriptions[where] = Subscription(where, max_.SECRET, (), 0)
    return max_, there.deliveries, lambda text: there.town.write(max_.RESIDENT, text)


def _instagram(clock: Clock) -> tuple[Any, Redelivery[Any], Says]:
    there = InstagramSimulator(
        instagram.ACCOUNT, instagram.TOKEN, instagram.APP_SECRET, in_background=False, clock=clock
    )
    there.deliveries.url, there.deliveries.fields = "http://127.0.0.1:9/", {"messages"}
    return instagram, there.deliveries, lambda text: there.town.write(instagram.RESIDENT, text)


def _ok(clock: Clock) -> tuple[Any, Redelivery[Any], Says]:
    there = ok.simulator(clock=clock)
    there.deliveries.urls.append("http://127.0.0.1:9/")
    return ok, there.deliveries, lambda text: there.town.write(OkPerson(574, "Мария"), text)


WEBHOOKS = {"telegram": _telegram, "vk": _vk, "max": _max, "instagram": _instagram, "ok": _ok}


@pytest.mark.parametrize("network", WEBHOOKS)
def test_what_a_network_could_not_deliver_comes_afterwards_once(network: str) -> None:
    clock = Clock()
    accounts, deliveries, says = WEBHOOKS[network](clock)
    config = accounts.config("http://127.0.0.1:9")
    channel = connect(found_town().city, network, "n", "", {**config.settings, **config.secrets}, now=now())
    door = Door(channel)
    deliveries.client = door.client
    began, waiting = clock.at, iter(TEXTS)
    while clock.at < began + OUTAGE_S + 600:
        if (text := next(waiting, "")) and clock.at < began + OUTAGE_S:
            says(text)
        if clock.at >= began + OUTAGE_S:
            door.state = "forgetful" if clock.at < began + OUTAGE_S + 120 else "well"
        asyncio.run(deliveries.deliver())
        door.write()
        clock.at += STEP_S
    while take_channel(channel.pk, brain()):
        pass

    heard = Message.objects.filter(channel=channel).values_list("text", flat=True)
    assert (sorted(heard), len(deliveries.pending)) == (sorted(TEXTS), 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"parsed"}


@pytest.fixture
def asked(networks: Networks) -> Networks:
    values = {**networks.tg_channel.settings, "delivery": "polling", "bot_token": networks.telegram.bot_token}
    networks.tg_channel.delete()
    networks.tg_channel = connect(networks.town.city, "telegram", "tg", "", values, now=now())
    for channel in (networks.tg_channel, networks.vk_channel):
        polling.arrange(channel, polling.rounds_of(channel), now=now())
    return networks


def test_network_that_was_asked_in_vain_is_read_up_afterwards_once(asked: Networks) -> None:
    reached = asked.tg_channel.settings["api_base"]
    said: list[str] = []
    for second in range(0, OUTAGE_S + 3600, STEP_S):
        away = 60 <= second < 60 + OUTAGE_S
        _reach(asked.tg_channel, f"http://127.0.0.1:{closed_port()}" if away else reached)
        if second % 180 == 0 and len(said) < len(TEXTS):
            said.append(TEXTS[len(said)])
            asyncio.run(asked.telegram.direct_message(TelegramPerson(5, "Мария"), said[-1]))
        if second == 60 + OUTAGE_S:  # the network is back, and its first answer is lost on the way
            asked.telegram.fail_next(TelegramFault.SERVER_ERROR_AFTER, 1, "getUpdates")
        _ask(asked.tg_channel)
        Poll.objects.update(due_at=F("due_at") - timedelta(seconds=STEP_S))
    while take_channel(asked.tg_channel.pk, brain()):
        pass

    heard = Message.objects.filter(channel=asked.tg_channel, is_ours=False).order_by("occurred_at", "id")
    assert (said, [one.text for one in heard]) == (TEXTS, TEXTS)


def test_what_we_had_to_say_meanwhile_goes_out_afterwards_once(networks: Networks) -> None:
    post = networks.vk.town.publish("Дороги", networks.vk.town.owner_id)
    for number, text in enumerate(TEXTS):
        asked = networks.vk.town.comment(post.id, 100 + number, text, None)
        body = vk_payloads.comment_callback(
            event_id=f"e{number}", group_id=77, secret="", comment_id=asked.id, post_id=post.id, from_id=100 + number,
            text=text, date=asked.date,
        )  # fmt: skip
        store([Arrival(networks.vk_channel.municipality_id, networks.vk_channel.pk, f"e{number}", body, now())])
    while take_channel(networks.vk_channel.pk, brain()):
        pass
    queued = list(Outgoing.objects.order_by("id").values_list("text", flat=True))
    reached, before = networks.vk_channel.settings["api_base"], len(networks.vk.accepted)
    networks.vk.fail_next(VkFault.HTTP_ERROR_AFTER, 2)  # it goes down amid an answer: taken, and not said so
    networks.vk.fail_next(VkFault.HTTP_ERROR, 2, code=502)
    for second in range(0, OUTAGE_S + 3 * 3600, 60):
        away = 0 < second < OUTAGE_S
        _reach(networks.vk_channel, f"http://127.0.0.1:{closed_port()}" if away else reached)
        networks.send()
        Outgoing.objects.update(due_at=F("due_at") - timedelta(seconds=60))
        if second > OUTAGE_S and not Outgoing.objects.exclude(state=OutgoingState.SENT).exists():
            break

    assert (len(queued), set(Outgoing.objects.values_list("state", flat=True))) == (len(TEXTS), {OutgoingState.SENT})
    assert sorted(networks.vk.accepted[before:]) == sorted(queued)


def _ask(channel: Channel) -> None:
    for poll in polling.claim("one", now=now(), limit=8):
        if poll.channel_id == channel.pk:
            polling.record(poll, polling.ask(poll, now=now()), now=now())


def _reach(channel: Channel, api_base: str) -> None:
    """Let the network stand at this address; where nobody listens, it is away."""
    channel.settings["api_base"] = api_base
    Channel.objects.filter(pk=channel.pk).update(settings=channel.settings)
