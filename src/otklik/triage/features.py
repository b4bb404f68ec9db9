"""Texts as numbers: pieces of words, pairs of words and how rare each is. Needs numpy and nothing else.

What is known of a word is worked out once and remembered, so a text costs little more than looking its words up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np

from otklik.triage.words import Reader, remember

STEMS: Final = "s"
LETTERS: Final = "l"
PAIRS: Final = "p"
_RUNS = (3, 4, 5)
_VIEW_OF = {STEMS: 0, PAIRS: 0, LETTERS: 1}
_VIEWS = 2
_NONE = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Rarity:
    """What a piece must be to count: said in at least so many texts, letters in at most this share of them."""

    words_in: int = 1
    letters_in: int = 1
    letters_share: float = 1.0


class Features:
    """A vocabulary of pieces with their weights. One per thread: the reader keeps its state."""

    def __init__(self, pieces: Sequence[str], weights: Any) -> None:
        self.pieces = tuple(pieces)
        self.weights = np.asarray(weights, dtype=np.float32)
        self._index = {piece: number for number, piece in enumerate(self.pieces)}
        self._view = np.array([_VIEW_OF[piece[0]] for piece in self.pieces], dtype=np.int64)
        self._reader = Reader()
        self._known: dict[str, Any] = {}

    @classmethod
    def learn(cls, texts: Sequence[str], rarity: Rarity) -> Features:
        """Return the vocabulary of texts: what is said in enough of them, weighed by how rare it is."""
        reader = Reader()
        said: Counter[str] = Counter()
        for text in texts:
            said.update(set(_pieces(reader, text)))
        kept = sorted(piece for piece, count in said.items() if _counts(piece, count, len(texts), rarity))
        counts = np.array([said[piece] for piece in kept], dtype=np.float64)
        return cls(kept, np.log((1 + len(texts)) / (1 + counts)) + 1)

    def row(self, text: str) -> tuple[Any, Any]:
        """Return a text's pieces (their numbers, rising) and their weights; each view of the text has length one."""
        found = self._numbers(text)
        if not len(found):
            return _NONE, np.zeros(0, dtype=np.float32)
        numbers, counts = np.unique(found, return_counts=True)
        values = (1 + np.log(counts)) * self.weights[numbers]
        views = self._view[numbers]
        lengths = np.sqrt(np.bincount(views, values * values, minlength=_VIEWS))
        return numbers, (values / lengths[views]).astype(np.float32)

    def words(self, text: str) -> list[tuple[str, Any]]:
        """Return what was said, words then pairs as they stand in the text, each with the numbers of its pieces."""
        tokens = self._reader.read(text)
        said = [(text[token.start : token.end], self._word(token.word.form, token.word.stem)) for token in tokens]
        for first, second in pairwise(tokens):
            number = self._index.get(f"{PAIRS}{first.word.stem} {second.word.stem}")
            if number is not None:
                said.append((text[first.start : second.end], np.array([number], dtype=np.int32)))
        return said

    def _numbers(self, text: str) -> Any:
        tokens = self._reader.read(text)
        parts = [self._word(token.word.form, token.word.stem) for token in tokens]
        index = self._index
        pairs = [
            number
            for first, second in pairwise(tokens)
            if (number := index.get(f"{PAIRS}{first.word.stem} {second.word.stem}")) is not None
        ]
        return np.concatenate([*parts, np.array(pairs, dtype=np.int32)])

    def _word(self, form: str, stem: str) -> Any:
        numbers = self._known.get(form)
        if numbers is None:
            index = self._index
            numbers = np.array([index[piece] for piece in _of_word(form, stem) if piece in index], dtype=np.int32)
            remember(self._known, form, numbers)
        return numbers


def _counts(piece: str, count: int, texts: int, rarity: Rarity) -> bool:
    if piece[0] == LETTERS:
        return rarity.letters_in <= count <= max(rarity.letters_share * texts, rarity.letters_in)
    return count >= rarity.words_in


def _pieces(reader: Reader, text: str) -> Iterable[str]:
    tokens = reader.read(text)
    words = {token.word.form: token.word.stem for token in tokens}
    pairs = (f"{PAIRS}{first.word.stem} {second.word.stem}" for first, second in pairwise(tokens))
    return chain(pairs, *(_of_word(form, stem) for form, stem in words.items()))


def _of_word(form: str, stem: str) -> list[str]:
    """Return the pieces of one word: its stem, and the runs of letters in it with its edges as spaces."""
    edged = f" {form} "
    runs = [f"{LETTERS}{edged[at : at + size]}" for size in _RUNS for at in range(len(edged) - size + 1)]
    return [f"{STEMS}{stem}", *runs]
