"""Learning from a city's own history: who answered what, and what it was about.

Stems, pairs of stems and letters inside words, each weighed by how rare they are, go into one linear classifier per
column. A confidence is the chance that the answer is right, learnt on texts held back together with their
near-duplicates. scikit-learn takes a second and much memory to load: nothing that runs all the time imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from otklik.triage import calibration
from otklik.triage.features import Features, Rarity
from otklik.triage.folds import clusters, folds
from otklik.triage.labelled import HEADS, Labelled
from otklik.triage.learnt import Head, Learnt, only

SEED: Final = 11
_SLACK = 0.7
_FOLDS = 4
_LARGE = 200


class NothingToLearn(ValueError):
    """The history has no labelled text, or every text has the same label; the message says what is missing."""


def fit(
    rows: Sequence[Labelled], *, seed: int = SEED, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Learnt:
    """Learn from labelled texts; the same history gives the same model. Raises NothingToLearn.

    `progress` is told how many of how many steps are done.
    """
    labelled = [row for row in rows if any(getattr(row, name) for name in HEADS) and any(map(str.isalnum, row.text))]
    columns = _columns(rows, labelled)
    texts = [row.text for row in labelled]
    features = Features.learn(texts, _rarity(len(labelled)))
    table = matrix(features, texts)
    alike = clusters(texts)
    heads: dict[str, Head] = {}
    for done, name in enumerate(columns):
        progress(done, len(columns))
        chosen = np.array([at for at, row in enumerate(labelled) if getattr(row, name)], dtype=int)
        labels = np.array([str(getattr(labelled[at], name)) for at in chosen], dtype=object)
        heads[name] = _head(table[chosen], labels, alike[chosen], seed)
    progress(len(columns), len(columns))
    return Learnt(features, heads)


def _columns(rows: Sequence[Labelled], labelled: Sequence[Labelled]) -> list[str]:
    """Return the columns that have labels; at least one must have two different ones. Raises NothingToLearn."""
    labels = {name: {getattr(row, name) for row in labelled} - {None, ""} for name in HEADS}
    columns = [name for name in HEADS if labels[name]]
    if not columns and any(getattr(row, name) for row in rows for name in HEADS):
        raise NothingToLearn("the labelled rows have no words")
    if not columns:
        raise NothingToLearn("no row has a topic, a topic group, a department or a word about abuse")
    if len(labelled) == 1:
        raise NothingToLearn("one labelled row is too few to learn from: at least two with different labels are needed")
    if all(len(labels[name]) == 1 for name in columns):
        same = f"{columns[0]} “{next(iter(labels[columns[0]]))}”"
        raise NothingToLearn(f"all {len(labelled)} labelled rows have the same {same}: rows with another are needed")
    return columns


def matrix(features: Features, texts: Sequence[str]) -> Any:
    """Return the features of texts as one sparse table."""
    rows = [features.row(text) for text in texts]
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in rows)])
    numbers = np.concatenate([numbers for numbers, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, numbers, ends), shape=(len(texts), len(features.pieces)))


def _rarity(texts: int) -> Rarity:
    """Return what counts as a feature; a large history can afford to forget what it met once."""
    return Rarity(2, 3, 0.5) if texts >= _LARGE else Rarity()


def _head(table: Any, labels: Any, alike: Any, seed: int) -> Head:
    names = tuple(sorted(set(labels)))
    if len(names) == 1:
        return only(names[0], table.shape[1])
    numbers = np.searchsorted(np.array(names, dtype=object), labels)
    scores = np.zeros((len(labels), len(names)), dtype=np.float32)
    proved = np.zeros(len(labels), dtype=bool)
    for kept, held_back in folds(alike, _FOLDS, seed=seed):
        known = np.unique(numbers[kept])
        if len(known) < 2:
            continue
        weights, constants = _classifier(table[kept], numbers[kept], seed)
        found = table[held_back] @ weights + constants
        scores[held_back] = found.min(axis=1, keepdims=True)
        scores[np.ix_(held_back, known)] = found
        proved[held_back] = True
    weights, constants = _classifier(table, numbers, seed)
    return Head(names, weights, constants, calibration.learn(scores[proved], numbers[proved]))


def _classifier(table: Any, numbers: Any, seed: int) -> tuple[Any, Any]:
    """Return weights (pieces by labels) and constants of a linear classifier of the labels that occur."""
    found = LinearSVC(C=_SLACK, class_weight="balanced", random_state=seed).fit(table, numbers)
    weights, constants = found.coef_.T, found.intercept_
    if weights.shape[1] == 1:
        weights, constants = np.hstack([-weights, weights]), np.concatenate([-constants, constants])
    return weights.astype(np.float32), constants.astype(np.float32)
