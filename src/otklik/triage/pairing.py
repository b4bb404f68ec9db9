"""Which of many texts are about the same problem, without comparing each with each.

Texts meet only over what they share: their letters, a house, or the words of their sketches. Each key brings a text
together with the few latest that had it, so the work grows with the number of texts and not with its square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from otklik.triage.alike import SUGGESTED, TOPIC_TELLS, Likeness, likeness
from otklik.triage.gazetteer import Gazetteer
from otklik.triage.imprint import Imprint, imprint, sketch
from otklik.triage.rarity import Rarity
from otklik.triage.verdict import Kind, Text, Verdict
from otklik.triage.words import Reader

SKETCH = 10
LATEST = 24
"""How many earlier texts a key brings back. Copies of a viral text form a chain, not every pair of them."""
COMPARED = 20
"""How many of these a text is compared with, those first that share most."""
_MET = 2
"""Words of the sketch that two texts share at least; a house or all letters are enough alone."""
_KEPT = 12
"""Suggestions for one text, the best of them."""
_LEARNT = 5_000
"""Texts from which the rarity of words is learnt, spread over the whole file."""

Understand = Callable[[Sequence[Text]], Sequence[Verdict]]


@dataclass(frozen=True, slots=True)
class Told:
    """One text with what is known besides."""

    text: str
    place: str = ""
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by their numbers, the earlier one first."""

    a: int
    b: int
    likeness: Likeness
    same_author: bool


def rarity_of(texts: Sequence[Told], reader: Reader) -> Rarity:
    """Return how rare words and streets are in these texts; a text that comes again and again counts once."""
    rarity = Rarity(reader)
    every = max(1, len(texts) // _LEARNT)
    for told in {told.text: told for told in texts[::every]}.values():
        one = imprint(told.text, reader=reader, rarity=rarity, place=told.place)
        rarity.learn([one.marks])
    return rarity


def pairs(
    texts: Sequence[Told],
    *,
    reader: Reader | None = None,
    understand: Understand | None = None,
    gazetteer: Gazetteer | None = None,
    least: float = SUGGESTED,
) -> Iterator[Pair]:
    """Yield the pairs that are probably about the same, in the order of the texts; the same for the same texts.

    `understand` is asked only for texts that resemble another.
    """
    reader = reader or Reader()
    rarity = rarity_of(texts, reader)
    recent = _Recent(texts, reader, rarity, gazetteer)
    near = [
        (a, b)
        for b, others in _meetings(len(texts), recent)
        for a in others
        if likeness(recent[a], recent[b], rarity, days_apart=_days(texts[a], texts[b])).score >= least - TOPIC_TELLS
    ]
    wanted = sorted({number for pair in near for number in pair})
    if understand is not None:
        recent.know(dict(zip(wanted, understand([Text(texts[n].text) for n in wanted]), strict=True)))
    for _, of_one in groupby(near, key=itemgetter(1)):
        found = []
        for a, b in of_one:
            like = likeness(recent[a], recent[b], rarity, days_apart=_days(texts[a], texts[b]))
            if like.score >= least:
                same = bool(texts[a].author) and texts[a].author == texts[b].author
                found.append(Pair(a, b, like, same_author=same))
        found.sort(key=lambda pair: (-pair.likeness.score, pair.a))
        yield from sorted(found[:_KEPT], key=lambda pair: pair.a)


def _meetings(count: int, recent: _Recent) -> Iterator[tuple[int, list[int]]]:
    """Yield each text with the earlier ones that it should be compared with."""
    holders: dict[str, list[int]] = {}
    for number in range(count):
        keys = _keys(recent[number])
        shared: Counter[int] = Counter()
        for key in keys:
            latest = holders.setdefault(key, [])
            for other in latest:
                shared[other] += _MET if key[0] in "=@" else 1
            latest.append(number)
            if len(latest) > LATEST:
                del latest[0]
        enough = min(_MET, len(keys))
        best = sorted((-met, -other) for other, met in shared.items() if met >= enough)[:COMPARED]
        if best:
            yield number, sorted(-other for _, other in best)


def _keys(one: Imprint) -> list[str]:
    copy = [f"={one.copy}"] if one.copy else []
    return [*copy, *(f"@{house}" for house in sorted(one.houses)), *sketch(one, SKETCH)]


class _Recent:
    """The imprints of the texts that were compared last; others are made again when they are needed."""

    _SIZE = 8_000

    def __init__(
        self,
        texts: Sequence[Told],
        reader: Reader,
        rarity: Rarity,
        gazetteer: Gazetteer | None,
    ) -> None:
        self._texts, self._verdicts = texts, dict[int, Verdict]()
        self._reader, self._rarity, self._gazetteer = reader, rarity, gazetteer
        self._kept: dict[int, Imprint] = {}

    def know(self, verdicts: dict[int, Verdict]) -> None:
        """From now on more is known of these texts."""
        self._verdicts = verdicts
        self._kept.clear()

    def __getitem__(self, number: int) -> Imprint:
        found = self._kept.get(number)
        if found is None:
            if len(self._kept) >= self._SIZE:
                for old in list(self._kept)[: self._SIZE // 2]:
                    del self._kept[old]
            verdict = self._verdicts.get(number)
            found = self._kept[number] = imprint(
                self._texts[number].text,
                reader=self._reader,
                rarity=self._rarity,
                gazetteer=self._gazetteer,
                place=self._texts[number].place,
                topic=(verdict.topic or "") if verdict is not None else "",
                thanks=verdict is not None and verdict.kind is Kind.THANKS,
            )
        return found


def _days(a: Told, b: Told) -> float | None:
    if a.at is None or b.at is None:
        return None
    return abs((a.at - b.at).total_seconds()) / 86_400
