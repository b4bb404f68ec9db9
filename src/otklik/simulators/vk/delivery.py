"""VK's side of callbacks: the handshake first, then events, repeated until the answer is `ok`."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from otklik.simulators.vk.payloads import callback

MAX_PAUSE_S = 60.0
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
class Pending:
    """An event that a server hasn't taken yet."""

    server: Server
    kind: str
    thing: Mapping[str, Any]
    event_id: str
    attempts: int = 0
    due_at: float = 0.0


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


@dataclass(slots=True)
class Deliveries:
    """The events of one community. `clock` gives Unix seconds; a refused event waits `pause_s`, then twice that.

    VK stops delivering to a server after "several" failures in a row; here after `give_up_after`, if it is given.
    `client` makes the HTTP client, for tests that need no socket.
    """

    group_id: int
    clock: Callable[[], float]
    pause_s: float = 1.0
    give_up_after: int | None = None
    client: Callable[[], httpx.AsyncClient] | None = None
    timeout_s: float = 10.0
    servers: dict[int, Server] = field(default_factory=dict)
    long_poll: LongPoll = field(default_factory=LongPoll)
    code: str = "a1b2c3d4"
    pending: deque[Pending] = field(default_factory=deque)
    next_event: int = 1
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

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
        """Confirm new servers, try every event that is due, once; return how many were taken."""
        new = [server for server in list(self.servers.values()) if server.status == "wait"]
        if not new and not self.pending:
            return 0
        taken = 0
        async with self._client() as client:
            for server in new:
                await self._confirm(client, server)
            for _ in range(len(self.pending)):
                try:
                    pending = self.pending.popleft()
                except IndexError:  # another loop takes from the same queue
                    break
                if pending.due_at > self.clock() or not await self._is_taken(client, pending):
                    self.pending.append(pending)
                else:
                    taken += 1
        return taken

    async def run(self, every_s: float = 0.1) -> None:
        """Deliver for ever, until cancelled."""
        while True:
            await self.deliver()
            await asyncio.sleep(every_s)

    async def _confirm(self, client: httpx.AsyncClient, server: Server) -> None:
        server.status = "unconfigured"
        answer = await self._post(client, server, callback_of(self, server, "confirmation", None), {})
        right = answer is not None and answer.status_code == httpx.codes.OK and answer.text == self.code
        server.status = "ok" if right else "failed"

    async def _is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        server = pending.server
        if server.status != "ok":
            return False
        headers = {"X-Retry-Counter": str(pending.attempts)} if pending.attempts else {}
        body = callback_of(self, server, pending.kind, pending.thing, pending.event_id)
        answer = await self._post(client, server, body, headers)
        if answer is not None and answer.status_code == httpx.codes.OK and answer.content == b"ok":
            server.failures = 0
            return True
        pause = _asked_to_wait(answer, self.clock())
        if pause is None:
            pause = min(self.pause_s * 2**pending.attempts, MAX_PAUSE_S)
        pending.due_at = self.clock() + pause
        pending.attempts += 1
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

    def _client(self) -> httpx.AsyncClient:
        if self.client is not None:
            return self.client()
        return httpx.AsyncClient(timeout=self.timeout_s, verify=self._tls, trust_env=False)

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
