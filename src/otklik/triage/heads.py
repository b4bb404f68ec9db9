"""One column's classifier, and how columns help each other: who knows the topic knows more about the department."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from otklik.triage.calibration import Calibration, softmax, unproved

HINTS: Final[Mapping[str, tuple[tuple[str, float], ...]]] = {
    "topic_group": (("topic", 0.3),),
    "topic": (("department", 0.3), ("topic_group", 0.3)),
    "department": (("topic", 0.3),),
}
"""Which other column speaks for a column, and how loudly: the first that most of the column's texts have a label of."""

_SMOOTHING = 1.0
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Hint:
    """What another column's chances say: `lift` is how much commoner a label is with each label of the other column."""

    column: str
    volume: float
    lift: Any


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its labels, their weights (pieces by labels) with constants, a heat, a hint and the calibration."""

    labels: tuple[str, ...]
    weights: Any
    constants: Any
    heat: float
    hint: Hint | None
    calibration: Calibration


def only(label: str, pieces: int) -> Head:
    """Return the head of a column that always says the same: an even chance, since nothing could be checked."""
    return Head(
        (label,), np.zeros((pieces, 1), dtype=np.float32), np.zeros(1, dtype=np.float32), 1.0, None, unproved(1)
    )


def settle(scores: Mapping[str, Any], heats: Mapping[str, float], hints: Mapping[str, Hint | None]) -> dict[str, Any]:
    """Return the scores of all columns after each has heard the other that speaks for it."""
    chances = {name: softmax(raw / heats[name]) for name, raw in scores.items()}
    settled: dict[str, Any] = {}
    for name, own in chances.items():
        settled[name] = np.log(own + _LEAST)
        hint = hints[name]
        if hint:
            settled[name] = settled[name] + hint.volume * np.log(chances[hint.column] @ hint.lift + _LEAST)
    return settled


def lift(others: Any, numbers: Any, other_labels: int, labels: int) -> Any:
    """Return how many times commoner each label is with each label of another column than by itself.

    `others` and `numbers` are the labels of the texts that have both.
    """
    together = np.zeros((other_labels, labels), dtype=np.float64)
    np.add.at(together, (others, numbers), 1)
    common = (together.sum(axis=0) + 0.5) / (together.sum() + 0.5 * labels)
    shares = (together + _SMOOTHING * common) / (together.sum(axis=1, keepdims=True) + _SMOOTHING)
    return (shares / common).astype(np.float32)
