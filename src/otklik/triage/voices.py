"""What each word says for each label, worked out when a word is first met: a text is then a sum of few short rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from otklik.triage.features import MOST_WORDS, Features, Said, lengths
from otklik.triage.seedmodel import Heard

_ROOM: Final = 12 * MOST_WORDS
"""How many words are remembered: 24,000 words for 250 labels take 48 MB, when so many have been met."""

_AT_ONCE: Final = _ROOM // 4
"""How many words are heard at once, so that all of them are remembered while they are needed."""

_LATELY = 1_000


class Voices:
    """Scores of texts for all labels of all columns. Not for use from several threads at once."""

    def __init__(self, features: Features, weights: Any, constants: Any, columns: Iterable[slice]) -> None:
        """Take weights (pieces by labels, in single precision), a constant for each label, and each column's labels."""
        self._features = features
        self._weights = weights
        self._constants = constants.astype(np.float32)
        self._lately: dict[str, Said] = {}
        self._place: dict[str, int] = {}
        # For each word: what its stem says, and what its letters say.
        self._rows = np.zeros((_ROOM, 2, weights.shape[1]), dtype=np.float32)
        self._columns = list(columns)
        self._means = np.zeros((_ROOM, 2, len(self._columns)), dtype=np.float32)
        self._squares = np.zeros((_ROOM, 2), dtype=np.float32)

    def scores(self, texts: Sequence[str], known: Mapping[str, Heard]) -> tuple[Any, list[int]]:
        """Return for each text a number for each label, and how many of its words the history knows.

        What is `known` of a text spares reading it.
        """
        total = np.empty((len(texts), len(self._constants)), dtype=np.float32)
        stems: list[int] = []
        for start in range(0, len(texts), _LATELY):
            for part in _parts(self._read(texts[start : start + _LATELY], known)):
                self._meet(set().union(*(said.words for said in part)))
                for said in part:
                    places = self._places(said)
                    total[len(stems)] = self._score(said, places)
                    stems.append(int(np.count_nonzero(self._squares.take(places, axis=0)[:, 0])))
        return total + self._constants, stems

    def loudest(self, text: str, label: int, rivals: slice, limit: int) -> list[tuple[str, float]]:
        """Return the words and known pairs that add most to a label beyond what they add to all `rivals` in the mean.

        `rivals` is one of the columns. Only what speaks for the label is told, the loudest first.
        """
        said = self._read([text], {})[0]
        self._meet(said.words)
        places = self._places(said)
        loud = self._lengths(said, places)
        beyond = self._rows[places, :, label] - self._means[places, :, self._columns.index(rivals)]
        of_pairs = self._weights[said.pairs.numbers, rivals]
        lead = of_pairs[:, label - rivals.start] - of_pairs.mean(axis=1)
        added = np.concatenate((said.gains * (beyond / loud).sum(axis=1), said.pairs.weights / loud[0] * lead))
        order = np.argsort(-added, kind="stable")[:limit].tolist()
        return [(self._name(said, at), float(added[at])) for at in order if added[at] > 0]

    def _name(self, said: Said, at: int) -> str:
        """Return a word as the text has it, or the two words of a pair, which are counted on behind the words."""
        if at < len(said.words):
            return said.words[at]
        pair = self._features.pieces[said.pairs.numbers[at - len(said.words)]][1:].split(" ")
        forms = {self._features.stem_of(form): form for form in reversed(said.words)}
        return " ".join(forms.get(stem, stem) for stem in pair)

    def _score(self, said: Said, places: Any) -> Any:
        lengths = self._lengths(said, places)
        numbers = np.concatenate((said.pairs.numbers, said.topics.numbers))
        weights = np.concatenate((said.pairs.weights / lengths[0], said.topics.weights))
        loud = (said.gains[:, None] / lengths).ravel()
        rows = self._rows.take(places, axis=0).reshape(len(loud), len(self._constants))
        return loud @ rows + weights @ self._weights.take(numbers, axis=0)

    def _read(self, texts: Sequence[str], known: Mapping[str, Heard]) -> list[Said]:
        """Return what texts say; who asks for reasons asks about texts that have just been scored."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._lately]
        if len(self._lately) + len(fresh) > _LATELY:
            self._lately = {text: self._lately[text] for text in texts if text in self._lately}
        said = self._features.read([known.get(text) or self._features.hear(text) for text in fresh])
        self._lately.update(zip(fresh, said, strict=True))
        return [self._lately[text] for text in texts]

    def _lengths(self, said: Said, places: Any) -> Any:
        """Return the lengths of a text by its stems (with its pairs) and by its letters."""
        return lengths(said.gains, self._squares.take(places, axis=0), said.pairs.square)

    def _places(self, said: Said) -> Any:
        return np.fromiter(map(self._place.__getitem__, said.words), dtype=np.intp, count=len(said.words))

    def _meet(self, words: Collection[str]) -> None:
        """Work out what words say that were not met before."""
        fresh = [word for word in words if word not in self._place]
        if len(self._place) + len(fresh) > _ROOM:
            self._place.clear()
            fresh = list(words)
        if not fresh:
            return
        first = len(self._place)
        stems = np.fromiter(map(self._features.stem, fresh), dtype=np.intp, count=len(fresh))
        weights = np.where(stems >= 0, self._features.weights[stems], np.float32(0))
        self._rows[first : first + len(fresh), 0] = self._weights[stems] * weights[:, None]
        self._squares[first : first + len(fresh), 0] = weights * weights
        for place, word in enumerate(fresh, first):
            letters = self._features.letters(word)
            np.matmul(letters.weights, self._weights.take(letters.numbers, axis=0), out=self._rows[place, 1])
            self._squares[place, 1] = letters.square
            self._place[word] = place
        met = slice(first, first + len(fresh))
        for at, column in enumerate(self._columns):
            self._means[met, :, at] = self._rows[met, :, column].mean(axis=2)


def _parts(texts: Sequence[Said]) -> Iterator[list[Said]]:
    """Yield texts in parts of not too many words; a text has fewer than a part may have."""
    part: list[Said] = []
    words = 0
    for said in texts:
        if words + len(said.words) > _AT_ONCE:
            yield part
            part, words = [], 0
        part.append(said)
        words += len(said.words)
    yield part
