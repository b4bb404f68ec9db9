"""The state behind the simulator: a group with topics and comments, and people's conversations with it."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from otklik.simulators.ok import payloads
from otklik.simulators.ok.faults import Refusal
from otklik.simulators.ok.payloads import Json, Person

MAX_PAUSE_S = 60.0
HEARD_WITHIN_S = 5.0
"""A webhook that isn't answered in this time counts as refused."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One thing that the group published through us and that people can see."""

    id: str
    text: str
    place: str
    answers: str = ""


@dataclass(slots=True)
class Pending:
    """A webhook that nobody has taken yet."""

    body: Json
    attempts: int = 0
    due_at: float = 0.0


@dataclass(slots=True)
class Town:
    """A group of Odnoklassniki. Messages are pushed to `url`; of comments nobody is told."""

    group: Person
    clock: Callable[[], float]
    pause_s: float = 1.0
    urls: list[str] = field(default_factory=list)
    pending: deque[Pending] = field(default_factory=deque)
    topics: dict[str, Json] = field(default_factory=dict)
    comments: dict[str, list[Json]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    takes_comments: bool = True
    last: int = 0
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def now_ms(self) -> int:
        """Return Unix milliseconds."""
        return int(self.clock() * 1000)

    def next(self) -> int:
        """Return a number that nothing has yet."""
        self.last += 1
        return self.last

    def write(self, who: Person, text: str, *, photo: str = "", with_kind: bool = True) -> Json:
        """Have a person write to the group; from now on it may answer."""
        self.people[who.chat] = who
        hook = payloads.message_hook(
            who, text, number=self.next(), at_ms=self.now_ms(), photo=photo, with_kind=with_kind
        )
        if self.urls:
            self.pending.append(Pending(hook))
        return hook

    def publish(self, text: str) -> str:
        """Put a topic into the group and return its id."""
        number = str(60_000_000_000 + self.next())
        self.topics[number] = payloads.topic(number, text, self.now_ms())
        self.comments[number] = []
        return number

    def comment(self, topic: str, who: Person, text: str, answers: str = "") -> Json:
        """Have somebody comment under a topic. Raises Refusal."""
        if topic not in self.topics:
            raise Refusal(300, "NOT_FOUND : Discussion not found")
        made = payloads.comment(f"c{self.next()}", who, text, self.now_ms(), answers)
        self.comments[topic].append(made)
        return made

    async def deliver(self) -> int:
        """Try every webhook that is due, once; return how many were taken."""
        taken = 0
        if not self.pending:
            return 0
        async with httpx.AsyncClient(timeout=HEARD_WITHIN_S, verify=self._tls, trust_env=False) as client:
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
        taken = True
        for url in list(self.urls):
            try:
                answer = await client.post(url, content=payloads.encode(pending.body), headers=payloads.HEADERS)
            except httpx.HTTPError:
                taken = False
            else:
                taken = taken and answer.status_code == httpx.codes.OK
        if not taken:
            pending.due_at = self.clock() + min(self.pause_s * 2**pending.attempts, MAX_PAUSE_S)
            pending.attempts += 1
        return taken
