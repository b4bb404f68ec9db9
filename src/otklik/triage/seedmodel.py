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
from otklik.triage.words import Reader, Script, Token, remember

_SMOOTHING = 30.0
_RARE = 2.0
_CUE_COUNT = 3.0
_PAIR_COUNT = 1.5
_BORROWED = 0.6
_SHORTEST_BORROWER = 5
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


class SeedModel:
    """Topic chances of texts. Fitting takes a fraction of a second; nothing is stored on disk."""

    def __init__(self, seeds: Sequence[Seed], stop_words: Iterable[str], reader: Reader) -> None:
        self.topics = tuple(seed.topic for seed in seeds)
        self.groups = tuple(dict.fromkeys(topic.split(".")[0] for topic in self.topics))
        self._group_of = [self.groups.index(topic.split(".")[0]) for topic in self.topics]
        self._stop = {reader.word(word).stem for word in stop_words} | set(stop_words)
        self._weights = _weigh([self._features(seed, reader) for seed in seeds])
        self._beginnings = _beginnings(self._weights)
        self._near = _deletions(self._weights)
        self._cache: dict[str, Weights] = {}

    @property
    def vocabulary(self) -> list[str]:
        """The stems that the seeds know."""
        return [word for word in self._weights if " " not in word]

    def score(self, tokens: Iterable[Token]) -> Scores:
        """Return the chances of every topic; with no known word they are all equal."""
        totals = [0.0] * len(self.topics)
        said: dict[str, Weights] = {}
        before = ""
        for token in tokens:
            stem = token.word.stem
            if token.word.form in self._stop or stem in self._stop or token.word.script is Script.NONE:
                continue
            weights = self._lookup(stem)
            if weights:
                said[stem] = weights
            pair = self._weights.get(f"{before} {stem}")
            if pair:
                said[f"{before} {stem}"] = pair
            before = stem
        for weights in said.values():
            for topic, weight in weights.items():
                totals[topic] += weight
        return Scores(_chances(totals, len(said)), len(said), list(said.items()))

    def group_chances(self, chances: Sequence[float]) -> dict[str, float]:
        """Return the chances of the groups: the sums over their topics."""
        sums = [0.0] * len(self.groups)
        for group, chance in zip(self._group_of, chances, strict=True):
            sums[group] += chance
        return dict(zip(self.groups, sums, strict=True))

    def speakers(self, scores: Scores, topic: int, limit: int) -> list[Spoken]:
        """Return the words that spoke loudest for a topic."""
        found = [Spoken(word, topic, weights[topic]) for word, weights in scores.words if topic in weights]
        return sorted(found, key=lambda spoken: -spoken.weight)[:limit]

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

    def _lookup(self, stem: str) -> Weights:
        weights = self._weights.get(stem)
        if weights is not None:
            return weights
        weights = self._cache.get(stem)
        if weights is None:
            weights = self._borrow(stem)
            remember(self._cache, stem, weights)
        return weights

    def _borrow(self, stem: str) -> Weights:
        if len(stem) < _SHORTEST_BORROWER:
            return _NOTHING
        lender = self._near.get(stem)
        for cut in _without_one(stem):
            lender = lender or (cut if cut in self._weights else self._near.get(cut))
        weights = self._weights.get(lender or "") or self._beginnings.get(stem[:_SHORTEST_BORROWER])
        return {topic: weight * _BORROWED for topic, weight in weights.items()} if weights else _NOTHING


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
    powers = [math.exp((total - top) / heat) for total in totals]
    whole = sum(powers)
    return [power / whole for power in powers]
