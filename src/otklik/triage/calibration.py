"""From scores to honest chances: what a confidence of 0.8 says comes true in eight cases of ten.

Two things are learnt from answers on texts that were held back: a heat that turns scores into chances of all labels,
and the chance that the best label is right, judged by its chance and its lead over the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_LEAST = 40
_EVEN = 0.5
_HEATS = np.geomspace(0.02, 5.0, 40)
_ROUNDS = 50
_RESTRAINT = 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one column's scores become chances.

    `proof` are the confidences of the held-back answers and whether each was right, the surest first: what thresholds
    are read from. Without enough of them every confidence is an even chance.
    """

    heat: float
    trust: tuple[float, ...]
    sure: Any
    right: Any

    def chances(self, scores: Any) -> Any:
        """Return the chances of all labels, one row per text, each row summing to one."""
        heated = (scores - scores.max(axis=1, keepdims=True)) / self.heat
        powers = np.exp(heated)
        return powers / powers.sum(axis=1, keepdims=True)

    def confidence(self, chances: Any) -> Any:
        """Return for each row the chance that its likeliest label is right."""
        if not self.trust:
            return np.full(len(chances), _EVEN)
        return _logistic(_evidence(chances) @ np.array(self.trust))

    def threshold(self, precision: float) -> float:
        """Return the confidence from which on at least this share was right on texts held back; infinity if nowhere."""
        if not len(self.sure):
            return float("inf")
        share = np.cumsum(self.right) / np.arange(1, len(self.right) + 1)
        # Equal confidences stand or fall together: a threshold can't part them.
        last = np.append(self.sure[1:] < self.sure[:-1], True)
        good = np.flatnonzero((share >= precision) & last)
        return float(self.sure[good[-1]]) if len(good) else float("inf")


UNPROVED = Calibration(1.0, (), np.zeros(0), np.zeros(0))
"""For a column with too few answers to check on."""


def learn(scores: Any, truth: Any) -> Calibration:
    """Return the calibration that fits held-back scores (one row per text) and the numbers of the true labels.

    A truth below zero is a label that the scores don't know: never right. Under 40 texts nothing is proved.
    """
    right = scores.argmax(axis=1) == truth
    if len(truth) < _LEAST or scores.shape[1] < 2:
        return UNPROVED
    cool = Calibration(_heat(scores, truth), (), np.zeros(0), np.zeros(0))
    chances = cool.chances(scores)
    trust = _fit(_evidence(chances), right.astype(np.float64))
    sure = _logistic(_evidence(chances) @ trust)
    order = np.argsort(-sure, kind="stable")
    return Calibration(cool.heat, tuple(float(weight) for weight in trust), sure[order], right[order])


def _heat(scores: Any, truth: Any) -> float:
    """Return the heat under which the true labels are likeliest."""
    known = np.flatnonzero(truth >= 0)
    if not len(known):
        return 1.0
    lead = scores[known] - scores[known].max(axis=1, keepdims=True)
    true = lead[np.arange(len(known)), truth[known]]
    spread = float(np.abs(lead).mean()) or 1.0
    surprise = [float((np.log(np.exp(lead / heat).sum(axis=1)) - true / heat).mean()) for heat in _HEATS * spread]
    return float(_HEATS[int(np.argmin(surprise))] * spread)


def _evidence(chances: Any) -> Any:
    """Return what a confidence is judged by: a constant, the odds of the best label, its lead over the second."""
    top = np.sort(chances, axis=1)[:, -2:]
    best = np.clip(top[:, 1], 1e-6, 1 - 1e-6)
    second = np.clip(top[:, 0], 1e-6, 1)
    return np.column_stack([np.ones(len(best)), np.log(best / (1 - best)), np.log(best / second)])


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
