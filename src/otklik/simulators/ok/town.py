"""The state behind the simulator: a group with topics and comments, and people's conversations with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from otklik.simulators.ok import payloads
from otklik.simulators.ok.delivery import Deliveries
from otklik.simulators.ok.faults import Refusal
from otklik.simulators.ok.payloads import Json, Person


@dataclass(frozen=True, slots=True)
class Accepted:
    """One thing that the group published through us and that people can see."""

    id: str
    text: str
    place: str
    answers: str = ""


@dataclass(slots=True)
class Town:
    """A group of Odnoklassniki. Messages are pushed to `deliveries`; of comments nobody is told."""

    group: Person
    clock: Callable[[], float]
    deliveries: Deliveries
    topics: dict[str, Json] = field(default_factory=dict)
    comments: dict[str, list[Json]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    closed_by: set[str] = field(default_factory=set)
    """Conversations in which a person doesn't let the group write."""
    takes_comments: bool = True
    counters: Json = field(default_factory=dict)
    trends: dict[str, int] = field(default_factory=dict)
    summaries: dict[str, Json] = field(default_factory=dict)
    """What topics tell of themselves in numbers, by their id."""
    last: int = 0

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
        self.closed_by.discard(who.chat)
        hook = payloads.message_hook(
            who, text, number=self.next(), at_ms=self.now_ms(), photo=photo, with_kind=with_kind
        )
        self.deliveries.push(hook)
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
