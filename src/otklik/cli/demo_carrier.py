"""The way of messages while the past is lived through: what gate and worker do, at a time that we choose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from otklik.channels.connections import connector_of, hook_url, secrets_of
from otklik.channels.enums import DeliveryState
from otklik.channels.models import Channel, Delivery, Outgoing
from otklik.channels.services import receiving, sending
from otklik.channels.services.naming import Namer
from otklik.cli.demo_city import Towns
from otklik.connectors.events import Webhook
from otklik.connectors.instagram.account import Login
from otklik.connectors.instagram.subscription import FIELDS as INSTAGRAM_FIELDS
from otklik.connectors.max.subscription import EVENTS as MAX_EVENTS
from otklik.connectors.vk.subscription import EVENTS, TITLE
from otklik.gate.hooks import Door
from otklik.intake.delivered import note_delivered
from otklik.intake.pipeline import take_in
from otklik.intake.understanding import Brain
from otklik.simulators.max import payloads as max_payloads
from otklik.simulators.max.delivery import Subscription
from otklik.simulators.telegram import payloads
from otklik.simulators.vk.delivery import callback_of

CLAIM = 500
"""More than a visit of the staff writes."""
_Request = tuple[Mapping[str, str], bytes]


class Carrier:
    """Carries everything that waits in the simulators to cases, and everything queued into the simulators."""

    def __init__(self, towns: Towns) -> None:
        self._towns = towns
        self._brain = Brain()
        self._namer = Namer()
        self._doors = {network: _door(channel) for network, channel in towns.channels.items()}
        self._telegram_headers = payloads.headers(secrets_of(towns.channels["telegram"])["webhook_secret"])
        vk = towns.channels["vk"]
        server = towns.vk.town.add_server(TITLE, hook_url(vk), secrets_of(vk)["callback_secret"])
        server.status, server.events = "ok", set(EVENTS)
        self._max_secret = secrets_of(towns.channels["max"])["webhook_secret"]
        url = hook_url(towns.channels["max"])
        towns.max_.deliveries.subscriptions[url] = Subscription(url, self._max_secret, MAX_EVENTS, 0)
        instagram = towns.instagram.deliveries
        instagram.url = hook_url(towns.channels["instagram"])
        instagram.fields = set(INSTAGRAM_FIELDS[Login.INSTAGRAM])

    def carry(self, now: datetime) -> None:
        """Verify and store what the networks deliver, and carry it to cases, all at this moment."""
        self._take("telegram", self._from_telegram(), now)
        self._take("vk", self._from_vk(), now)
        self._take("instagram", self._from_instagram(), now)
        self._take("max", self._from_max(), now)
        self._take("site", self._from_site(), now)

    def send(self, now: datetime) -> None:
        """Send what is due, as the worker does."""
        by_channel: dict[int, list[Outgoing]] = {}
        for row in sending.claim("past", now=now, limit=CLAIM):
            by_channel.setdefault(row.channel_id, []).append(row)
        for rows in by_channel.values():
            sending.record(sending.deliver(rows[0].channel, rows, now=now), now=now, then=note_delivered)

    def ask_names(self) -> None:
        """Ask the networks who the people are that came without a name."""
        self._namer.name_strangers()

    def _take(self, network: str, requests: list[_Request], now: datetime) -> None:
        if not requests:
            return
        channel, door = self._towns.channels[network], self._doors[network]
        hooks = [Webhook(headers=headers, body=body, received_at=now) for headers, body in requests]
        for hook in hooks:
            door.connector.verify(hook)
        receiving.store([_arrival(door, hook) for hook in hooks])
        due = Delivery.objects.filter(channel=channel, state=DeliveryState.RECEIVED).order_by("id")
        take_in(channel, list(due), self._brain, now=now)

    def _from_telegram(self) -> list[_Request]:
        pending = self._towns.telegram.deliveries.pending
        found = [(self._telegram_headers, payloads.encode(one.update)) for one in pending]
        pending.clear()
        return list(found)

    def _from_vk(self) -> list[_Request]:
        told = self._towns.vk.deliveries
        found = [callback_of(told, one.server, one.kind, one.thing, one.event_id) for one in told.pending]
        told.pending.clear()
        return [({}, body) for body in found]

    def _from_instagram(self) -> list[_Request]:
        told = self._towns.instagram.deliveries
        bodies = [one.body for one in told.pending]
        told.pending.clear()
        return [({name.lower(): one for name, one in told.headers(body).items()}, body) for body in bodies]

    def _from_max(self) -> list[_Request]:
        pending = self._towns.max_.deliveries.pending
        found = [(max_payloads.headers(self._max_secret), max_payloads.encode(one.update)) for one in pending]
        pending.clear()
        return list(found)

    def _from_site(self) -> list[_Request]:
        visitors = self._towns.life.visitors
        found = [(visitors.headers(body), body) for body in visitors.pending]
        visitors.pending.clear()
        return list(found)


def _door(channel: Channel) -> Door:
    secrets = tuple(value.encode() for value in secrets_of(channel).values())
    return Door(channel.municipality_id, channel.pk, channel.revision, connector_of(channel), secrets)


def _arrival(door: Door, hook: Webhook) -> receiving.Arrival:
    return receiving.Arrival(
        municipality_id=door.municipality_id,
        channel_id=door.channel_id,
        dedup_key=door.connector.delivery_key(hook),
        body=door.without_secrets(hook.body),
        received_at=hook.received_at,
    )
