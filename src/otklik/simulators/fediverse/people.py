"""What people of a remote server do: follow, write, answer, think again, like, boost: activities for our inbox."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from otklik.simulators.fediverse import payloads, signing
from otklik.simulators.fediverse.payloads import PUBLIC, Json, Person

MAX_PAUSE_S = 60.0


class Server(Protocol):
    """The server that they are on."""

    base_url: str
    pause_s: float

    @property
    def clock(self) -> Any:
        """Gives Unix seconds."""
        ...


@dataclass(slots=True)
class City:
    """The actor that people write to: its address and where it takes activities."""

    actor: str
    inbox: str


@dataclass(slots=True)
class Pending:
    """An activity that the inbox hasn't taken yet."""

    who: Person
    activity: Json
    inbox: str
    attempts: int = 0
    due_at: float = 0.0


@dataclass
class People:
    """The accounts of one server and what they have done. `style`: how the server signs, `cavage` or `rfc9421`."""

    server: Server
    style: str = "cavage"
    accounts: dict[str, Person] = field(default_factory=dict)
    notes: dict[str, Json] = field(default_factory=dict)
    pending: deque[Pending] = field(default_factory=deque)
    refusals: list[int] = field(default_factory=list)
    city: City | None = None
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def person(self, username: str, name: str = "") -> Person:
        """Return somebody; they get an account if they have none."""
        found = self.accounts.get(username)
        if found is None or found.base != self.server.base_url:
            found = self.accounts[username] = Person(self.server.base_url, username, name)
        return found

    async def discover(self, site: str, username: str) -> City:
        """Find the city by its handle, as people do: WebFinger, then the actor's page."""
        host = site.partition("//")[2]
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            asked = {"resource": f"acct:{username}@{host}"}
            found = (await client.get(f"{site}/.well-known/webfinger", params=asked)).raise_for_status().json()
            address = next(one["href"] for one in found["links"] if one["rel"] == "self")
            page = await client.get(address, headers={"accept": "application/activity+json"})
            told = page.raise_for_status().json()
        self.city = City(told["id"], told["inbox"])
        return self.city

    def page(self, path: str) -> Json | None:
        """Return what stands at an address of this server's."""
        who = self.accounts.get(path.removeprefix("/users/"))
        if who is not None:
            return payloads.actor(who, signing.public_pem(signing.shared_key()))
        return self.notes.get(f"{self.server.base_url}{path}")

    def follow(self, who: Person) -> Json:
        """Have somebody ask for the city's posts."""
        return self._do(who, payloads.activity("Follow", self._address(who, "follows"), who.id, self._city.actor))

    def unfollow(self, who: Person, asked: Json) -> Json:
        """Have somebody want them no longer."""
        return self._do(who, payloads.activity("Undo", f"{asked['id']}/undo", who.id, asked))

    def say(self, who: Person, text: str, *, reply_to: str = "", private: bool = False) -> Json:
        """Have somebody write to the city, in public or to it alone; returns the note."""
        us = self._city.actor
        to, cc = ([us], []) if private else ([PUBLIC], [f"{who.id}/followers", us])
        content = payloads.html(text, us, us.rpartition("/")[2])
        thing = payloads.note(
            who,
            next(self.numbers),
            content,
            to=to,
            cc=cc,
            reply_to=reply_to or None,
            mention=us,
            at=self.server.clock(),
        )
        self.notes[thing["id"]] = thing
        self._do(who, payloads.create(thing))
        return thing

    def edit(self, who: Person, thing: Json, text: str) -> Json:
        """Have somebody change what they wrote."""
        us = self._city.actor
        at = payloads.stamp(self.server.clock() + 1)
        changed = thing | {"content": payloads.html(text, us, us.rpartition("/")[2]), "updated": at}
        self.notes[thing["id"]] = changed
        number = next(self.numbers)
        return self._do(
            who, payloads.activity("Update", f"{thing['id']}#updates/{number}", who.id, changed, like=changed)
        )

    def delete(self, who: Person, thing: Json) -> Json:
        """Have somebody take back what they wrote."""
        self.notes.pop(thing["id"], None)
        gone = {"id": thing["id"], "type": "Tombstone"}
        return self._do(who, payloads.activity("Delete", f"{thing['id']}#delete", who.id, gone, like=thing))

    def like(self, who: Person, address: str) -> Json:
        """Have somebody like something of ours."""
        return self._do(who, payloads.activity("Like", self._address(who, "likes"), who.id, address))

    def boost(self, who: Person, address: str) -> Json:
        """Have somebody pass something of ours on."""
        return self._do(who, payloads.activity("Announce", self._address(who, "boosts"), who.id, address))

    def undo(self, who: Person, done: Json) -> Json:
        """Have somebody take a like or a boost back."""
        return self._do(who, payloads.activity("Undo", f"{done['id']}/undo", who.id, done))

    async def deliver(self) -> int:
        """Try everything that is due once; return how many were taken."""
        taken = 0
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for _ in range(len(self.pending)):
                pending = self.pending.popleft()
                if pending.due_at > self.server.clock() or not await self._is_taken(client, pending):
                    self.pending.append(pending)
                else:
                    taken += 1
        return taken

    async def run(self, every_s: float = 0.1) -> None:
        """Deliver for ever, until cancelled."""
        while True:
            if self.pending:
                await self.deliver()
            await asyncio.sleep(every_s)

    def signed(self, who: Person, activity: Json, inbox: str) -> tuple[dict[str, str], bytes]:
        """Return the headers and the body of a request that brings an activity."""
        body = payloads.encode(activity)
        sign = signing.rfc9421 if self.style == "rfc9421" else signing.cavage
        return sign(inbox, body, who.key_id, signing.shared_key(), at=self.server.clock()), body

    @property
    def _city(self) -> City:
        if self.city is None:
            raise LookupError("nobody has looked the city up yet")
        return self.city

    def _address(self, who: Person, sort: str) -> str:
        return f"{who.id}/{sort}/{next(self.numbers)}"

    def _do(self, who: Person, activity: Json) -> Json:
        self.pending.append(Pending(who, activity, self._city.inbox))
        return activity

    async def _is_taken(self, client: httpx.AsyncClient, pending: Pending) -> bool:
        headers, body = self.signed(pending.who, pending.activity, pending.inbox)
        try:
            answer = await client.post(pending.inbox, content=body, headers=headers)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code < 300:
            return True
        if answer is not None and answer.status_code in (400, 401, 403, 404, 410):
            self.refusals.append(answer.status_code)
            return True  # refused for good: nobody tries again
        pending.due_at = self.server.clock() + min(self.server.pause_s * 2.0**pending.attempts, MAX_PAUSE_S)
        pending.attempts += 1
        return False
