"""Texts as numbers: words by their stems and letters, pairs of words, and what the shipped knowledge takes them for.

Needs numpy and nothing else. A text is the sum of its words, so all that is known of a word is worked out once. Every
view of a text is brought to about the same length, however long the text is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from otklik.triage.knowledge import shipped
from otklik.triage.seedmodel import SeedModel
from otklik.triage.words import Reader

STEMS: Final = "s"
LETTERS: Final = "l"
PAIRS: Final = "p"
TOPICS: Final = "t"
MOST_WORDS: Final = 2_000
"""What a text says in more different words than these is not heard."""

_RUNS = (3, 4, 5)
_TOPICS_LENGTH = np.float32(0.5)
_LEAST_CHANCE = 0.005


@dataclass(frozen=True, slots=True)
class Rarity:
    """What a piece must be to count: said in at least so many texts, letters in at most this share of them."""

    words_in: int = 1
    letters_in: int = 1
    letters_share: float = 1.0


class Pieces(NamedTuple):
    """Numbers of pieces and how much each weighs."""

    numbers: Any
    weights: Any

    @property
    def square(self) -> float:
        """The square of the length."""
        return float(self.weights @ self.weights)


class Said(NamedTuple):
    """A text: its different words (form, stem) with the gain of each, its known pairs, what it is taken for."""

    words: Sequence[tuple[str, str]]
    gains: Any
    pairs: Pieces
    topics: Pieces


class Features:
    """A vocabulary of pieces with their weights. Not for use from several threads at once."""

    def __init__(self, pieces: Sequence[str], weights: Any) -> None:
        self.pieces = tuple(pieces)
        self.weights = np.asarray(weights, dtype=np.float32)
        self._index = {piece: number for number, piece in enumerate(self.pieces)}
        self._reader = Reader()
        knowledge = shipped()
        self._seeds = SeedModel(knowledge.seeds, knowledge.stop_words, self._reader)
        self._topics = np.array([self._index.get(f"{TOPICS}{topic}", -1) for topic in self._seeds.topics])

    @classmethod
    def learn(cls, texts: Sequence[str], rarity: Rarity) -> Features:
        """Return the vocabulary of texts: what is said in enough of them, weighed by how rare it is."""
        reader = Reader()
        said: Counter[str] = Counter()
        for text in texts:
            said.update(set(_pieces(reader, text)))
        kept = sorted(piece for piece, count in said.items() if _counts(piece, count, len(texts), rarity))
        rare = np.log((1 + len(texts)) / (1 + np.array([said[piece] for piece in kept], dtype=np.float64))) + 1
        topics = sorted(f"{TOPICS}{seed.topic}" for seed in shipped().seeds)
        return cls([*kept, *topics], np.concatenate([rare, np.ones(len(topics))]))

    def read(self, text: str) -> Said:
        """Return what a text says."""
        reading = self._reader.read(text)
        counts = Counter(reading.forms)
        words = list(islice({word.form: word.stem for word in reading.words}.items(), MOST_WORDS))
        gains = 1 + np.log(np.array([counts[form] for form, _ in words], dtype=np.float32))
        index = self._index
        pairs = Counter(
            number
            for first, second in pairwise(reading.words)
            if (number := index.get(f"{PAIRS}{first.stem} {second.stem}")) is not None
        )
        numbers = np.fromiter(pairs.keys(), dtype=np.int64, count=len(pairs))
        said = 1 + np.log(np.fromiter(pairs.values(), dtype=np.float32, count=len(pairs)))
        return Said(words, gains, Pieces(numbers, said * self.weights[numbers]), self._taken_for(reading.forms))

    def word(self, form: str, stem: str) -> tuple[Pieces, Pieces]:
        """Return the pieces of one word: its stem, and the letters in it."""
        stems = [number] if (number := self._index.get(f"{STEMS}{stem}")) is not None else []
        letters = (number for run in _runs(form) if (number := self._index.get(run)) is not None)
        return self._weighed(stems), self._weighed(letters)

    def rows(self, texts: Iterable[str]) -> list[Pieces]:
        """Return each text as numbers of pieces, possibly repeated, with weights that add up."""
        known: dict[tuple[str, str], tuple[Pieces, Pieces]] = {}
        return [self._row(self.read(text), known) for text in texts]

    def _row(self, said: Said, words_known: dict[tuple[str, str], tuple[Pieces, Pieces]]) -> Pieces:
        for word in said.words:
            if word not in words_known:
                words_known[word] = self.word(*word)
        known = [words_known[word] for word in said.words]
        stems, letters = [stem for stem, _ in known], [letters for _, letters in known]
        by_words = _sum(stems, said.gains)
        words = Pieces(
            np.concatenate([by_words.numbers, said.pairs.numbers]),
            np.concatenate([by_words.weights, said.pairs.weights]),
        )
        views = [
            _scaled(words, length(said.gains, [part.square for part in stems], said.pairs.square)),
            _scaled(_sum(letters, said.gains), length(said.gains, [part.square for part in letters])),
            said.topics,
        ]
        return Pieces(
            np.concatenate([view.numbers for view in views]), np.concatenate([view.weights for view in views])
        )

    def _weighed(self, numbers: Iterable[int]) -> Pieces:
        counts = Counter(numbers)
        found = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        return Pieces(found, times * self.weights[found])

    def _taken_for(self, forms: Sequence[str]) -> Pieces:
        """Return the topics that the shipped knowledge thinks of; none where it knows no word."""
        scores = self._seeds.score(forms)
        chances = np.array(scores.chances if scores.known else (), dtype=np.float32)
        likely = np.flatnonzero(chances >= _LEAST_CHANCE)
        likely = likely[self._topics[likely] >= 0]
        return Pieces(self._topics[likely], np.sqrt(chances[likely]) * _TOPICS_LENGTH)


def length(gains: Any, squares: Any, more: float = 0.0) -> float:
    """Return the length that a view of a text is divided by: as if its words had no piece in common."""
    return float(np.sqrt(float((gains * gains) @ np.asarray(squares, dtype=np.float32)) + more)) or 1.0


def _sum(parts: Sequence[Pieces], gains: Any) -> Pieces:
    numbers = [np.zeros(0, dtype=np.int64), *(part.numbers for part in parts)]
    weights = [np.zeros(0, dtype=np.float32), *(part.weights * gain for part, gain in zip(parts, gains, strict=True))]
    return Pieces(np.concatenate(numbers), np.concatenate(weights))


def _scaled(view: Pieces, by: float) -> Pieces:
    return Pieces(view.numbers, view.weights / np.float32(by))


def _counts(piece: str, count: int, texts: int, rarity: Rarity) -> bool:
    if piece[0] == LETTERS:
        return rarity.letters_in <= count <= max(rarity.letters_share * texts, rarity.letters_in)
    return count >= rarity.words_in


def _pieces(reader: Reader, text: str) -> Iterable[str]:
    reading = reader.read(text)
    words = {word.form: word.stem for word in reading.words}
    pairs = (f"{PAIRS}{first.stem} {second.stem}" for first, second in pairwise(reading.words))
    return chain(pairs, *([f"{STEMS}{stem}", *_runs(form)] for form, stem in words.items()))


def _runs(form: str) -> list[str]:
    """Return the runs of letters in a word, with its edges as spaces."""
    edged = f" {form} "
    return [f"{LETTERS}{edged[at : at + size]}" for size in _RUNS for at in range(len(edged) - size + 1)]
