"""Recognising what was told before: open cases that a new message may be about, found by keys and not by a search.

Each message that opens a case leaves a few keys (its letters, its house, a sketch of its telling words), and each key
leads to one message. A lookup asks for the keys of a whole batch: three queries, whose cost doesn't grow with the
number of messages. Both sides are compared by triage.alike; what follows is decided in intake.deciding.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from otklik.cases.models import CaseMessage, Trace
from otklik.channels.models import Message
from otklik.common.inserting import insert_new_values
from otklik.triage import Gazetteer, Kind, Understood
from otklik.triage.alike import Likeness, likeness
from otklik.triage.imprint import Imprint, imprint, sketch
from otklik.triage.rarity import Rarity
from otklik.triage.words import Reader

_TOLD = (
    *(
        "message_id",
        "case_id",
        "case__number",
        "case__topic__code",
        "message__text",
        "message__topic_code",
        "message__identity_id",
    ),
    *("message__urgency", "message__received_at"),
)

Holder = TypeVar("Holder", int, str)

_LEARNT_FROM = 1_000
"""The city's newest messages tell a starting worker which words are common here."""
_REMEMBERED = 2_000
_COMPARED = 4
"""Earlier messages that one is compared with, those that share most keys."""
_ENOUGH = 2
"""Shared words of the sketch that make it worth comparing; a house or all letters count as so many alone."""
_SKETCH = 5
_HOUSES = 2
_NOT_TOLD = frozenset({Kind.SPAM, Kind.THANKS, Kind.GREETING})


class Memory:
    """Which words are common in one city. Belongs to one worker's thread."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self.reader = Reader()
        self.rarity = Rarity(self.reader)
        self.gazetteer = gazetteer
        self._lately: dict[tuple[str, str], Imprint] = {}

    def learn_newest(self, municipality_id: int) -> None:
        """Learn from what was said last (one query)."""
        newest = Message.objects.filter(municipality=municipality_id, is_ours=False).order_by("-id")
        texts = list(newest.values_list("text", flat=True)[:_LEARNT_FROM])
        self.rarity.learn(self.imprint(text).marks for text in texts)

    def imprint(self, text: str, topic: str = "", understood: Understood | None = None) -> Imprint:
        """Return what of a text can be compared; a text met lately keeps the weights that its words had then.

        The same few earlier messages are compared again and again while their problem lasts.
        """
        kept = self._lately.pop((text, topic), None)
        if kept is None:
            kept = imprint(
                text,
                reader=self.reader,
                rarity=self.rarity,
                gazetteer=self.gazetteer,
                topic=topic,
                understood=understood,
            )
        self._lately[text, topic] = kept
        if len(self._lately) > _REMEMBERED:
            del self._lately[next(iter(self._lately))]
        return kept


class Told(NamedTuple):
    """A message of an open case: as much of it as comparing and deciding need."""

    message_id: int
    case_id: int
    case_number: int
    case_topic: str | None
    text: str
    topic_code: str
    identity_id: int | None
    urgency: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message told before, of an open case; or one of the same batch, without a case yet."""

    message: Told | Message
    likeness: Likeness


Weights = dict[int, int]
"""Keys, and how much sharing each of them counts."""


class Recollection:
    """What a batch of new texts reminds of."""

    def __init__(self, memory: Memory, imprints: Mapping[str, Imprint]) -> None:
        self.memory = memory
        self.imprints = imprints
        self.keys = {name: keys_of(one) for name, one in imprints.items()}
        self._leads_to: dict[int, int] = {}
        self._owed: set[int] = set()
        self._alike: dict[str, list[int]] = {}
        self._told: dict[int, Told] = {}
        self._compared: dict[int, Imprint] = {}
        self._opened: dict[int, str] = {}
        self._fresh: dict[str, Message] = {}

    def look_up(self, municipality_id: int) -> None:
        """Read which open cases the keys lead to (three queries, whatever the number)."""
        keys = {key for of_one in self.keys.values() for key in of_one}
        if not keys:
            return
        rows = Trace.objects.filter(municipality=municipality_id, key__in=keys)
        self._leads_to = dict(rows.values_list("key", "message_id"))
        owed = CaseMessage.objects.filter(message__in=set(self._leads_to.values()), case__is_owed=True)
        self._owed = set(owed.values_list("message_id", flat=True))
        self._alike = {name: _most_shared(of_one, self._holders(of_one)) for name, of_one in self.keys.items()}
        # A key alone says little: words are read only of those that share enough to be compared.
        wanted = {message_id for alike in self._alike.values() for message_id in alike}
        told = owed.filter(message__in=wanted) if wanted else CaseMessage.objects.none()
        self._told = {told.message_id: told for told in map(Told._make, told.values_list(*_TOLD))}

    def earlier(self, message: Message) -> list[Earlier]:
        """Return what a new message resembles, the likest first: of open cases, and of this batch's own."""
        own = self.imprints.get(message.object_key)
        if own is None:
            return []
        told = [row for one in self._alike.get(message.object_key, ()) if (row := self._told.get(one)) is not None]
        found = [Earlier(row, self._like(own, self._compared_with(row), message, row)) for row in told]
        keys = self.keys[message.object_key]
        fresh = {key: self._opened[key] for key in keys if key in self._opened}
        found += [
            Earlier(self._fresh[name], self._like(own, self.imprints[name], message, self._fresh[name]))
            for name in _most_shared(keys, fresh)
        ]
        return sorted(found, key=lambda one: -one.likeness.score)

    def note_opened(self, message: Message) -> None:
        """Let the next of this batch find a message that opens a case."""
        self._fresh[message.object_key] = message
        for key in self.keys.get(message.object_key, ()):
            self._opened.setdefault(key, message.object_key)

    def leave_traces(self, messages: Iterable[Message]) -> None:
        """Write the keys of messages that opened cases; a key that leads to an open case stays as it is."""
        rows: dict[int, tuple[int, int, int]] = {}
        for message in messages:
            for key in self.keys.get(message.object_key, ()):
                if self._leads_to.get(key) not in self._owed:
                    rows.setdefault(key, (message.municipality_id, key, message.pk))
        for municipality_id in {municipality_id for municipality_id, _, _ in rows.values()}:
            stale = [key for key in rows if key in self._leads_to]
            if stale:
                Trace.objects.filter(municipality=municipality_id, key__in=stale).delete()
        insert_new_values(Trace, ("municipality_id", "key", "message_id"), list(rows.values()))

    def _holders(self, keys: Weights) -> dict[int, int]:
        return {key: at for key in keys if (at := self._leads_to.get(key)) in self._owed and at is not None}

    def _like(self, own: Imprint, theirs: Imprint, message: Message, other: Told | Message) -> Likeness:
        days = abs((message.received_at - other.received_at).total_seconds()) / 86_400
        return likeness(own, theirs, self.memory.rarity, days_apart=days)

    def _compared_with(self, told: Told) -> Imprint:
        if told.message_id not in self._compared:
            self._compared[told.message_id] = self.memory.imprint(told.text, told.topic_code)
        return self._compared[told.message_id]


def recall(municipality_id: int, understood: Mapping[str, Understood], memory: Memory) -> Recollection:
    """Return what these texts remind of, by the messages' keys. Three queries; call it before the transaction."""
    imprints = {
        name: memory.imprint(one.reading.text, one.verdict.topic or "", one)
        for name, one in understood.items()
        if one.verdict.kind not in _NOT_TOLD
    }
    memory.rarity.learn(one.marks for one in imprints.values())
    recollection = Recollection(memory, imprints)
    recollection.look_up(municipality_id)
    return recollection


def keys_of(one: Imprint) -> Weights:
    """Return the keys a text is found by, as signed numbers of 64 bits; at most ten."""
    strong = [f"={one.copy}"] if one.copy else []
    for house in sorted(one.houses)[:_HOUSES]:
        strong.append(f"@{house}")
        if one.group:
            strong.append(f"@{house} {one.group}")
    return dict.fromkeys(map(_number, sketch(one, _SKETCH)), 1) | dict.fromkeys(map(_number, strong), _ENOUGH)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _most_shared(keys: Weights, holders: Mapping[int, Holder]) -> list[Holder]:
    """Return who holds most of these keys, if enough to be compared; `holders` says who holds a key."""
    shared: Counter[Holder] = Counter()
    for key, holder in holders.items():
        shared[holder] += keys[key]
    enough = min(_ENOUGH, len(keys))
    return [holder for holder, met in shared.most_common(_COMPARED) if met >= enough]
