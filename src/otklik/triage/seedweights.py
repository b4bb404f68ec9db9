"""What the seed phrases teach: how strongly each word and each pair of words speaks for each topic.

A word's weight for a topic is log(1 + n·N / (a·(m + b))): n how often the topic's seeds say it, m how often all do,
N the length of all seeds; `a` smooths and `b` keeps a word met once from being as sure as a cue.
An unknown word borrows the weights of a known one that begins alike or differs by one letter, at a discount.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import Final

from otklik.triage.knowledge import Seed
from otklik.triage.words import Reader

BORROWED: Final = 0.6
"""What a borrowed weight counts."""

_SMOOTHING = 30.0
_RARE = 2.0
_CUE_COUNT = 3.0
_PAIR_COUNT = 1.5
_SHORTEST_BORROWER = 5
_LONGEST_BORROWER = 30

Weights = Mapping[int, float]
"""Topics by their number, and how strongly something speaks for them."""


class SeedWeights:
    """The weights of words, of pairs («first second») and of beginnings of words, by stems."""

    def __init__(self, seeds: Sequence[Seed], stop: Container[str], reader: Reader) -> None:
        self.known = _weigh([_counts(seed, stop, reader) for seed in seeds])
        self.beginnings = _beginnings(self.known)
        self._near = _deletions(self.known)

    def lender(self, stem: str) -> str | None:
        """Return the known word, or the beginning of several, from which an unknown one borrows; None if there is none.

        A beginning never equals a known word's stem: it is told apart by the table that it stands in.
        """
        if not _SHORTEST_BORROWER <= len(stem) <= _LONGEST_BORROWER:
            return None
        lender = self._near.get(stem) or self._one_letter_off(stem)
        if lender:
            return lender
        beginning = stem[:_SHORTEST_BORROWER]
        return f"{beginning}*" if beginning in self.beginnings else None

    def _one_letter_off(self, stem: str) -> str | None:
        for at in range(len(stem)):
            cut = stem[:at] + stem[at + 1 :]
            if cut in self.known:
                return cut
            if cut in self._near:
                return self._near[cut]
        return None


def _counts(seed: Seed, stop: Container[str], reader: Reader) -> dict[str, float]:
    counts: defaultdict[str, float] = defaultdict(float)
    for phrase in seed.phrases:
        stems = [token.word.stem for token in reader.read(phrase) if token.word.form not in stop]
        stems = [stem for stem in stems if stem not in stop]
        for stem in dict.fromkeys(stems):
            counts[stem] += 1
        for pair in pairwise(stems):
            counts[" ".join(pair)] += _PAIR_COUNT
    for cue in seed.cues:
        counts[reader.word(cue).stem] += _CUE_COUNT
    return counts


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
