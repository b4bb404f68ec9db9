"""How good a version was found to be, as it is kept and shown. Reading a card loads no learning library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Figure:
    """A share 0..1, and where 95 of 100 like it would lie with other messages."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label: of `support` messages so many were found (recall), of its answers so many were right (precision)."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confused:
    """So many messages of one label were taken for another (or for itself)."""

    truth: str
    answer: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of a range of confidence: how sure they were in the mean, and how many were right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class HeadCard:
    """The figures of one question (topic_group, topic, department), as triage.scoring measures them."""

    column: str
    rows: int
    weighted_f1: Figure
    macro_f1: Figure
    top3: Figure
    calibration_error: Figure
    coverage: Figure
    target_precision: float
    labels: tuple[LabelFigures, ...] = ()
    confused: tuple[Confused, ...] = ()
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class InUse:
    """What triage as a whole does on the checked messages: how many it sorts by itself, how many of those rightly."""

    asked: int
    sorted: int
    right: int


@dataclass(frozen=True, slots=True)
class Card:
    """A version's figures on the messages it hasn't learnt from, beside those of the version before it."""

    heads: tuple[HeadCard, ...] = ()
    groups: tuple[Confused, ...] = ()
    before: dict[str, float] = field(default_factory=dict)
    group_in_use: InUse | None = None
    topic_in_use: InUse | None = None
    labels_by_source: dict[str, int] = field(default_factory=dict)

    def head(self, column: str) -> HeadCard | None:
        """Return one question's figures, or None if it wasn't measured."""
        return next((head for head in self.heads if head.column == column), None)

    def stored(self) -> Any:
        """Return the card as it is kept in its row."""
        return msgspec.to_builtins(self)


def card_of(stored: Any) -> Card:
    """Return a card from its row; what can't be read is an empty card."""
    try:
        return msgspec.convert(stored, type=Card)
    except msgspec.ValidationError:
        return Card()
