"""Odnoklassniki's side of webhooks: each goes to every address, again until all of them answer 200."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from otklik.simulators.ok import payloads
from otklik.simulators.ok.payloads import Json
from otklik.simulators.redelivery import Redelivery, Waiting


@dataclass(slots=True)
class Pending(Waiting):
    """A webhook that nobody has taken yet."""

    body: Json


@dataclass(slots=True)
class Deliveries(Redelivery[Pending]):
    """The webhooks of one group. One that isn't answered in five seconds counts as refused."""

    timeout_s: float = 5.0
    urls: list[str] = field(default_factory=list)

    def push(self, body: Json) -> None:
        """Queue a webhook where anybody is subscribed."""
        if self.urls:
            self.pending.append(Pending(body))

    async def is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        """Try one webhook: only 200 of every address takes it."""
        taken = True
        for url in list(self.urls):
            try:
                answer = await client.post(url, content=payloads.encode(pending.body), headers=payloads.HEADERS)
            except httpx.HTTPError:
                taken = False
            else:
                taken = taken and answer.status_code == httpx.codes.OK
        if not taken:
            self.put_off(pending)
        return taken
