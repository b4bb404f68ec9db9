"""What each word says for each label, worked out when a word is first met: a text is then a sum of few short rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np

from otklik.triage.features import MOST_WORDS, Features, Said
from otklik.triage.seedmodel import Heard

_ROOM: Final = 12 * MOST_WORDS
"""How many words are remembered: 24,000 words for 250 labels take 48 MB, when so many have been met."""

_AT_ONCE: Final = _ROOM // 4
"""How many words are heard at once, so that all of them are remembered while they are needed."""

_LATELY = 3_000
"""Texts that are known while reasons may still be asked for."""


class Asked(NamedTuple):
    """What speaks in a text for a label (its number among all columns' labels) against its column's others?"""

    text: str
    label: int
    rivals: slice


class _Words(NamedTuple):
    """The words of texts one after another: their places, whose they are, gains, squares; each text's two lengths."""

    places: Any
    texts: Any
    gains: Any
    squares: Any
    lengths: Any


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
                words = self._words_of(part)
                total[len(stems) : len(stems) + len(part)] = self._summed(part, words)
                stems += np.bincount(words.texts[words.squares[:, 0] > 0], minlength=len(part)).tolist()
        return total + self._constants, stems

    def loudest(self, asked: Sequence[Asked], limit: int) -> list[list[tuple[str, float]]]:
        """Return the words and known pairs that add most to a label beyond what they add to its rivals in the mean.

        Only what speaks for the label is told, the loudest first.
        """
        found: list[list[tuple[str, float]]] = []
        for part in _parts(self._read([one.text for one in asked], {})):
            found += self._loudest(part, asked[len(found) : len(found) + len(part)], limit)
        return found

    def _loudest(self, part: Sequence[Said], asked: Sequence[Asked], limit: int) -> list[list[tuple[str, float]]]:
        words = self._words_of(part)
        label = np.array([one.label for one in asked])
        column = np.array([self._columns.index(one.rivals) for one in asked])
        at, of = words.places, words.texts
        beyond = self._rows[at, :, label[of]] - self._means[at, :, column[of]]
        pairs = np.repeat(np.arange(len(part)), [len(said.pairs.numbers) for said in part])
        lead = np.zeros(len(pairs), dtype=np.float32)
        numbers = np.concatenate([said.pairs.numbers for said in part])
        for number, rivals in enumerate(self._columns):
            here = np.flatnonzero(column[pairs] == number)
            lead[here] = self._weights[numbers[here], label[pairs[here]]]
            lead[here] -= self._weights[numbers[here], rivals].mean(axis=1)
        weights = np.concatenate([said.pairs.weights for said in part]) / words.lengths[pairs, 0]
        added = np.concatenate((words.gains * (beyond / words.lengths[of]).sum(axis=1), weights * lead))
        text = np.concatenate((of, pairs))
        order = np.lexsort((-added, text))
        order = order[added[order] > 0]
        names: list[list[tuple[str, float]]] = [[] for _ in part]
        starts = np.searchsorted(of, range(len(part))), len(of) + np.searchsorted(pairs, range(len(part)))
        for place, whose, much in zip(order.tolist(), text[order].tolist(), added[order].tolist(), strict=True):
            if len(names[whose]) < limit:
                said, of_pair = part[whose], place >= len(of)
                at = place - int(starts[of_pair][whose])
                names[whose].append((self._pair_in(said, at) if of_pair else said.words[at], much))
        return names

    def _pair_in(self, said: Said, at: int) -> str:
        """Return the two words of a known pair as the text has them."""
        pair = self._features.pieces[said.pairs.numbers[at]][1:].split(" ")
        forms = {self._features.stem_of(form): form for form in reversed(said.words)}
        return " ".join(forms.get(stem, stem) for stem in pair)

    def _summed(self, part: Sequence[Said], words: _Words) -> Any:
        total = np.empty((len(part), len(self._constants)), dtype=np.float32)
        loud = (words.gains[:, None] / words.lengths[words.texts]).astype(np.float32).ravel()
        end = 0
        for number, said in enumerate(part):
            start, end = end, end + len(said.words)
            rows = self._rows.take(words.places[start:end], axis=0).reshape(2 * (end - start), total.shape[1])
            pieces = np.concatenate((said.pairs.numbers, said.topics.numbers))
            weights = np.concatenate((said.pairs.weights / words.lengths[number, 0], said.topics.weights))
            total[number] = loud[2 * start : 2 * end] @ rows + weights @ self._weights.take(pieces, axis=0)
        return total

    def _words_of(self, part: Sequence[Said]) -> _Words:
        """Return the words of texts, each with what is known of it."""
        self._meet(set().union(*(said.words for said in part)))
        count = sum(len(said.words) for said in part)
        every = chain.from_iterable(said.words for said in part)
        places = np.fromiter(map(self._place.__getitem__, every), dtype=np.intp, count=count)
        texts = np.repeat(np.arange(len(part)), [len(said.words) for said in part])
        gains = np.concatenate([np.zeros(0, dtype=np.float32), *(said.gains for said in part)])
        squares = self._squares.take(places, axis=0)
        added = (gains * gains)[:, None] * squares
        found = np.zeros((len(part), 2))
        found[:, 0] = [said.pairs.square for said in part]
        for at, view in enumerate(added.T):
            found[:, at] += np.bincount(texts, weights=view, minlength=len(part))
        return _Words(places, texts, gains, squares, np.sqrt(np.where(found > 0, found, 1)).astype(np.float32))

    def _read(self, texts: Sequence[str], known: Mapping[str, Heard]) -> list[Said]:
        """Return what texts say; who asks for reasons asks about texts that have just been scored."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._lately]
        if len(self._lately) + len(fresh) > _LATELY:
            self._lately = {text: self._lately[text] for text in texts if text in self._lately}
        strange = [text for text in fresh if text not in known]
        heard = dict(zip(strange, self._features.hear(strange), strict=True))
        said = self._features.read([known[text] if text in known else heard[text] for text in fresh])
        self._lately.update(zip(fresh, said, strict=True))
        return [self._lately[text] for text in texts]

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
