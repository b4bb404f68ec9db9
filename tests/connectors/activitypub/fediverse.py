"""A city in the fediverse and a remote server, for whole stories: what comes goes the gate's way, then the worker's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from otklik.cases.enums import Outcome
from otklik.cases.models import Case
from otklik.cases.services import answering
from otklik.channels.connections import hook_url
from otklik.channels.fediverse import Parcel, Signer
from otklik.channels.models import Channel
from otklik.channels.services.connecting import connect
from otklik.channels.services.proving import account_of
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.connectors.activitypub.connector import ActivityPub
from otklik.connectors.events import Webhook
from otklik.org.enums import Role
from otklik.simulators.fediverse.payloads import Person
from otklik.simulators.fediverse.people import City, Pending
from otklik.simulators.fediverse.simulator import FediverseSimulator
from otklik.worker.fediverse import Fediverse
from otklik.worker.taking import take_channel
from tests.connectors.activitypub.keys import PRIVATE, PUBLIC
from tests.servers import serve
from tests.stories import Town, brain, found_town


@dataclass
class Connected:
    town: Town
    server: FediverseSimulator
    channel: Channel
    worker: Fediverse

    @property
    def account(self) -> ActivityPub:
        return account_of(self.channel)

    def person(self, username: str = "zoya") -> Person:
        return self.server.person(username, "Зоя Ручьёва")

    def hear(self) -> None:
        """Bring what people did, by the gate's steps, and let the worker take it."""
        people = self.server.people
        while people.pending:
            self.receive(people.pending.popleft())
        self.work()

    def receive(self, pending: Pending, **changes: str) -> None:
        headers, body = self.server.people.signed(pending.who, pending.activity, pending.inbox)
        self.take(headers | changes, body)

    def take(self, headers: dict[str, str], body: bytes) -> None:
        target = hook_url(self.channel).partition("://")[2].partition("/")[2]
        hook = Webhook(headers, body, now(), target=f"/{target}")
        claim = self.account.claim(hook)
        ids = (self.channel.municipality_id, self.channel.pk)
        store([Arrival(*ids, self.account.delivery_key(hook), body, hook.received_at, claim=claim)])

    def work(self) -> None:
        while self.worker.step() or take_channel(self.channel.pk, brain()):
            pass

    def later(self) -> None:
        """Let whatever waits for another try become due."""
        Parcel.objects.filter(state="due").update(due_at=now())
        Signer.objects.filter(state="due").update(due_at=now())
        self.work()

    def answer(self, case: Case, text: str) -> None:
        writer, approver = self.town.official(Role.EXECUTOR), self.town.official(Role.APPROVER)
        answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now())
        answering.submit(writer, case, now=now())
        answering.approve(approver, case, now=now())
        self.town.send()
        self.work()


@contextmanager
def connected_fediverse(**values: str) -> Iterator[Connected]:
    town = found_town()
    server = FediverseSimulator(in_background=False)
    told: dict[str, Any] = {"username": "mayor", "display_name": "Анна Берестова", "private_key": PRIVATE, **values}
    channel = connect(town.city, "activitypub", "fedi", "", told, now=now())
    with serve(server.asgi) as url:
        server.base_url = url
        found = Connected(town, server, channel, Fediverse())
        home = found.account.home
        server.people.city = City(home.actor, home.inbox)
        server.keys[home.key_id] = PUBLIC
        yield found
