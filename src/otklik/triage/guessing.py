"""What the shipped knowledge takes texts for: their topics by the seed phrases, with the words that spoke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from otklik.triage.seedmodel import Scores, SeedModel, Spoken, parts
from otklik.triage.topics import TOPIC_THRESHOLD, Topic
from otklik.triage.verdict import Reason
from otklik.triage.words import Reader

_REASONS = 4


def guess(model: SeedModel, reader: Reader, told: Sequence[Sequence[str]]) -> list[tuple[Topic | None, int]]:
    """Return for each text (the forms of its words) its topic, None where no word is known, and how many words are."""
    return [one for part in parts(told) for one in _guessed(model, reader, model.score(part))]


def _guessed(model: SeedModel, reader: Reader, scores: Scores) -> list[tuple[Topic | None, int]]:
    best = likeliest(scores.chances.copy())
    chances = np.take_along_axis(scores.chances, best[:, :1], axis=1)[:, 0]
    groups = model.group_chances(scores.chances)
    group = np.where(chances >= TOPIC_THRESHOLD, model.group_of[best[:, 0]], groups.argmax(axis=1))
    of_group = np.take_along_axis(groups, group[:, None], axis=1)[:, 0]
    spoke = scores.speakers(best[:, 0], _REASONS, reader)
    said = zip(best.tolist(), chances.tolist(), group.tolist(), of_group.tolist(), spoke, strict=True)
    topics = [
        _topic([model.topics[at] for at in top], chance, model.groups[of], sure, why)
        for top, chance, of, sure, why in said
    ]
    return [(topic if known else None, known) for topic, known in zip(topics, scores.known.tolist(), strict=True)]


def _topic(top3: Sequence[str], chance: float, group: str, sure: float, spoke: Sequence[Spoken]) -> Topic:
    what = f"topic:{top3[0]}"
    why = tuple(Reason("phrase" if " " in word else "word", word, what, round(weight, 2)) for word, weight in spoke)
    return Topic(top3[0], chance, group, sure, tuple(top3), why)


def likeliest(chances: Any) -> Any:
    """Return the three likeliest labels of each row, or as many as there are. Spends `chances`."""
    rows = np.arange(len(chances))
    best = np.empty((len(chances), min(3, chances.shape[1])), dtype=np.intp)
    for place in range(best.shape[1]):
        best[:, place] = chances.argmax(axis=1)
        chances[rows, best[:, place]] = -1
    return best
