"""Learning from a city's own history: who answered what, and what it was about.

Stems, pairs of stems and letters inside words, each weighed by how rare they are, go into one linear classifier per
column. A confidence is the chance that the answer is right, learnt on texts held back together with their
near-duplicates. scikit-learn takes a second and much memory to load: nothing that runs all the time imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from otklik.triage.words import Reader

_SLACK = 0.7
_SEED = 11
_HELD_BACK = 0.25
_ALIKE = 0.5
_ROWS_COMPARED = 20_000
_LEAST_TO_CALIBRATE = 40
_LARGE = 200
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what people decided; None where the history doesn't say."""

    text: str
    topic: str | None = None
    topic_group: str | None = None
    department: str | None = None


HEADS: Final = tuple(field.name for field in fields(Labelled) if field.name != "text")


@dataclass(frozen=True, slots=True)
class Guess:
    """One column's answer: the label, the chance that it is right, and the three likeliest labels."""

    label: str
    confidence: float
    top3: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answers for one text; None for a column that the history didn't have."""

    topic: Guess | None = None
    topic_group: Guess | None = None
    department: Guess | None = None


class NothingToLearn(ValueError):
    """The history has no labelled text."""


class _Head:
    """One column's classifier with the calibration of its confidence."""

    def __init__(self, features: Any, labels: Sequence[str], held_back: tuple[Any, Any]) -> None:
        values = np.array(labels, dtype=object)
        kept, tested = held_back
        self._calibrate = _calibration(features, values, kept, tested)
        self._only = labels[0] if len(set(labels)) == 1 else None
        self._classifier = None if self._only else _classifier().fit(features, values)

    def guess(self, features: Any) -> list[Guess]:
        """Return the answers for every row of features."""
        if self._classifier is None:
            return [Guess(str(self._only), 1.0, (str(self._only),))] * int(features.shape[0])
        scores = _scores(self._classifier, features)
        best = np.argsort(-scores, axis=1)[:, :3]
        chances = self._calibrate(scores)
        names = self._classifier.classes_
        return [
            Guess(str(names[row[0]]), float(chance), tuple(str(names[index]) for index in row))
            for row, chance in zip(best, chances, strict=True)
        ]


class Model:
    """What was learnt. It lives in memory: fitting again is cheap, and a pickle is code."""

    def __init__(self, vectoriser: Any, heads: dict[str, _Head]) -> None:
        self._vectoriser = vectoriser
        self._heads = heads

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this model answers."""
        return tuple(name for name in HEADS if name in self._heads)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return an answer for each text, in order."""
        if not texts:
            return []
        features = self._vectoriser.transform(texts)
        answers = {name: head.guess(features) for name, head in self._heads.items()}
        return [Prediction(**{name: answers[name][row] for name in answers}) for row in range(len(texts))]


def fit(train: Sequence[Labelled]) -> Model:
    """Learn from labelled texts; the same history gives the same model. Raises NothingToLearn."""
    labelled = [row for row in train if any(getattr(row, name) for name in HEADS)]
    if not labelled:
        raise NothingToLearn("no row has a topic, a topic group or a department")
    if not any(char.isalnum() for row in labelled for char in row.text):
        raise NothingToLearn("the labelled rows have no words")
    vectoriser = _vectoriser(large=len(labelled) >= _LARGE)
    texts = [row.text for row in labelled]
    features = vectoriser.fit_transform(texts)
    alike = _alike(texts)
    heads: dict[str, _Head] = {}
    for name in HEADS:
        rows = [index for index, row in enumerate(labelled) if getattr(row, name)]
        if rows:
            labels = [str(getattr(labelled[index], name)) for index in rows]
            heads[name] = _Head(features[rows], labels, _held_back(alike[rows]))
    return Model(vectoriser, heads)


def _vectoriser(*, large: bool) -> FeatureUnion:
    """Return the features of texts; a large history can afford to forget what it met once."""
    reader = Reader()

    def stems(text: str) -> list[str]:
        said = [token.word.stem for token in reader.read(text)]
        return said + [" ".join(pair) for pair in pairwise(said)]

    words = TfidfVectorizer(analyzer=stems, sublinear_tf=True, min_df=2 if large else 1, dtype=np.float32)
    letters = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 5),
        sublinear_tf=True,
        min_df=3 if large else 1,
        max_df=0.5 if large else 1.0,
        dtype=np.float32,
    )
    return FeatureUnion([("words", words), ("letters", letters)])


def _classifier() -> LinearSVC:
    return LinearSVC(C=_SLACK, class_weight="balanced", random_state=_SEED)


def _scores(classifier: LinearSVC, features: Any) -> Any:
    """Return one column of scores per class, also where two classes share one."""
    scores = classifier.decision_function(features)
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def _alike(texts: Sequence[str]) -> Any:
    """Return a number for each text, the same for near-duplicates. Beyond 20,000 texts each is its own."""
    if not 1 < len(texts) <= _ROWS_COMPARED:
        return np.arange(len(texts))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True, dtype=np.float32)
    features = letters.fit_transform([text or " " for text in texts])
    closeness = (features @ features.T).tocsr()
    closeness.data[closeness.data < _ALIKE] = 0
    closeness.eliminate_zeros()
    return connected_components(closeness, directed=False)[1]


def _held_back(alike: Any) -> tuple[Any, Any]:
    if len(set(alike)) < 2:
        return np.arange(len(alike)), np.arange(0)
    split = GroupShuffleSplit(1, test_size=_HELD_BACK, random_state=_SEED)
    kept, tested = next(split.split(alike, groups=alike))
    return kept, tested


def _calibration(features: Any, labels: Any, kept: Any, tested: Any) -> Callable[[Any], Any]:
    """Return a function from scores to the chance that the best one is right, learnt on the rows held back."""
    if len(tested) < _LEAST_TO_CALIBRATE or len(set(labels[kept])) < 2:
        return _unproved
    classifier = _classifier().fit(features[kept], labels[kept])
    scores = _scores(classifier, features[tested])
    right = classifier.classes_[np.argmax(scores, axis=1)] == labels[tested]
    if len(set(right)) < 2:
        return _unproved
    chance = LogisticRegression().fit(_evidence(scores), right)
    return lambda scores: chance.predict_proba(_evidence(scores))[:, 1]


def _unproved(scores: Any) -> Any:
    """Return an even chance: there was too little to check the confidence on."""
    return np.full(len(scores), _EVEN)


def _evidence(scores: Any) -> Any:
    """Return what a confidence is judged by: the best score and its lead over the second."""
    ordered = np.sort(scores, axis=1)
    return np.column_stack([ordered[:, -1], ordered[:, -1] - ordered[:, -2]])
