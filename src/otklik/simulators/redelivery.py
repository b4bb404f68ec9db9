"""How a network delivers to a webhook: a queue in order; what isn't taken waits longer each time and is tried again."""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

import httpx

MAX_PAUSE_S = 60.0


@dataclass(slots=True, kw_only=True)
class Waiting:
    """Something that nobody has taken yet: how often it was tried, and when it is due (Unix seconds)."""

    attempts: int = 0
    due_at: float = 0.0


AnyWaiting = TypeVar("AnyWaiting", bound=Waiting)


@dataclass(slots=True)
class Redelivery(ABC, Generic[AnyWaiting]):
    """The deliveries of one account. `clock`: Unix seconds. A refused one waits `pause_s`, then `growth` times that, …

    `client` makes the HTTP client, for tests that need no socket.
    """

    growth: ClassVar[float] = 2
    clock: Callable[[], float]
    pause_s: float = 1.0
    timeout_s: float = 10.0
    client: Callable[[], httpx.AsyncClient] | None = None
    pending: deque[AnyWaiting] = field(default_factory=deque)
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @abstractmethod
    async def is_taken(self, client: httpx.AsyncClient, pending: AnyWaiting) -> bool:
        """Try one; where it isn't taken, say with `put_off` when it is due again."""

    async def deliver(self) -> int:
        """Try everything that is due, once; return how many were taken."""
        if not self.pending:
            return 0
        async with self.open_client() as client:
            return await self._try_all(client)

    async def run(self, every_s: float = 0.1) -> None:
        """Deliver for ever, until cancelled."""
        while True:
            await self.deliver()
            await asyncio.sleep(every_s)

    def put_off(self, pending: AnyWaiting, pause_s: float | None = None) -> None:
        """Let it wait: as long as is said, otherwise longer each time."""
        if pause_s is None:
            pause_s = min(self.pause_s * self.growth**pending.attempts, MAX_PAUSE_S)
        pending.due_at = self.clock() + pause_s
        pending.attempts += 1

    def open_client(self) -> httpx.AsyncClient:
        """Return a client to deliver with; its opener closes it."""
        if self.client is not None:
            return self.client()
        return httpx.AsyncClient(timeout=self.timeout_s, verify=self._tls, trust_env=False)

    async def _try_all(self, client: httpx.AsyncClient) -> int:
        taken = 0
        for _ in range(len(self.pending)):
            try:
                pending = self.pending.popleft()
            except IndexError:  # another loop takes from the same queue
                break
            if pending.due_at > self.clock() or not await self.is_taken(client, pending):
                self.pending.append(pending)
            else:
                taken += 1
        return taken
