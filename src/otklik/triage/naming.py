"""What labels are called teaches too: “street lamps that don't work” says what such messages are about.

That is most of what can be known of a label that few texts taught; a department's name often holds its town.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from otklik.triage.features import STEMS, Features
from otklik.triage.linear import Mix

Names = Mapping[str, Mapping[str, str]]
"""By column, what its labels (codes) are called. A label that isn't there is its own name."""

MIXES: Final[Mapping[str, Mix]] = {
    "topic": Mix(name=2.0, called=0.2),
    "topic_group": Mix(name=1.0, called=0.1),
    "department": Mix(others=0.4, name=1.5, called=0.2),
}
"""How loudly names, and naive Bayes, are heard beside least squares; columns that aren't here have no telling names.

Naive Bayes errs elsewhere than least squares; topics and groups gain nothing by it.
"""
SMALLER: Final = {"topic_group": "topic"}
"""Whose labels are parts of a column's labels: their names teach it as well."""


class Called(NamedTuple):
    """Names as rows under the texts: their numbers in the whole table, and the label each speaks for."""

    rows: Any
    labels: Any


def names_of(column: str, labels: Sequence[str], names: Names) -> list[str]:
    """Return what labels are called; nothing for a column whose labels say nothing."""
    known = names.get(column, {})
    return [known.get(label, label) for label in labels] if column in MIXES else []


def telling(features: Features, table: Any) -> Any:
    """Return which names have a word that the texts have: a mere code has none, and would teach a habit."""
    stems = np.array([piece[0] == STEMS for piece in features.pieces])
    return np.asarray(table[:, np.flatnonzero(stems)].getnnz(axis=1) > 0)


def passed_on(called: Called, parts: Any, wholes: Any, labels: int) -> Called:
    """Return the names of smaller labels as names of the labels that they mostly stand with.

    `parts` and `wholes` are the smaller and the larger labels of the texts that have both; `labels` counts the larger.
    """
    together = np.zeros((int(max(parts.max(initial=-1), called.labels.max(initial=-1))) + 1, labels))
    np.add.at(together, (parts, wholes), 1)
    met = together[called.labels].any(axis=1)
    return Called(called.rows[met], together[called.labels[met]].argmax(axis=1))
