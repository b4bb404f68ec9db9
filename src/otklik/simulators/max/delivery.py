"""MAX's side of webhooks: updates in order, repeated until the answer is exactly 200; silence ends the subscription."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

import httpx

from otklik.simulators.max import payloads
from otklik.simulators.max.payloads import Json
from otklik.simulators.redelivery import Redelivery, Waiting


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
class Pending(Waiting):
    """An update that an address hasn't taken yet."""

    url: str
    update: Json


@dataclass(slots=True)
class Deliveries(Redelivery[Pending]):
    """The updates of one bot. After `give_up_after` failures in a row (MAX: eight hours) the subscription is gone."""

    growth: ClassVar[float] = 2.5
    give_up_after: int | None = None
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    mischief: deque[Mischief] = field(default_factory=deque)
    failures: int = 0

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

    async def is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        """Try one update: only 200 takes it; where nobody is subscribed any more, it is dropped."""
        if pending.url not in self.subscriptions:
            return True
        headers = payloads.headers(self.subscriptions[pending.url].secret)
        try:
            answer = await client.post(pending.url, content=payloads.encode(pending.update), headers=headers)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code == httpx.codes.OK:
            self.failures = 0
            return True
        self.put_off(pending)
        self.failures += 1
        if self.give_up_after is not None and self.failures >= self.give_up_after:
            self.subscriptions.pop(pending.url, None)
        return False
