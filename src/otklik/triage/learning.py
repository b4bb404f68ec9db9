"""Learning from a city's own history: who answered what, and what it was about.

Stems, pairs of stems and letters inside words, each weighed by how rare they are, go into one linear classifier per
column. A confidence is the chance that the answer is right, learnt on texts held back together with their
near-duplicates. scikit-learn takes a second and much memory to load: nothing that runs all the time imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix, vstack

from otklik.triage import calibration, linear
from otklik.triage.features import Features, Rarity
from otklik.triage.folds import clusters, folds
from otklik.triage.heads import HINTS, Head, Hint, lift, only, settle
from otklik.triage.labelled import HEADS, Labelled
from otklik.triage.learnt import Learnt
from otklik.triage.linear import Mix
from otklik.triage.naming import MIXES, SMALLER, Called, Names, names_of, passed_on, telling

SEED: Final = 11
_FOLDS = 5
_LARGE = 200


class NothingToLearn(ValueError):
    """The history has no labelled text, or every text has the same label; the message says what is missing."""


def fit(
    rows: Sequence[Labelled],
    *,
    names: Names = MappingProxyType({}),
    seed: int = SEED,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Learnt:
    """Learn from labelled texts, and from what their labels are called; the same history gives the same model.

    `names` tells what codes mean; a label without an entry is its own name. `progress` is told how many of how many
    steps are done. Raises NothingToLearn.
    """
    labelled = [row for row in rows if any(getattr(row, name) for name in HEADS) and any(map(str.isalnum, row.text))]
    columns = {name: _Column.of(name, labelled) for name in _columns(rows, labelled)}
    texts = [row.text for row in labelled]
    features = Features.learn(texts, _rarity(len(labelled)))
    table = _with_names(features, matrix(features, texts), columns, names)
    alike = linear.likeness(table)
    parts = list(folds(clusters(texts), _FOLDS, seed=seed))
    steps = (len(parts) + 1) * len(columns)
    done = count(1)
    for column in columns.values():
        for kept, held_back in parts:
            column.prove(table, alike, kept, held_back)
            progress(next(done), steps)
        column.classify(table, alike)
        progress(next(done), steps)
    return Learnt(features, _heads(columns, parts, len(features.pieces)))


def _columns(rows: Sequence[Labelled], labelled: Sequence[Labelled]) -> list[str]:
    """Return the columns that have labels; at least one must have two different ones. Raises NothingToLearn."""
    labels = {name: {getattr(row, name) for row in labelled} - {None, ""} for name in HEADS}
    columns = [name for name in HEADS if labels[name]]
    if not columns and any(getattr(row, name) for row in rows for name in HEADS):
        raise NothingToLearn("the labelled rows have no words")
    if not columns:
        raise NothingToLearn("no row has a topic, a topic group, a department, a kind or a word about abuse")
    if len(labelled) == 1:
        raise NothingToLearn("one labelled row is too few to learn from: at least two with different labels are needed")
    if all(len(labels[name]) == 1 for name in columns):
        same = f"{columns[0]} “{next(iter(labels[columns[0]]))}”"
        raise NothingToLearn(f"all {len(labelled)} labelled rows have the same {same}: rows with another are needed")
    return columns


def matrix(features: Features, texts: Sequence[str]) -> Any:
    """Return the features of texts as one sparse table."""
    rows = features.rows(texts)
    ends = np.cumsum([0, *(len(row.numbers) for row in rows)])
    numbers = np.concatenate([row.numbers for row in rows])
    values = np.concatenate([row.weights for row in rows]).astype(np.float32)
    table = csr_matrix((values, numbers, ends), shape=(len(texts), len(features.pieces)))
    table.sum_duplicates()
    return table


def _with_names(features: Features, table: Any, columns: Mapping[str, _Column], names: Names) -> Any:
    """Return the table of texts with what labels are called below it; each column knows which rows speak for it."""
    for name, column in columns.items():
        if words := names_of(name, column.labels, names):
            said = matrix(features, words)
            tells = np.flatnonzero(telling(features, said))
            column.called = Called(table.shape[0] + np.arange(len(tells)), tells)
            table = vstack([table, said[tells]], format="csr")
    for name, smaller in SMALLER.items():
        if name in columns and smaller in columns:
            columns[name].smaller = columns[smaller]
    return table


def _rarity(texts: int) -> Rarity:
    """Return what counts as a feature; a large history can afford to forget what it met once."""
    return Rarity(2, 3, 0.5) if texts >= _LARGE else Rarity()


class _Column:
    """A column while it is learnt: its labels, what was answered for texts held back, and its classifier."""

    def __init__(self, name: str, labels: tuple[str, ...], numbers: Any) -> None:
        self.name = name
        self.labels = labels
        self.numbers = numbers
        self.scores = np.zeros((len(numbers), len(labels)), dtype=np.float32)
        self.proved = np.zeros(len(numbers), dtype=bool)
        self.weights: Any = None
        self.constants: Any = None
        self.called = Called(np.zeros(0, dtype=int), np.zeros(0, dtype=int))
        self.smaller: _Column | None = None

    @classmethod
    def of(cls, name: str, rows: Sequence[Labelled]) -> _Column:
        labels = tuple(sorted({label for row in rows if (label := getattr(row, name))}))
        number = {label: at for at, label in enumerate(labels)}
        return cls(name, labels, np.array([number.get(getattr(row, name) or "", -1) for row in rows]))

    @property
    def known(self) -> Any:
        """Which rows have a label."""
        return self.numbers >= 0

    def prove(self, table: Any, alike: Any, kept: Any, held_back: Any) -> None:
        """Answer for the texts held back by what the kept ones teach."""
        kept = kept[self.known[kept]]
        if len(self.labels) < 2 or not len(kept):
            return
        weights, constants = self._solved(table, alike, kept)
        self.scores[held_back] = table[held_back] @ weights.astype(np.float32) + constants
        self.proved[held_back] = True

    def classify(self, table: Any, alike: Any) -> None:
        """Find the classifier from all texts that have a label."""
        if len(self.labels) > 1:
            self.weights, self.constants = self._solved(table, alike, np.flatnonzero(self.known))

    def heat(self) -> float:
        """Return the heat that makes chances of the scores."""
        rows = self.known & self.proved
        return calibration.heat_of(self.scores[rows], self.numbers[rows])

    def _solved(self, table: Any, alike: Any, rows: Any) -> tuple[Any, Any]:
        called = [self.called, *self._called_by_parts(rows)]
        names = np.concatenate([one.rows for one in called])
        every = np.concatenate([rows, names])
        numbers = np.concatenate([self.numbers[rows], *(one.labels for one in called)])
        near = None if alike is None else alike[np.ix_(every, every)]
        mix = MIXES.get(self.name, Mix())
        own = len(self.called.rows)
        return linear.solve(table[every], near, numbers, len(self.labels), mix=mix, names=len(names), own=own)

    def _called_by_parts(self, rows: Any) -> list[Called]:
        """Return the names of the labels that are parts of this column's, as these texts have them."""
        if self.smaller is None:
            return []
        both = rows[self.smaller.known[rows]]
        return [passed_on(self.smaller.called, self.smaller.numbers[both], self.numbers[both], len(self.labels))]


def _heads(columns: Mapping[str, _Column], parts: Sequence[tuple[Any, Any]], pieces: int) -> dict[str, Head]:
    """Return the finished heads: each hears the column that speaks for it, then its confidence is calibrated."""
    several = {name: column for name, column in columns.items() if len(column.labels) > 1}
    heats = {name: column.heat() for name, column in several.items()}
    settled = {name: np.zeros_like(column.scores) for name, column in several.items()}
    for kept, held_back in parts:
        hints = {name: _hint(name, several, kept) for name in several}
        answers = settle({name: column.scores[held_back] for name, column in several.items()}, heats, hints)
        for name, scores in answers.items():
            settled[name][held_back] = scores
    heads: dict[str, Head] = {}
    for name, column in columns.items():
        if name not in several:
            heads[name] = only(column.labels[0], pieces)
            continue
        rows = column.known & column.proved
        often = np.bincount(column.numbers[column.known], minlength=len(column.labels)).astype(np.float64)
        heads[name] = Head(
            column.labels,
            column.weights,
            column.constants,
            heats[name],
            _hint(name, several, np.arange(len(column.numbers))),
            calibration.learn(settled[name][rows], column.numbers[rows], often),
        )
    return heads


def _hint(name: str, columns: Mapping[str, _Column], rows: Any) -> Hint | None:
    column = columns[name]
    known = rows[column.known[rows]]
    for other, volume in HINTS.get(name, ()):
        if other not in columns:
            continue
        speaker = columns[other]
        both = known[speaker.known[known]]
        if len(both) * 2 >= max(len(known), 1):
            table = lift(speaker.numbers[both], column.numbers[both], len(speaker.labels), len(column.labels))
            return Hint(other, volume, table)
    return None
