"""Recognising what was told before: open cases that a new message may be about, found by keys and not by a search.

Each message that opens a case leaves a few keys (its letters, its house, a sketch of its telling words), and each key
leads to one message. A lookup asks for the keys of a whole batch: two queries, whose cost doesn't grow with the number
of messages. Both sides are compared by triage.alike; what follows is decided in intake.deciding.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from otklik.cases.models import Case, CaseMessage, Trace
from otklik.channels.models import Message
from otklik.common.inserting import insert_new
from otklik.triage import Gazetteer, Kind, Verdict
from otklik.triage.alike import Likeness, likeness
from otklik.triage.imprint import Imprint, imprint, sketch
from otklik.triage.rarity import Rarity
from otklik.triage.words import Reader

Holder = TypeVar("Holder")

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
        # The same few earlier messages are compared again and again while their problem lasts.
        self._lately = lru_cache(maxsize=_REMEMBERED)(self._imprint)

    def learn_newest(self, municipality_id: int) -> None:
        """Learn from what was said last (one query)."""
        newest = Message.objects.filter(municipality=municipality_id, is_ours=False).order_by("-id")
        texts = list(newest.values_list("text", flat=True)[:_LEARNT_FROM])
        self.rarity.learn(self.imprint(text).marks for text in texts)

    def imprint(self, text: str, topic: str = "") -> Imprint:
        """Return what of a text can be compared; a text met lately keeps the weights that its words had then."""
        return self._lately(text, topic)

    def _imprint(self, text: str, topic: str) -> Imprint:
        return imprint(text, reader=self.reader, rarity=self.rarity, gazetteer=self.gazetteer, topic=topic)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message told before, with the open case it belongs to; or one of the same batch, without a case yet."""

    message: Message
    case: Case | None
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
        self._told: dict[int, CaseMessage] = {}
        self._compared: dict[int, Imprint] = {}
        self._opened: dict[int, Message] = {}

    def look_up(self, municipality_id: int) -> None:
        """Read which open cases the keys lead to (two queries, whatever the number)."""
        keys = {key for of_one in self.keys.values() for key in of_one}
        if not keys:
            return
        rows = Trace.objects.filter(municipality=municipality_id, key__in=keys)
        self._leads_to = dict(rows.values_list("key", "message_id"))
        told = CaseMessage.objects.filter(message__in=set(self._leads_to.values()), case__is_owed=True)
        self._told = {row.message_id: row for row in told.select_related("case", "message")}

    def earlier(self, message: Message) -> list[Earlier]:
        """Return what a new message resembles, the likest first: of open cases, and of this batch's own."""
        own = self.imprints.get(message.object_key)
        if own is None:
            return []
        keys = self.keys[message.object_key]
        told = {key: self._told[at] for key in keys if (at := self._leads_to.get(key)) in self._told}
        found = [
            Earlier(row.message, row.case, self._like(own, self._compared_with(row.message), message, row.message))
            for row in _most_shared(keys, told)
        ]
        fresh = {key: self._opened[key] for key in keys if key in self._opened}
        found += [
            Earlier(other, None, self._like(own, self.imprints[other.object_key], message, other))
            for other in _most_shared(keys, fresh)
        ]
        return sorted(found, key=lambda one: -one.likeness.score)

    def note_opened(self, message: Message) -> None:
        """Let the next of this batch find a message that opens a case."""
        for key in self.keys.get(message.object_key, ()):
            self._opened.setdefault(key, message)

    def leave_traces(self, messages: Iterable[Message]) -> None:
        """Write the keys of messages that opened cases; a key that leads to an open case stays as it is."""
        rows: dict[int, Trace] = {}
        for message in messages:
            for key in self.keys.get(message.object_key, ()):
                if self._leads_to.get(key) not in self._told:
                    rows.setdefault(key, Trace(municipality_id=message.municipality_id, key=key, message_id=message.pk))
        for municipality_id in {row.municipality_id for row in rows.values()}:
            stale = [key for key in rows if key in self._leads_to]
            if stale:
                Trace.objects.filter(municipality=municipality_id, key__in=stale).delete()
        insert_new(list(rows.values()))

    def _like(self, own: Imprint, theirs: Imprint, message: Message, other: Message) -> Likeness:
        days = abs((message.received_at - other.received_at).total_seconds()) / 86_400
        return likeness(own, theirs, self.memory.rarity, days_apart=days)

    def _compared_with(self, message: Message) -> Imprint:
        if message.pk not in self._compared:
            self._compared[message.pk] = self.memory.imprint(message.text, message.topic_code)
        return self._compared[message.pk]


def recall(
    municipality_id: int, texts: Mapping[str, str], verdicts: Mapping[str, Verdict], memory: Memory
) -> Recollection:
    """Return what these texts remind of, by the messages' keys. Two queries; call it before the transaction."""
    imprints = {}
    for name, text in texts.items():
        verdict = verdicts.get(name)
        if verdict is not None and verdict.kind not in _NOT_TOLD:
            imprints[name] = memory.imprint(text, verdict.topic or "")
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
    shared: Counter[int] = Counter()
    by_id = {id(holder): holder for holder in holders.values()}
    for key, holder in holders.items():
        shared[id(holder)] += keys[key]
    enough = min(_ENOUGH, len(keys))
    return [by_id[one] for one, met in shared.most_common(_COMPARED) if met >= enough]
