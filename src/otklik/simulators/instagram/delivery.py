"""Meta's side of webhooks: the handshake with our word, then signed requests, repeated until they hear 200."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from otklik.simulators.instagram import payloads
from otklik.simulators.instagram.payloads import Json
from otklik.simulators.redelivery import Redelivery, Waiting

CHALLENGE = "1158201444"


@dataclass(slots=True)
class Pending(Waiting):
    """A request that hasn't been taken yet."""

    body: bytes


@dataclass
class Deliveries(Redelivery[Pending]):
    """The webhooks of one app; Meta repeats a refused one for as long as 36 hours."""

    app_secret: str = field(kw_only=True)
    url: str = ""
    fields: set[str] = field(default_factory=set)
    repeats: int = 1
    """How often each request comes: Meta promises no more than that it comes at all."""
    backwards: bool = False
    """Whether what waits comes newest first: Meta promises no order."""

    async def confirm(self, url: str, verify_token: str) -> bool:
        """Enter an address in the dashboard: Meta asks it for the challenge; return whether it is taken."""
        asked = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": CHALLENGE}
        async with self.open_client() as client:
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
        if self.backwards:
            self.pending.reverse()
        return await super().deliver()

    async def is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        """Try one request: only 200 takes it."""
        try:
            answer = await client.post(self.url, content=pending.body, headers=self.headers(pending.body))
            if answer.status_code == httpx.codes.OK:
                return True
        except httpx.HTTPError:
            pass
        self.put_off(pending)
        return False
