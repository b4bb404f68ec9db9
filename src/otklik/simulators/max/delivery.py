"""MAX's side of webhooks: updates in order, repeated until the answer is exactly 200; silence ends the subscription."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from otklik.simulators.max import payloads
from otklik.simulators.max.payloads import Json

MAX_PAUSE_S = 60.0


class Mischief(StrEnum):
    """What the way to us does with the next update."""

    LOST = "lost"
    REPEATED = "repeated"
    OVERTAKEN = "overtaken"


@dataclass(slots=True)
class Subscription:
    """An address that updates go to."""

    url: str
    secret: str
    update_types: tuple[str, ...]
    time_ms: int

    def describe(self) -> Json:
        """Return it in MAX's words."""
        return {"url": self.url, "time": self.time_ms, "update_types": list(self.update_types), "version": "0.0.1"}


@dataclass(slots=True)
class Pending:
    """An update that an address hasn't taken yet."""

    url: str
    update: Json
    attempts: int = 0
    due_at: float = 0.0


@dataclass(slots=True)
class Deliveries:
    """The updates of one bot. `clock` gives Unix seconds; a refused update waits `pause_s`, then twice that, …

    After `give_up_after` failures in a row (MAX: eight hours of them) the subscription is gone.
    """

    clock: Callable[[], float]
    pause_s: float = 1.0
    give_up_after: int | None = None
    timeout_s: float = 10.0
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    pending: deque[Pending] = field(default_factory=deque)
    mischief: deque[Mischief] = field(default_factory=deque)
    failures: int = 0
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def push(self, update: Json) -> None:
        """Queue an update for every address that wants its kind."""
        for one in list(self.subscriptions.values()):
            if not one.update_types or update["update_type"] in one.update_types:
                self._put(Pending(one.url, update))

    def _put(self, pending: Pending) -> None:
        happens = self.mischief.popleft() if self.mischief else None
        if happens is Mischief.LOST:
            return
        if happens is Mischief.OVERTAKEN and self.pending:
            self.pending.insert(len(self.pending) - 1, pending)
        else:
            self.pending.append(pending)
        if happens is Mischief.REPEATED:
            self.pending.append(Pending(pending.url, pending.update))

    async def deliver(self) -> int:
        """Try every update that is due, once; return how many were taken."""
        if not self.pending:
            return 0
        taken = 0
        async with httpx.AsyncClient(timeout=self.timeout_s, verify=self._tls, trust_env=False) as client:
            for _ in range(len(self.pending)):
                try:
                    pending = self.pending.popleft()
                except IndexError:  # another loop takes from the same queue
                    break
                if pending.url not in self.subscriptions:
                    continue
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
        headers = payloads.headers(self.subscriptions[pending.url].secret)
        try:
            answer = await client.post(pending.url, content=payloads.encode(pending.update), headers=headers)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code == httpx.codes.OK:
            self.failures = 0
            return True
        pending.due_at = self.clock() + min(self.pause_s * 2.5**pending.attempts, MAX_PAUSE_S)
        pending.attempts += 1
        self.failures += 1
        if self.give_up_after is not None and self.failures >= self.give_up_after:
            self.subscriptions.pop(pending.url, None)
        return False
