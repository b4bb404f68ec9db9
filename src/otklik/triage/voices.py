"""What each word says for each label, worked out when a word is first met: a text is then a sum of few short rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from otklik.triage.features import MOST_WORDS, Features, Said, length

_ROOM: Final = 12 * MOST_WORDS
"""How many words are remembered: 24,000 words for 250 labels take 48 MB, when so many have been met."""

_LATELY = 500


class Voices:
    """Scores of texts for all labels of all columns. Not for use from several threads at once."""

    def __init__(self, features: Features, weights: Any, constants: Any) -> None:
        """Take weights (pieces by labels, in half precision) and a constant for each label."""
        self._features = features
        self._weights = weights
        self._constants = constants.astype(np.float32)
        labels = weights.shape[1]
        self._lately: dict[str, Said] = {}
        self._place: dict[str, int] = {}
        self._stems = np.zeros((_ROOM, labels), dtype=np.float32)
        self._letters = np.zeros((_ROOM, labels), dtype=np.float32)
        self._squares = np.zeros((_ROOM, 2), dtype=np.float32)

    def scores(self, text: str) -> tuple[Any, int]:
        """Return a number for each label, and how many of the text's words the history knows."""
        said = self._read(text)
        places = self._places(said.words)
        by_words, by_letters = self._lengths(said, places)
        total = (said.gains @ self._stems[places]) / by_words + (said.gains @ self._letters[places]) / by_letters
        if len(said.pairs.numbers):
            total += (said.pairs.weights / np.float32(by_words)) @ self._rows(said.pairs.numbers)
        if len(said.topics.numbers):
            total += said.topics.weights @ self._rows(said.topics.numbers)
        return total + self._constants, int(np.count_nonzero(self._squares[places, 0]))

    def shares(self, text: str, label: int, rivals: slice) -> dict[str, float]:
        """Return what each word and each known pair adds to a label beyond what it adds to all `rivals` in the mean."""
        said = self._read(text)
        places = self._places(said.words)
        by_words, by_letters = self._lengths(said, places)
        rows = self._stems[places, rivals] / by_words + self._letters[places, rivals] / by_letters
        added = said.gains * (rows[:, label - rivals.start] - rows.mean(axis=1))
        found = {form: share for (form, _), share in zip(said.words, added.tolist(), strict=True)}
        numbers = said.pairs.numbers
        of_pairs = self._weights[numbers, rivals].astype(np.float32)
        added = said.pairs.weights / by_words * (of_pairs[:, label - rivals.start] - of_pairs.mean(axis=1))
        forms = {stem: form for form, stem in reversed(said.words)}
        for number, share in zip(numbers.tolist(), added.tolist(), strict=True):
            pair = self._features.pieces[number][1:].split(" ")
            found[" ".join(forms.get(stem, stem) for stem in pair)] = share
        return found

    def _read(self, text: str) -> Said:
        """Return what a text says; who asks for reasons asks about texts that have just been scored."""
        said = self._lately.get(text)
        if said is None:
            said = self._features.read(text)
            if len(self._lately) >= _LATELY:
                self._lately.clear()
            self._lately[text] = said
        return said

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
