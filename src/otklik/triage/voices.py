"""What each word says for each label, worked out when a word is first met: a text is then a sum of few short rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from otklik.triage.features import MOST_WORDS, Features, Said, length

_ROOM: Final = 8 * MOST_WORDS
"""How many words are remembered: 16,000 words for 250 labels take 32 MB, when so many have been met."""


class Voices:
    """Scores of texts for all labels of all columns. Not for use from several threads at once."""

    def __init__(self, features: Features, weights: Any, constants: Any) -> None:
        """Take weights (pieces by labels, in half precision) and a constant for each label."""
        self._features = features
        self._weights = weights
        self._constants = constants.astype(np.float32)
        labels = weights.shape[1]
        self._place: dict[str, int] = {}
        self._stems = np.zeros((_ROOM, labels), dtype=np.float32)
        self._letters = np.zeros((_ROOM, labels), dtype=np.float32)
        self._squares = np.zeros((_ROOM, 2), dtype=np.float32)

    def scores(self, text: str) -> Any:
        """Return a number for each label."""
        said = self._features.read(text)
        places = self._places(said.words)
        by_words, by_letters = self._lengths(said, places)
        total = (said.gains @ self._stems[places]) / by_words + (said.gains @ self._letters[places]) / by_letters
        if len(said.pairs.numbers):
            total += (said.pairs.weights / np.float32(by_words)) @ self._rows(said.pairs.numbers)
        if len(said.topics.numbers):
            total += said.topics.weights @ self._rows(said.topics.numbers)
        return total + self._constants

    def shares(self, text: str) -> list[tuple[str, Any]]:
        """Return what each word and each known pair of words adds to each label."""
        said = self._features.read(text)
        places = self._places(said.words)
        by_words, by_letters = self._lengths(said, places)
        rows = self._stems[places] / by_words + self._letters[places] / by_letters
        found = [(form, gain * row) for (form, _), gain, row in zip(said.words, said.gains, rows, strict=True)]
        words = {stem: form for form, stem in reversed(said.words)}
        for number, weight in zip(said.pairs.numbers, said.pairs.weights, strict=True):
            pair = " ".join(words.get(stem, stem) for stem in self._features.pieces[number][1:].split(" "))
            found.append((pair, weight / by_words * self._weights[number].astype(np.float32)))
        return found

    def _lengths(self, said: Said, places: Any) -> tuple[float, float]:
        squares = self._squares[places]
        return length(said.gains, squares[:, 0], said.pairs.square), length(said.gains, squares[:, 1])

    def _rows(self, numbers: Any) -> Any:
        return self._weights[numbers].astype(np.float32)

    def _places(self, words: Sequence[tuple[str, str]]) -> Any:
        known = self._place
        if len(known) + len(words) > _ROOM:
            known.clear()
        for form, stem in words:
            if form not in known:
                self._meet(form, stem)
        return [known[form] for form, _ in words]

    def _meet(self, form: str, stem: str) -> None:
        place = len(self._place)
        for at, (rows, pieces) in enumerate(
            zip((self._stems, self._letters), self._features.word(form, stem), strict=True)
        ):
            rows[place] = pieces.weights @ self._rows(pieces.numbers)
            self._squares[place, at] = pieces.square
        self._place[form] = place
