"""VK's side of callbacks: the handshake first, then events, repeated until the answer is `ok`."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from otklik.simulators.redelivery import Redelivery, Waiting
from otklik.simulators.vk.payloads import callback

MAX_DEFER_S = 3 * 3600.0
MAY_DEFER = frozenset({410, 429, 503})
"""Statuses with which a server may ask for a later repeat by `Retry-After`."""


@dataclass(slots=True)
class Server:
    """A callback server: where events go, and which."""

    id: int
    title: str
    url: str
    secret: str
    status: str = "wait"
    events: set[str] = field(default_factory=set)
    failures: int = 0

    def wants(self, event: str) -> bool:
        """Whether this event is delivered to it."""
        return self.status == "ok" and event in self.events


@dataclass(slots=True)
class Pending(Waiting):
    """An event that a server hasn't taken yet."""

    server: Server
    kind: str
    thing: Mapping[str, Any]
    event_id: str


@dataclass(slots=True)
class LongPoll:
    """Events kept for a bot that asks. `ts` counts them from 1; `failures` are played on the next questions."""

    enabled: bool = False
    events: set[str] = field(default_factory=set)
    key: str = "k1"
    kept: list[bytes] = field(default_factory=list)
    failures: deque[int] = field(default_factory=deque)

    def answer(self, key: str, ts: str) -> dict[str, Any]:
        """Return what happened since `ts`, or why it can't be told. Answers at once, also when asked to wait."""
        newest = len(self.kept) + 1
        failed = self.failures.popleft() if self.failures else 0
        if failed == 1 or not ts.isdigit() or int(ts) > newest:
            return {"failed": 1, "ts": newest}
        if failed or key != self.key:
            return {"failed": failed or 2}
        return {"ts": str(newest), "updates": [msgspec.Raw(one) for one in self.kept[max(int(ts), 1) - 1 :]]}


@dataclass
class Deliveries(Redelivery[Pending]):
    """The events of one community.

    VK stops delivering to a server after "several" failures in a row; here after `give_up_after`, if it is given.
    """

    group_id: int = field(kw_only=True)
    give_up_after: int | None = None
    servers: dict[int, Server] = field(default_factory=dict)
    long_poll: LongPoll = field(default_factory=LongPoll)
    code: str = "a1b2c3d4"
    next_event: int = 1

    def push(self, kind: str, thing: Mapping[str, Any]) -> None:
        """Queue an event for every confirmed server that wants it."""
        event_id = self._next_event_id()
        for server in list(self.servers.values()):
            if server.wants(kind):
                self.pending.append(Pending(server, kind, thing, event_id))
        if self.long_poll.enabled and kind in self.long_poll.events:
            told = callback(kind, thing, event_id=event_id, group_id=self.group_id, secret="")
            self.long_poll.kept.append(told)

    async def deliver(self) -> int:
        """Confirm new servers, then try every event that is due, once; return how many were taken."""
        new = [server for server in list(self.servers.values()) if server.status == "wait"]
        if new:
            async with self.open_client() as client:
                for server in new:
                    await self._confirm(client, server)
        return await super().deliver()

    async def _confirm(self, client: httpx.AsyncClient, server: Server) -> None:
        server.status = "unconfigured"
        answer = await self._post(client, server, callback_of(self, server, "confirmation", None), {})
        right = answer is not None and answer.status_code == httpx.codes.OK and answer.text == self.code
        server.status = "ok" if right else "failed"

    async def is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        """Try one event: only 200 with `ok` takes it."""
        server = pending.server
        if server.status != "ok":
            return False
        headers = {"X-Retry-Counter": str(pending.attempts)} if pending.attempts else {}
        body = callback_of(self, server, pending.kind, pending.thing, pending.event_id)
        answer = await self._post(client, server, body, headers)
        if answer is not None and answer.status_code == httpx.codes.OK and answer.content == b"ok":
            server.failures = 0
            return True
        self.put_off(pending, _asked_to_wait(answer, self.clock()))
        server.failures += 1
        if self.give_up_after is not None and server.failures >= self.give_up_after:
            server.status = "failed"
        return False

    async def _post(
        self, client: httpx.AsyncClient, server: Server, body: bytes, headers: Mapping[str, str]
    ) -> httpx.Response | None:
        try:
            return await client.post(server.url, content=body, headers={"Content-Type": "application/json", **headers})
        except httpx.HTTPError:
            return None

    def _next_event_id(self) -> str:
        event_id = hashlib.sha256(f"{self.group_id}:{self.next_event}".encode()).hexdigest()[:40]
        self.next_event += 1
        return event_id


def callback_of(
    deliveries: Deliveries, server: Server, kind: str, thing: Mapping[str, Any] | None, event_id: str = ""
) -> bytes:
    """Return the body that a server gets."""
    return callback(kind, thing, event_id=event_id, group_id=deliveries.group_id, secret=server.secret)


def _asked_to_wait(answer: httpx.Response | None, now: float) -> float | None:
    """Return the seconds of a `Retry-After` (a number or a date) where the status allows it."""
    if answer is None or answer.status_code not in MAY_DEFER:
        return None
    asked = answer.headers.get("retry-after", "")
    if asked.isdigit():
        return min(float(asked), MAX_DEFER_S)
    try:
        return min(max(parsedate_to_datetime(asked).timestamp() - now, 0.0), MAX_DEFER_S)
    except ValueError:
        return None
