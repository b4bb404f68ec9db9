"""How good answers are: figures for people, with the range that chance alone explains.

Plain numbers that are stored as JSON. `evaluate` needs a model and labelled texts; `cross_validate` fits on part of a
history and asks about the rest, near-duplicates always on the same side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from otklik.triage.labelled import HEADS, Labelled
from otklik.triage.learnt import Guess, Learnt

TARGETS: Final[Mapping[str, float]] = {
    "topic_group": 0.90,
    "topic": 0.85,
    "department": 0.85,
    "abuse": 0.90,
    "kind": 0.90,
}
"""The share of right answers from which on a column's answer is taken without asking, unless a city sets another."""

_BINS = 10
_RESAMPLES = 300
_SEED = 11
_CONFUSED = 30


@dataclass(frozen=True, slots=True)
class Range:
    """A figure and where 95 of 100 like it would lie if other texts of the same source were asked."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How often a label's answers were right (precision), how many of its texts were found (recall), of how many."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confused:
    """So many texts of one label were taken for another."""

    truth: str
    answer: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a confidence from `low` to `high`: how sure they were in the mean, and how many were right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class HeadScore:
    """One column's figures. `coverage` is the share of texts that could be answered at the target precision."""

    column: str
    rows: int
    weighted_f1: Range
    macro_f1: Range
    top3: Range
    calibration_error: Range
    coverage: Range
    target_precision: float
    labels: tuple[LabelScore, ...]
    confused: tuple[Confused, ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of all columns that the texts have labels for."""

    rows: int
    heads: tuple[HeadScore, ...]

    def head(self, column: str) -> HeadScore | None:
        """Return one column's figures, or None if it wasn't measured."""
        return next((head for head in self.heads if head.column == column), None)

    def to_json(self) -> str:
        """Return the figures as JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, raw: str | bytes) -> Evaluation:
        """Return stored figures. Raises msgspec.ValidationError for anything else."""
        return msgspec.json.decode(raw, type=cls)


@dataclass(frozen=True, slots=True)
class Answered:
    """What people said of a text, and what was answered."""

    truth: str
    guess: Guess


def evaluate(model: Learnt, rows: Sequence[Labelled], *, targets: Mapping[str, float] = TARGETS) -> Evaluation:
    """Ask a model about labelled texts that it was not fitted on."""
    return _evaluation(len(rows), _ask(model, rows), targets)


def cross_validate(
    rows: Sequence[Labelled],
    folds: int = 5,
    *,
    targets: Mapping[str, float] = TARGETS,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Evaluation:
    """Fit on all folds but one and ask about that one, for each; near-duplicates are never parted.

    Raises NothingToLearn. `progress` is told how many folds of how many are done.
    """
    from otklik.triage import learning
    from otklik.triage.folds import clusters
    from otklik.triage.folds import folds as parts

    answers: dict[str, list[Answered]] = {name: [] for name in HEADS}
    done = 0
    for kept, held_back in parts(clusters([row.text for row in rows]), folds):
        model = learning.fit([rows[at] for at in kept])
        for name, said in _ask(model, [rows[at] for at in held_back]).items():
            answers[name] += said
        done += 1
        progress(done, folds)
    if not done:
        raise learning.NothingToLearn("all texts are nearly the same: there is nothing to check on")
    return _evaluation(len(rows), answers, targets)


def _ask(model: Learnt, rows: Sequence[Labelled]) -> dict[str, list[Answered]]:
    predictions = model.predict([row.text for row in rows])
    return {
        name: [
            Answered(truth, getattr(prediction, name))
            for row, prediction in zip(rows, predictions, strict=True)
            if (truth := getattr(row, name))
        ]
        for name in model.columns
    }


def _evaluation(rows: int, answers: Mapping[str, Sequence[Answered]], targets: Mapping[str, float]) -> Evaluation:
    return Evaluation(rows, tuple(score(name, said, targets[name]) for name, said in answers.items() if said))


def score(column: str, answers: Sequence[Answered], target: float) -> HeadScore:
    """Return one column's figures from its answers (at least one)."""
    names = sorted({answer.truth for answer in answers} | {answer.guess.label for answer in answers})
    number = {name: at for at, name in enumerate(names)}
    truth = np.array([number[answer.truth] for answer in answers])
    said = np.array([number[answer.guess.label] for answer in answers])
    near = np.array([answer.truth in answer.guess.top3 for answer in answers], dtype=float)
    sure = np.array([answer.guess.confidence for answer in answers])
    right = (truth == said).astype(float)
    dice = np.random.default_rng(_SEED)
    drawn = [dice.integers(0, len(answers), len(answers)) for _ in range(_RESAMPLES)]

    def measured(figure: Callable[[Any], float]) -> Range:
        value = figure(np.arange(len(answers)))
        low, high = np.quantile([figure(rows) for rows in drawn], [0.025, 0.975])
        return Range(round(value, 4), round(float(low), 4), round(float(high), 4))

    return HeadScore(
        column=column,
        rows=len(answers),
        weighted_f1=measured(lambda rows: _f1(truth[rows], said[rows])[0]),
        macro_f1=measured(lambda rows: _f1(truth[rows], said[rows])[1]),
        top3=measured(lambda rows: float(near[rows].mean())),
        calibration_error=measured(lambda rows: _calibration_error(sure[rows], right[rows])),
        coverage=measured(lambda rows: _coverage(sure[rows], right[rows], target)),
        target_precision=target,
        labels=_labels(names, truth, said),
        confused=_confused(answers),
        bins=tuple(_bins(sure, right)),
    )


def _per_label(truth: Any, said: Any) -> tuple[Any, Any, Any, Any]:
    size = int(max(truth.max(), said.max())) + 1
    support, answered = np.bincount(truth, minlength=size), np.bincount(said, minlength=size)
    hit = np.bincount(truth[truth == said], minlength=size)
    precision, recall = hit / np.maximum(answered, 1), hit / np.maximum(support, 1)
    f1 = 2 * hit / np.maximum(answered + support, 1)
    return precision, recall, f1, support


def _f1(truth: Any, said: Any) -> tuple[float, float]:
    """Return F1 weighed by how many texts each label has, and its plain mean over labels that occur or were said."""
    _, _, f1, support = _per_label(truth, said)
    occur = (support > 0) | (np.bincount(said, minlength=len(support)) > 0)
    return float((f1 * support).sum() / support.sum()), float(f1[occur].mean())


def _labels(names: Sequence[str], truth: Any, said: Any) -> tuple[LabelScore, ...]:
    precision, recall, f1, support = _per_label(truth, said)
    found = [
        LabelScore(name, round(float(precision[at]), 4), round(float(recall[at]), 4), round(float(f1[at]), 4), count)
        for at, (name, count) in enumerate(zip(names, support.tolist(), strict=True))
    ]
    return tuple(sorted(found, key=lambda label: (-label.support, label.label)))


def _confused(answers: Sequence[Answered]) -> tuple[Confused, ...]:
    counts = Counter((answer.truth, answer.guess.label) for answer in answers if answer.truth != answer.guess.label)
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_CONFUSED]
    return tuple(Confused(truth, answer, count) for (truth, answer), count in most)


def _bins(sure: Any, right: Any) -> list[Bin]:
    place = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    return [
        Bin(at / _BINS, (at + 1) / _BINS, int(inside.sum()), float(sure[inside].mean()), float(right[inside].mean()))
        for at in range(_BINS)
        if (inside := place == at).any()
    ]


def _calibration_error(sure: Any, right: Any) -> float:
    """Return how far confidence is from the share of right answers, over ten bins of confidence, in the mean."""
    return sum(part.count * abs(part.confidence - part.right) for part in _bins(sure, right)) / len(sure)


def _coverage(sure: Any, right: Any, target: float) -> float:
    """Return the largest share of texts, the surest first, of which the target share is right."""
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share >= target)
    return float((good[-1] + 1) / len(order)) if len(good) else 0.0
