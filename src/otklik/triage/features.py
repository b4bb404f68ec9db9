"""Texts as numbers: words by their stems and letters, pairs of words, and what the shipped knowledge takes them for.

Needs numpy and nothing else. A text is the sum of its words, so all that is known of a word is worked out once. Every
view of a text is brought to about the same length, however long the text is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from otklik.triage.knowledge import shipped
from otklik.triage.pairs import Pairs
from otklik.triage.seedmodel import Heard, SeedModel, by_groups
from otklik.triage.words import Memory, Reader

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
    """A text: its different words with the gain of each, its known pairs, what it is taken for."""

    words: Sequence[str]
    gains: Any
    pairs: Pieces
    topics: Pieces


class Features:
    """A vocabulary of pieces with their weights. Not for use from several threads at once."""

    def __init__(self, pieces: Sequence[str], weights: Any) -> None:
        self.pieces = tuple(pieces)
        self.weights = np.asarray(weights, dtype=np.float32)
        index: dict[str, dict[str, int]] = {STEMS: {}, LETTERS: {}, PAIRS: {}, TOPICS: {}}
        for number, piece in enumerate(self.pieces):
            index[piece[0]][piece[1:]] = number
        self._stems, self._letters = index[STEMS], index[LETTERS]
        self._pairs = Pairs(index[PAIRS])
        self._reader = Reader()
        self._seeds: SeedModel | None = None
        self._topics = np.array([index[TOPICS].get(seed.topic, -1) for seed in by_groups(shipped().seeds)])
        self._in_pairs: Memory[int] = Memory(lambda form: self._pairs.of(self.stem_of(form)))

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

    def listen_with(self, reader: Reader, seeds: SeedModel) -> None:
        """Use somebody else's reader and shipped seeds, of the same thread: a word that they met is known here too."""
        self._reader, self._seeds = reader, seeds

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        """Return texts read."""
        if self._seeds is None:
            knowledge = shipped()
            self._seeds = SeedModel(knowledge.seeds, knowledge.stop_words, self._reader)
        return self._seeds.hear([self._reader.read(text).forms for text in texts])

    def read(self, texts: Sequence[Heard]) -> list[Said]:
        """Return what texts say. Many at once cost a fraction of what they cost one by one."""
        if not texts:
            return []
        counts = [Counter(text.forms) for text in texts]
        words = [list(islice(count, MOST_WORDS)) for count in counts]
        times = chain.from_iterable(islice(count.values(), MOST_WORDS) for count in counts)
        ends = np.cumsum([len(said) for said in words])
        gains = np.split(1 + np.log(np.fromiter(times, dtype=np.float32, count=int(ends[-1]))), ends[:-1])
        pairs = self._pairs_in(texts)
        topics = self._taken_for(texts)
        return list(map(Said, words, gains, pairs, topics))

    def stem_of(self, form: str) -> str:
        """Return the stem of a word."""
        return self._reader.word(form).stem

    def stem(self, form: str) -> int:
        """Return the number of a word's stem, or -1 for an unknown one."""
        return self._stems.get(self.stem_of(form), -1)

    def letters(self, form: str) -> Pieces:
        """Return the pieces of the letters in a word."""
        numbers = [number for number in map(self._letters.get, _runs(form)) if number is not None]
        if len(set(numbers)) == len(numbers):
            known = np.array(numbers, dtype=np.intp)
            return Pieces(known, self.weights.take(known))
        counts = Counter(numbers)
        known = np.array(list(counts), dtype=np.intp)
        return Pieces(known, self.weights.take(known) * np.array(list(counts.values()), dtype=np.float32))

    def rows(self, texts: Iterable[str]) -> list[Pieces]:
        """Return each text as numbers of pieces, possibly repeated, with weights that add up."""
        known: dict[str, tuple[Pieces, Pieces]] = {}
        return [self._row(said, known) for text in texts for said in self.read(self.hear([text]))]

    def _row(self, said: Said, words_known: dict[str, tuple[Pieces, Pieces]]) -> Pieces:
        for form in said.words:
            if form not in words_known:
                number = self.stem(form)
                stem = np.array([number] if number >= 0 else [], dtype=np.intp)
                words_known[form] = Pieces(stem, self.weights[stem]), self.letters(form)
        known = [words_known[form] for form in said.words]
        stems, letters = [stem for stem, _ in known], [letters for _, letters in known]
        by_words = _sum(stems, said.gains)
        words = Pieces(
            np.concatenate([by_words.numbers, said.pairs.numbers]),
            np.concatenate([by_words.weights, said.pairs.weights]),
        )
        squares = np.array([(stem.square, part.square) for stem, part in known], dtype=np.float32).reshape(-1, 2)
        by_words, by_letters = lengths(said.gains, squares, said.pairs.square)
        views = [_scaled(words, by_words), _scaled(_sum(letters, said.gains), by_letters), said.topics]
        return Pieces(
            np.concatenate([view.numbers for view in views]), np.concatenate([view.weights for view in views])
        )

    def _pairs_in(self, texts: Sequence[Heard]) -> list[Pieces]:
        """Return the known pairs of neighbours in each text."""
        ends = np.cumsum([len(text.forms) for text in texts])
        places = map(self._in_pairs.__getitem__, chain.from_iterable(text.forms for text in texts))
        words = np.fromiter(places, dtype=np.int64, count=int(ends[-1]))
        at, numbers = self._pairs.find(words)
        # A pair's first word stands in the text that its second word stands in too, or it is none.
        text = np.searchsorted(ends, at, side="right")
        within = at + 1 < ends[text]
        keys, counts = np.unique(text[within] * len(self.pieces) + numbers[within], return_counts=True)
        text, numbers = np.divmod(keys, len(self.pieces))
        weights = (1 + np.log(counts.astype(np.float32))) * self.weights.take(numbers)
        borders = np.searchsorted(text, np.arange(1, len(texts)))
        return list(map(Pieces, np.split(numbers, borders), np.split(weights, borders)))

    def _taken_for(self, texts: Sequence[Heard]) -> list[Pieces]:
        """Return the topics that the shipped knowledge thinks of; none where it knows no word."""
        silent = np.zeros(len(self._topics))
        chances = np.array([text.chances if len(text.chances) else silent for text in texts], dtype=np.float32)
        text, topics = np.nonzero((chances >= _LEAST_CHANCE) & (self._topics >= 0))
        weights = np.sqrt(chances[text, topics]) * _TOPICS_LENGTH
        borders = np.searchsorted(text, np.arange(1, len(texts)))
        return list(map(Pieces, np.split(self._topics[topics], borders), np.split(weights, borders)))


def lengths(gains: Any, squares: Any, pairs: float) -> Any:
    """Return what a text's two views (stems with pairs; letters) are divided by: as if no words had a piece in common.

    `squares` are the squares of each word's lengths in both views, `pairs` that of the pairs.
    """
    found = (gains * gains) @ squares
    found[0] += pairs
    return np.sqrt(np.where(found > 0, found, np.float32(1)))


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
    return chain(
        pairs, *([f"{STEMS}{stem}", *(f"{LETTERS}{run}" for run in _runs(form))] for form, stem in words.items())
    )


def _runs(form: str) -> Iterable[str]:
    """Return the runs of letters in a word, with its edges as spaces."""
    edged = f" {form} "
    return map(edged.__getitem__, _slices(len(edged)))


@lru_cache(maxsize=64)
def _slices(size: int) -> tuple[slice, ...]:
    """Return where the runs are in so many letters."""
    return tuple(slice(at, at + run) for run in _RUNS for at in range(size - run + 1))
