"""How rare a word is among the messages seen: what everybody writes doesn't tell whether two mean one thing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from otklik.triage.knowledge import shipped
from otklik.triage.words import Reader, Script, Word, remember

_SUPPOSED_TEXTS = 200
"""Before any text was seen, as if so many had been, each known topic word in some of them."""
_SUPPOSED_KNOWN = 3.0
_SUPPOSED_NEW = 0.5
_REMEMBERED_TEXTS = 20_000
_SHORTEST = 3


class Rarity:
    """Counts in how many texts each stem stood, and weighs stems by it: 0 says nothing, 1 is as rare as can be."""

    def __init__(self, reader: Reader) -> None:
        knowledge = shipped()
        words = [reader.word(word) for word in knowledge.stop_words]
        self._idle = frozenset(name for word in words for name in (word.form, word.stem))
        said = {word for seed in knowledge.seeds for phrase in (*seed.cues, *seed.phrases) for word in phrase.split()}
        self._known = frozenset(reader.word(word).stem for word in said)
        self._texts = 0
        self._counts: Counter[str] = Counter()
        self._weights: dict[str, float] = {}

    def says_something(self, word: Word) -> bool:
        """Return whether a word tells one matter from another at all: no grammar, no courtesy, no lone digits."""
        if word.form in self._idle or word.stem in self._idle:
            return False
        return len(word.form) >= (2 if word.script is Script.NONE else _SHORTEST)

    def learn(self, texts: Iterable[Iterable[str]]) -> None:
        """Count the stems of texts, each text's stems once. What was counted long ago fades."""
        for stems in texts:
            self._texts += 1
            self._counts.update(set(stems))
        if self._texts > _REMEMBERED_TEXTS:
            self._texts //= 2
            self._counts = Counter({stem: count // 2 for stem, count in self._counts.items() if count > 1})
        self._weights.clear()

    def weight(self, stem: str) -> float:
        """Return how much a stem says, above 0 and at most 1."""
        weight = self._weights.get(stem)
        if weight is None:
            total = self._texts + _SUPPOSED_TEXTS
            seen = self._counts[stem] + (_SUPPOSED_KNOWN if stem in self._known else _SUPPOSED_NEW)
            weight = math.log(1 + total / seen) / math.log(1 + total / _SUPPOSED_NEW)
            remember(self._weights, stem, weight)
        return weight
