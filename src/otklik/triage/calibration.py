"""From scores to honest chances: what a confidence of 0.8 says comes true in eight cases of ten.

All is learnt from answers on texts that were held back: a heat and a lean towards common labels that turn scores into
chances, and the chance that the chosen label is right, judged by its chance and its lead over the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

_LEAST = 40
_EVEN = 0.5
_ROUNDED = 1e-6
_HEATS = np.geomspace(0.02, 5.0, 40)
_LEANS = (0.0, 0.15, 0.3, 0.5, 0.8)
_ROUNDS = 50
_RESTRAINT = 1.0


def _nothing() -> Any:
    return np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one column's scores become chances.

    `lean` is added to the scores of each label before the heat divides them. `sure` are the confidences of the answers
    held back and `right` whether each was right, the surest first: what thresholds are read from. Without enough of
    them every confidence is an even chance. `often`: how many texts taught each label; what few taught is less sure.
    """

    heat: float
    lean: Any
    trust: tuple[float, ...] = ()
    sure: Any = field(default_factory=_nothing)
    right: Any = field(default_factory=_nothing)
    often: Any = field(default_factory=_nothing)

    def chances(self, scores: Any) -> Any:
        """Return the chances of all labels, one row per text, each row summing to one."""
        return softmax((scores + self.lean) / self.heat)

    def confidence(self, scores: Any) -> Any:
        """Return for each row the chance that the label with the best score is right."""
        if not self.trust:
            return np.full(len(scores), _EVEN)
        return _logistic(_evidence(scores, self.chances(scores), self.often) @ np.array(self.trust))

    def threshold(self, precision: float) -> float:
        """Return the confidence from which on at least this share was right on texts held back; infinity if nowhere."""
        if not len(self.sure):
            return float("inf")
        share = np.cumsum(self.right, dtype=np.float64) / np.arange(1, len(self.right) + 1)
        # Equal confidences stand or fall together: a threshold can't part them.
        last = np.append(self.sure[1:] < self.sure[:-1], True)
        good = np.flatnonzero((share >= precision) & last)
        # What is kept is rounded: without a hair's breadth the very confidence that set it might not reach it.
        return float(self.sure[good[-1]]) - _ROUNDED if len(good) else float("inf")


def unproved(labels: int) -> Calibration:
    """Return the calibration of a column with too few answers to check on."""
    return Calibration(0.3, np.zeros(labels, dtype=np.float32))


def heat_of(scores: Any, truth: Any) -> float:
    """Return the heat under which the true labels (numbers; below zero: unknown ones) are likeliest."""
    known = truth >= 0
    return _hottest(scores[known], truth[known])[1] if known.any() else unproved(1).heat


def learn(scores: Any, truth: Any, often: Any) -> Calibration:
    """Return the calibration that fits held-back scores (one row per text) and the numbers of the true labels.

    A truth below zero is a label that the scores don't know: never right. `often` is how many texts taught each label.
    Under 40 texts nothing is proved.
    """
    known = truth >= 0
    if len(truth) < _LEAST or scores.shape[1] < 2 or not known.any():
        return unproved(scores.shape[1])
    common = np.maximum(often, 0.5) / np.sum(often)
    leans = [(part * np.log(common)).astype(np.float32) for part in _LEANS]
    fits = [(*_hottest(scores[known] + lean, truth[known]), lean) for lean in leans]
    _, heat, lean = min(fits, key=lambda fit: fit[0])
    warm = Calibration(heat, lean)
    evidence = _evidence(scores, warm.chances(scores), often)
    right = scores.argmax(axis=1) == truth
    trust = _fit(evidence, right.astype(np.float64))
    sure = _logistic(evidence @ trust)
    order = np.argsort(-sure, kind="stable")
    return Calibration(heat, lean, tuple(trust.tolist()), sure[order].astype(np.float32), right[order], often)


def softmax(scores: Any) -> Any:
    """Return chances that grow with the scores and sum to one in each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _hottest(scores: Any, truth: Any) -> tuple[float, float]:
    """Return how surprising the true labels are at best, and under which heat."""
    lead = scores - scores.max(axis=1, keepdims=True)
    true = lead[np.arange(len(truth)), truth]
    heats = _HEATS * (float(np.abs(lead).mean()) or 1.0)
    surprise = [float((np.log(np.exp(lead / heat).sum(axis=1)) - true / heat).mean()) for heat in heats]
    best = int(np.argmin(surprise))
    return surprise[best], float(heats[best])


def _evidence(scores: Any, chances: Any, often: Any) -> Any:
    """Return what a confidence is judged by: a constant, the odds of the chosen label, its lead over the second.

    And how many texts taught the label, where that is kept.
    """
    rows = np.arange(len(scores))
    chosen = scores.argmax(axis=1)
    chance = np.clip(chances[rows, chosen], 1e-6, 1 - 1e-6)
    top = np.partition(scores, -2, axis=1)[:, -2:]
    told = [np.log1p(often)[chosen]] if len(often) else []
    return np.column_stack([np.ones(len(rows)), np.log(chance / (1 - chance)), top[:, 1] - top[:, 0], *told])


def _fit(evidence: Any, right: Any) -> Any:
    """Return the weights of a logistic regression, held back a little so that few answers can't make it certain."""
    weights = np.zeros(evidence.shape[1])
    restraint = np.eye(len(weights)) * _RESTRAINT
    restraint[0, 0] = 1e-6
    for _ in range(_ROUNDS):
        chance = _logistic(evidence @ weights)
        slope = evidence.T @ (right - chance) - restraint @ weights
        bend = (evidence.T * (chance * (1 - chance))) @ evidence + restraint
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _logistic(odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
