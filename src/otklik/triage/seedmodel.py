"""Topics of texts by the seed phrases: naive Bayes over stems and pairs of stems, a batch of texts at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from otklik.triage.knowledge import Seed
from otklik.triage.pairs import Pairs
from otklik.triage.seedweights import BORROWED, SeedWeights, Weights
from otklik.triage.words import Reader, Script

_ROOM = 60_000
"""How many forms of words are remembered at once."""
_AT_ONCE = 60_000
"""How many words are scored at once."""
_HEAT_ALONE = 0.2
_HEAT_PER_ROOT = 0.75
_ABOUT = np.dtype([("stem", "i8"), ("row", "i8"), ("factor", "f8"), ("place", "i8")])


class Spoken(NamedTuple):
    """A word or pair that spoke for a topic."""

    word: str
    weight: float


class Heard(NamedTuple):
    """A text read: the forms of its words, and the shipped knowledge's chances of topics (none: it knows no word)."""

    forms: Sequence[str]
    chances: Any


class Scores:
    """What a batch of texts says.

    `chances` of all topics, one row for each text, each summing to one (all equal where no word is known); `known`: how
    many of a text's words and pairs the seeds know.
    """

    __slots__ = ("_forms", "_said", "chances", "known")

    def __init__(self, chances: Any, known: Any, forms: Sequence[str], said: _Said) -> None:
        self.chances = chances
        self.known = known
        self._forms = forms
        self._said = said

    def speakers(self, topics: Any, limit: int, reader: Reader) -> list[list[Spoken]]:
        """Return for each text the words that spoke loudest for a topic (the number of one for each text)."""
        said, found = self._said, [list[Spoken]() for _ in range(len(self.chances))]
        told = np.flatnonzero(said.topics == topics[said.texts])
        told = told[np.lexsort((-said.weights[told], said.texts[told]))]
        places = zip(
            said.texts[told].tolist(),
            said.weights[told].tolist(),
            said.firsts[told].tolist(),
            said.words[told].tolist(),
            strict=True,
        )
        for text, weight, first, word in places:
            if len(found[text]) < limit:
                stems = [reader.word(self._forms[at]).stem for at in ((first, word) if first >= 0 else (word,))]
                found[text].append(Spoken(" ".join(stems), weight))
        return found


class _Said(NamedTuple):
    """Who spoke for what: the text, the topic, how strongly, and which word (with the one before it, or -1)."""

    texts: Any
    topics: Any
    weights: Any
    words: Any
    firsts: Any


def by_groups(seeds: Sequence[Seed]) -> list[Seed]:
    """Return the seeds of each group side by side."""
    groups = dict.fromkeys(seed.topic.split(".")[0] for seed in seeds)
    order = {group: number for number, group in enumerate(groups)}
    return sorted(seeds, key=lambda seed: order[seed.topic.split(".")[0]])


def parts(texts: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """Yield texts in parts of not too many words, so that a batch of long ones doesn't take all memory."""
    start = words = 0
    for at, text in enumerate(texts):
        if words and words + len(text) > _AT_ONCE:
            yield texts[start:at]
            start, words = at, 0
        words += len(text)
    if texts:
        yield texts[start:]


class SeedModel:
    """Topic chances of texts. Fitting takes a fraction of a second; nothing is stored on disk."""

    def __init__(self, seeds: Sequence[Seed], stop_words: Iterable[str], reader: Reader) -> None:
        seeds = by_groups(seeds)
        self.topics = tuple(seed.topic for seed in seeds)
        of = [topic.split(".")[0] for topic in self.topics]
        self.groups = tuple(dict.fromkeys(of))
        self.group_of = np.array([self.groups.index(group) for group in of])
        self._first_of = np.array([of.index(group) for group in self.groups])
        self._reader = reader
        self._stop = {reader.word(word).stem for word in stop_words} | set(stop_words)
        self._weights = SeedWeights(seeds, self._stop, reader)
        beginnings = {f"{beginning}*": known for beginning, known in self._weights.beginnings.items()}
        rows = self._weights.known | beginnings
        self._number = {word: number for number, word in enumerate(rows)}
        self._table = _Table(rows.values())
        self._pairs = Pairs({word: number for word, number in self._number.items() if " " in word})
        self._words = _Words(self._know)

    @property
    def vocabulary(self) -> list[str]:
        """The stems that the seeds know."""
        return [word for word in self._weights.known if " " not in word]

    def hear(self, texts: Sequence[Sequence[str]]) -> list[Heard]:
        """Return texts, given by the forms of their words, as what was learnt wants to hear them."""
        found: list[Heard] = []
        for part in parts(texts):
            scores = self.score(part)
            said = zip(part, scores.chances, scores.known.tolist(), strict=True)
            found += [Heard(forms, chances if known else ()) for forms, chances, known in said]
        return found

    def score(self, texts: Sequence[Sequence[str]]) -> Scores:
        """Return the chances of every topic for texts given by the forms of their words."""
        forms = list(chain.from_iterable(texts))
        heard, about = self._words.look_up(forms)
        stems, rows, factors, places = (about[name] for name in ("stem", "row", "factor", "place"))
        text = np.repeat(np.arange(len(texts)), [len(text) for text in texts])[heard]
        alone = _first_of_each(text, stems, np.flatnonzero(rows >= 0))
        before, pairs = self._pairs.find(places)
        within = text[before] == text[before + 1]
        before, pairs = before[within], pairs[within]
        together = _first_of_each(text[before], pairs, np.arange(len(before)))
        before, pairs = before[together], pairs[together]
        # A text's words and pairs in its order: a pair comes after its second word.
        order = np.argsort(np.concatenate((2 * alone, 2 * before + 3)), kind="stable")
        of = np.concatenate((alone, before + 1))[order]
        row = np.concatenate((rows[alone], pairs))[order]
        factor = np.concatenate((factors[alone], np.ones(len(pairs))))[order]
        first = np.concatenate((np.full(len(alone), -1), heard[before]))[order]
        entry, topics, weights = self._table.spread(row)
        weights *= factor[entry]
        said = _Said(text[of][entry], topics, weights, heard[of][entry], first[entry])
        count = len(self.topics)
        totals = np.bincount(said.texts * count + topics, weights=weights, minlength=len(texts) * count)
        said_of = np.bincount(text[of], minlength=len(texts))
        return Scores(_chances(totals.reshape(-1, count), said_of), said_of, forms, said)

    def group_chances(self, chances: Any) -> Any:
        """Return the chances of the groups, one row for each text: the sums over their topics."""
        return np.add.reduceat(chances, self._first_of, axis=1)

    def _know(self, form: str) -> _Known | None:
        word = self._reader.word(form)
        if form in self._stop or word.stem in self._stop or word.script is Script.NONE:
            return None
        row = self._number.get(word.stem, -1)
        lender = self._weights.lender(word.stem) if row < 0 else None
        factor = BORROWED if lender else 1.0
        # Stems are told apart by their hashes: numbers of our own would have to be kept for every stem ever met.
        return _Known(hash(word.stem), self._number[lender] if lender else row, factor, self._pairs.of(word.stem))


class _Known(NamedTuple):
    """What a word says: its stem, the row of weights that speaks for it (-1: none), at what discount; who it joins."""

    stem: int
    row: int
    factor: float
    place: int


class _Words:
    """What is known of the forms met, side by side, so that a batch is looked up at once. A full one starts anew."""

    def __init__(self, know: Callable[[str], _Known | None]) -> None:
        self._know = know
        self._number: dict[str, int] = {}
        self._heard = np.zeros(_ROOM, dtype=bool)
        self._about = np.zeros(_ROOM, dtype=_ABOUT)

    def look_up(self, forms: Sequence[str]) -> tuple[Any, Any]:
        """Return which of the forms are heard at all, and a row of `_ABOUT` for each of these."""
        try:
            numbers = self._numbers(forms)
        except KeyError:
            self._meet(forms)
            numbers = self._numbers(forms)
        heard = np.flatnonzero(self._heard[numbers])
        return heard, self._about[numbers[heard]]

    def _numbers(self, forms: Sequence[str]) -> Any:
        return np.fromiter(map(self._number.__getitem__, forms), dtype=np.intp, count=len(forms))

    def _meet(self, forms: Sequence[str]) -> None:
        fresh = [form for form in dict.fromkeys(forms) if form not in self._number]
        if len(self._number) + len(fresh) > len(self._about):
            self._number.clear()
            fresh = list(dict.fromkeys(forms))
            self._heard = np.zeros(max(_ROOM, len(fresh)), dtype=bool)
            self._about = np.zeros(len(self._heard), dtype=_ABOUT)
        for number, form in enumerate(fresh, len(self._number)):
            known = self._know(form)
            self._heard[number] = known is not None
            if known:
                self._about[number] = known
            self._number[form] = number


class _Table:
    """Rows of weights, most of which are nothing, side by side."""

    def __init__(self, rows: Iterable[Weights]) -> None:
        rows = list(rows)
        self._ends = np.cumsum([0, *map(len, rows)])
        self._topics = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=self._ends[-1])
        self._weights = np.fromiter(chain.from_iterable(row.values() for row in rows), dtype=float)

    def spread(self, rows: Any) -> tuple[Any, Any, Any]:
        """Return the topics and weights of many rows one after another, and whose each is (by its place in `rows`)."""
        sizes = self._ends[rows + 1] - self._ends[rows]
        whose = np.repeat(np.arange(len(rows)), sizes)
        at = np.arange(len(whose)) + (self._ends[rows] - (np.cumsum(sizes) - sizes))[whose]
        return whose, self._topics[at], self._weights[at]


def _first_of_each(texts: Any, things: Any, among: Any) -> Any:
    """Return those of `among` (places in the other two) where a text says a thing for the first time."""
    text, thing = texts[among], things[among]
    order = np.lexsort((thing, text))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(text[order]) != 0) | (np.diff(thing[order]) != 0)
    return np.sort(among[order[fresh]])


def _chances(totals: Any, known: Any) -> Any:
    """Return a softmax, the flatter the more words spoke: they repeat each other."""
    heat = _HEAT_ALONE + _HEAT_PER_ROOT * np.sqrt(known)
    powers = np.exp((totals - totals.max(axis=1, keepdims=True)) / heat[:, None])
    return powers / powers.sum(axis=1, keepdims=True)
