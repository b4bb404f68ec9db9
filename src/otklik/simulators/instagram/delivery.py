"""Meta's side of webhooks: the handshake with our word, then signed requests, repeated until they hear 200."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from otklik.simulators.instagram import payloads
from otklik.simulators.instagram.payloads import Json

MAX_PAUSE_S = 60.0
CHALLENGE = "1158201444"


@dataclass(slots=True)
class Pending:
    """A request that hasn't been taken yet."""

    body: bytes
    attempts: int = 0
    due_at: float = 0.0


@dataclass(slots=True)
class Deliveries:
    """The webhooks of one app. A refused request waits `pause_s`, then twice that, as long as 36 hours in all."""

    app_secret: str
    clock: Callable[[], float]
    pause_s: float = 1.0
    client: Callable[[], httpx.AsyncClient] | None = None
    timeout_s: float = 10.0
    url: str = ""
    fields: set[str] = field(default_factory=set)
    repeats: int = 1
    """How often each request comes: Meta promises no more than that it comes at all."""
    backwards: bool = False
    """Whether what waits comes newest first: Meta promises no order."""
    pending: deque[Pending] = field(default_factory=deque)
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    async def confirm(self, url: str, verify_token: str) -> bool:
        """Enter an address in the dashboard: Meta asks it for the challenge; return whether it is taken."""
        asked = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": CHALLENGE}
        async with self._client() as client:
            try:
                answer = await client.get(url, params=asked)
            except httpx.HTTPError:
                return False
        if answer.status_code != httpx.codes.OK or answer.text != CHALLENGE:
            return False
        self.url = url
        return True

    def push(self, field_name: str, entries: Sequence[Json]) -> None:
        """Queue a request where the account is subscribed to such events."""
        if self.url and field_name in self.fields:
            self.pending.extend(Pending(payloads.encode(entries)) for _ in range(self.repeats))

    def headers(self, body: bytes) -> dict[str, str]:
        """Return what a request is posted with."""
        return payloads.signature(self.app_secret, body)

    async def deliver(self) -> int:
        """Try every request that is due, once; return how many were taken."""
        if not self.pending:
            return 0
        if self.backwards:
            self.pending.reverse()
        taken = 0
        async with self._client() as client:
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

    async def _is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        try:
            answer = await client.post(self.url, content=pending.body, headers=self.headers(pending.body))
            if answer.status_code == httpx.codes.OK:
                return True
        except httpx.HTTPError:
            pass
        pending.due_at = self.clock() + min(self.pause_s * 2**pending.attempts, MAX_PAUSE_S)
        pending.attempts += 1
        return False

    def _client(self) -> httpx.AsyncClient:
        if self.client is not None:
            return self.client()
        return httpx.AsyncClient(timeout=self.timeout_s, verify=self._tls, trust_env=False)
