"""Telling whole stories in tests: residents write through the own-site channel's real payloads, the worker's own steps
carry them, officials act through the services."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from otklik.cases.models import Case
from otklik.channels.connections import connector_of, secrets_of
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.connectors.events import Webhook
from otklik.intake.understanding import Brain
from otklik.org.access import Access, access_of
from otklik.org.enums import Role
from otklik.org.models import Municipality
from otklik.org.services.founding import CityPlan, add_official, found_city
from otklik.proof.services.signing import make_key
from otklik.simulators.site.payloads import comment_submission, headers
from otklik.worker.loop import Worker
from otklik.worker.taking import take_channel

_BRAIN: list[Brain] = []


def brain() -> Brain:
    """The triage library is read once for the whole run; what it keeps of a city is not."""
    if not _BRAIN:
        _BRAIN.append(Brain())
    _BRAIN[0].forget()
    return _BRAIN[0]


@dataclass
class Town:
    """A founded city with its own site connected."""

    city: Municipality
    site: Channel
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def hear(self, text: str, *, visitor: str = "", post: str = "", parent: str = "", **fields: object) -> Message:
        """Somebody writes on the site; the worker carries it; returns the stored message."""
        number = next(self.numbers)
        key = f"s{number}"
        body = comment_submission(key, text, name="Иван", visitor=visitor or f"v{number}", post=post)
        self.deliver(body if not (parent or fields) else _with(body, parent=parent, **fields))
        return Message.objects.get(channel=self.site, external_id=key)

    def deliver(self, body: bytes, *, at: datetime | None = None) -> None:
        """Store one signed body as the gate does, and let the worker take it."""
        store_body(self.site, body, at=at)
        self.work()

    def work(self) -> None:
        """Carry everything that is due on the site's channel."""
        while take_channel(self.site.pk, brain()):
            pass

    def official(self, *roles: Role, name: str = "Вера Лугова") -> Access:
        official = add_official(
            self.city,
            email=f"o{next(self.numbers)}@{self.city.slug}.example",
            full_name=name,
            roles=[(role, None) for role in roles],
        )
        return access_of(official)

    def case(self, message: Message) -> Case:
        return Case.objects.get(case_messages__message=message)

    def send(self) -> None:
        """Let the worker send what is queued."""
        worker = Worker()
        while worker.send_step():
            pass


def found_town(slug: str = "yasnogorye") -> Town:
    city = found_city(CityPlan(slug=slug, name="Ясногорье", head_name="Анна Берестова"))
    make_key(city, now=now())
    return Town(city, connect(city, "site", "site", "", {}, now=now()))


def store_body(channel: Channel, body: bytes, *, at: datetime | None = None) -> None:
    """Verify and store a body by the same steps as the gate."""
    hook = Webhook(headers(secrets_of(channel)["webhook_secret"], body), body, at or now())
    connector = connector_of(channel)
    connector.verify(hook)
    store([Arrival(channel.municipality_id, channel.pk, connector.delivery_key(hook), body, hook.received_at)])


def age(rows: object, **by: float) -> None:
    """Push a case's answer into the past."""
    Case.objects.filter(pk=rows.pk).update(answered_at=now() - timedelta(**by))


def texts_sent(channel: Channel) -> list[str]:
    return list(Outgoing.objects.filter(channel=channel, state="sent").order_by("id").values_list("text", flat=True))


def _with(body: bytes, **fields: object) -> bytes:
    import json

    return json.dumps({**json.loads(body), **fields}).encode()
