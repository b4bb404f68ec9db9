"""Telegram's side of a webhook: a queue of updates, delivered in order, repeated until the answer is 2xx."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import httpx

from otklik.simulators.redelivery import Redelivery, Waiting
from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.payloads import Json

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that are delivered only to those who asked for them by name."""


@dataclass(slots=True)
class Pending(Waiting):
    """An update that nobody has taken yet."""

    update: Json


@dataclass(slots=True)
class Deliveries(Redelivery[Pending]):
    """The updates of one bot."""

    url: str = ""
    secret: str = ""
    allowed: tuple[str, ...] = ()
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""
    next_id: int = 100

    def push(self, kind: str, content: Json) -> None:
        """Queue an update unless its kind isn't subscribed to."""
        if kind not in self.allowed and (self.allowed or kind in NOT_BY_DEFAULT):
            return
        # What is told once stays so: what is changed later is another update.
        self.pending.append(Pending(payloads.update(self.next_id, kind, copy.deepcopy(content))))
        self.next_id += 1

    async def is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        """Try one update: any 2xx takes it."""
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
        self.last_error_date, self.last_error_message = int(self.clock()), error
        self.put_off(pending)
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
