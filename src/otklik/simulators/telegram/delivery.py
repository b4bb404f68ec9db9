"""Telegram's side of a webhook: a queue of updates, delivered in order, repeated until the answer is 2xx."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.payloads import Json

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that are delivered only to those who asked for them by name."""

MAX_PAUSE_S = 60.0


@dataclass(slots=True)
class Pending:
    """An update that nobody has taken yet."""

    update: Json
    attempts: int = 0
    due_at: float = 0.0


@dataclass(slots=True)
class Deliveries:
    """The updates of one bot. `clock` gives Unix seconds; a refused update waits `pause_s`, then twice that, …"""

    clock: Callable[[], float]
    pause_s: float = 1.0
    timeout_s: float = 10.0
    url: str = ""
    secret: str = ""
    allowed: tuple[str, ...] = ()
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""
    pending: deque[Pending] = field(default_factory=deque)
    next_id: int = 100
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def push(self, kind: str, content: Json) -> None:
        """Queue an update unless its kind isn't subscribed to."""
        if kind not in self.allowed and (self.allowed or kind in NOT_BY_DEFAULT):
            return
        self.pending.append(Pending(payloads.update(self.next_id, kind, content)))
        self.next_id += 1

    async def deliver(self) -> int:
        """Try every update that is due, once; return how many were taken."""
        if not self.url or not self.pending:
            return 0
        taken = 0
        async with httpx.AsyncClient(timeout=self.timeout_s, verify=self._tls, trust_env=False) as client:
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
        headers = payloads.headers(self.secret)
        if not self.secret:
            del headers["x-telegram-bot-api-secret-token"]
        try:
            answer = await client.post(self.url, content=payloads.encode(pending.update), headers=headers)
        except httpx.ConnectError:
            error = "Connection refused"
        except httpx.TimeoutException:
            error = "Connection timed out"
        except httpx.HTTPError:
            error = "Connection closed"
        else:
            if answer.is_success:
                return True
            error = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        now = self.clock()
        self.last_error_date, self.last_error_message = int(now), error
        pending.due_at = now + min(self.pause_s * 2**pending.attempts, MAX_PAUSE_S)
        pending.attempts += 1
        return False

    def describe(self) -> dict[str, Any]:
        """Return a WebhookInfo."""
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
            "max_connections": self.max_connections,
            "allowed_updates": list(self.allowed),
        }
        if self.last_error_date:
            info |= {"last_error_date": self.last_error_date, "last_error_message": self.last_error_message}
        return info
