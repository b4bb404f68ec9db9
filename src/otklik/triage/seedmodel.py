"""Topics from seed phrases: naive Bayes over stems and pairs of stems, kept sparse, in plain Python.

A word's weight for a topic is log(1 + n·N / (a·(m + b))): n how often the topic's seeds say it, m how often all do,
N the length of all seeds; `a` smooths and `b` keeps a word met once from being as sure as a cue.
An unknown word borrows the weights of a known one that begins alike or differs by one letter, at a discount.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from otklik.triage.knowledge import Seed
from otklik.triage.words import Memory, Reader, Script

_SMOOTHING = 30.0
_RARE = 2.0
_CUE_COUNT = 3.0
_PAIR_COUNT = 1.5
_BORROWED = 0.6
_SHORTEST_BORROWER = 5
_LONGEST_BORROWER = 30
_HEAT_ALONE = 0.2
_HEAT_PER_ROOT = 0.75

Weights = Mapping[int, float]
_NOTHING: Weights = {}


class Spoken(NamedTuple):
    """A word or pair that spoke for a topic."""

    word: str
    topic: int
    weight: float


class Scores(NamedTuple):
    """What a text says: chances of all topics (sum 1) and how many of its words the seeds know."""

    chances: list[float]
    known: int
    words: list[tuple[str, Weights]]


class Heard(NamedTuple):
    """A text read: the forms of its words, and the shipped knowledge's chances of topics (none: it knows no word)."""

    forms: Sequence[str]
    chances: Sequence[float]

    @classmethod
    def of(cls, forms: Sequence[str], scores: Scores) -> Heard:
        """Return a text read, from its words and what the seeds make of them."""
        return cls(forms, scores.chances if scores.known else ())


class _Known(NamedTuple):
    """What a word says: alone, and before other words (by their stems)."""

    stem: str
    weights: Weights
    before: Mapping[str, Weights]


class SeedModel:
    """Topic chances of texts. Fitting takes a fraction of a second; nothing is stored on disk."""

    def __init__(self, seeds: Sequence[Seed], stop_words: Iterable[str], reader: Reader) -> None:
        groups = tuple(dict.fromkeys(seed.topic.split(".")[0] for seed in seeds))
        seeds = sorted(seeds, key=lambda seed: groups.index(seed.topic.split(".")[0]))
        self.topics = tuple(seed.topic for seed in seeds)
        self.groups = groups
        of = [topic.split(".")[0] for topic in self.topics]
        self._spans = [(group, of.index(group), of.index(group) + of.count(group)) for group in groups]
        self._reader = reader
        self._stop = {reader.word(word).stem for word in stop_words} | set(stop_words)
        self._weights = _weigh([self._features(seed, reader) for seed in seeds])
        self._before = _pairs(self._weights)
        self._beginnings = _beginnings(self._weights)
        self._near = _deletions(self._weights)
        self._known: Memory[_Known | None] = Memory(self._know)

    @property
    def vocabulary(self) -> list[str]:
        """The stems that the seeds know."""
        return [word for word in self._weights if " " not in word]

    def score(self, forms: Iterable[str]) -> Scores:
        """Return the chances of every topic by the forms of a text's words; with none known they are all equal."""
        totals = [0.0] * len(self.topics)
        said: dict[str, Weights] = {}
        before: Mapping[str, Weights] = {}
        start = ""
        for word in map(self._known.__getitem__, forms):
            if word is None:
                continue
            stem, weights, follows = word
            if weights:
                said[stem] = weights
            if before and (pair := before.get(stem)):
                said[f"{start} {stem}"] = pair
            start, before = stem, follows
        for weights in said.values():
            for topic, weight in weights.items():
                totals[topic] += weight
        return Scores(_chances(totals, len(said)), len(said), list(said.items()))

    def group_chances(self, chances: Sequence[float]) -> dict[str, float]:
        """Return the chances of the groups: the sums over their topics."""
        return {group: sum(chances[first:end]) for group, first, end in self._spans}

    def speakers(self, scores: Scores, topic: int, limit: int) -> list[Spoken]:
        """Return the words that spoke loudest for a topic."""
        found = [Spoken(word, topic, weights[topic]) for word, weights in scores.words if topic in weights]
        return sorted(found, key=lambda spoken: -spoken.weight)[:limit]

    def _know(self, form: str) -> _Known | None:
        word = self._reader.word(form)
        if form in self._stop or word.stem in self._stop or word.script is Script.NONE:
            return None
        weights = self._weights.get(word.stem)
        weights = self._borrow(word.stem) if weights is None else weights
        return _Known(word.stem, weights, self._before.get(word.stem, {}))

    def _features(self, seed: Seed, reader: Reader) -> dict[str, float]:
        counts: defaultdict[str, float] = defaultdict(float)
        for phrase in seed.phrases:
            stems = [token.word.stem for token in reader.read(phrase) if token.word.form not in self._stop]
            stems = [stem for stem in stems if stem not in self._stop]
            for stem in dict.fromkeys(stems):
                counts[stem] += 1
            for pair in pairwise(stems):
                counts[" ".join(pair)] += _PAIR_COUNT
        for cue in seed.cues:
            counts[reader.word(cue).stem] += _CUE_COUNT
        return counts

    def _borrow(self, stem: str) -> Weights:
        if not _SHORTEST_BORROWER <= len(stem) <= _LONGEST_BORROWER:
            return _NOTHING
        lender = self._near.get(stem) or self._one_letter_off(stem)
        weights = self._weights.get(lender or "") or self._beginnings.get(stem[:_SHORTEST_BORROWER])
        return {topic: weight * _BORROWED for topic, weight in weights.items()} if weights else _NOTHING

    def _one_letter_off(self, stem: str) -> str | None:
        known, near = self._weights, self._near
        for at in range(len(stem)):
            cut = stem[:at] + stem[at + 1 :]
            if cut in known:
                return cut
            if cut in near:
                return near[cut]
        return None


def _weigh(counts: Sequence[Mapping[str, float]]) -> dict[str, Weights]:
    everywhere: defaultdict[str, float] = defaultdict(float)
    for topic in counts:
        for word, count in topic.items():
            everywhere[word] += count
    total = sum(everywhere.values())
    weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for index, topic in enumerate(counts):
        for word, count in topic.items():
            weights[word][index] = math.log(1 + count * total / (_SMOOTHING * (everywhere[word] + _RARE)))
    return dict(weights)


def _pairs(weights: Mapping[str, Weights]) -> dict[str, dict[str, Weights]]:
    """Return the weights of the pairs: by the first word, then by the second."""
    pairs: defaultdict[str, dict[str, Weights]] = defaultdict(dict)
    for words, known in weights.items():
        first, space, second = words.partition(" ")
        if space:
            pairs[first][second] = known
    return dict(pairs)


def _beginnings(weights: Mapping[str, Weights]) -> dict[str, Weights]:
    """Return for each beginning the mean weights of the words that share it."""
    alike: defaultdict[str, list[Weights]] = defaultdict(list)
    for word, known in weights.items():
        if len(word) >= _SHORTEST_BORROWER and " " not in word:
            alike[word[:_SHORTEST_BORROWER]].append(known)
    means: dict[str, Weights] = {}
    for beginning, lenders in alike.items():
        sums: defaultdict[int, float] = defaultdict(float)
        for known in lenders:
            for topic, weight in known.items():
                sums[topic] += weight / len(lenders)
        means[beginning] = dict(sums)
    return means


def _deletions(weights: Mapping[str, Weights]) -> dict[str, str]:
    """Return the spellings with one letter missing, each with its word: how misspellings find home."""
    near: dict[str, str] = {}
    for word in weights:
        if len(word) > _SHORTEST_BORROWER and " " not in word:
            for cut in _without_one(word):
                near.setdefault(cut, word)
    return near


def _without_one(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _chances(totals: Sequence[float], known: int) -> list[float]:
    """Return a softmax, the flatter the more words spoke: they repeat each other."""
    top = max(totals)
    heat = _HEAT_ALONE + _HEAT_PER_ROOT * math.sqrt(known)
    silent = math.exp(-top / heat)
    powers = [math.exp((total - top) / heat) if total else silent for total in totals]
    whole = sum(powers)
    return [power / whole for power in powers]
