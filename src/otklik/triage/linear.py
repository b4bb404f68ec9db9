"""Linear classifiers by least squares: one for each label, all found at once and exactly, in seconds.

Each text's error is weighed by how rare its label is (the square root of its count, or so), and large weights of
pieces cost. With few thousand texts the answer comes from how alike they are to each other; with more, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import linalg
from scipy.sparse import csr_matrix

_RESTRAINT: Final = 2.0
_EVENNESS: Final = 0.6
_COMPARED_WHOLE = 5_000
_STEPS = 60
_CLOSE_ENOUGH = 1e-3
_SUPPOSED = 0.05
"""As if each piece had been said so often of each label."""
_LEAST_SPREAD = 1e-12


@dataclass(frozen=True, slots=True)
class Mix:
    """What is heard beside least squares, and how loudly.

    `others`: what is said of the other labels (`by_others`). `name`: what the name of a label counts for as a lesson,
    a text of it being 1. `called`: a name's words by themselves.
    """

    others: float = 0.0
    name: float = 1.0
    called: float = 0.0


def likeness(table: Any) -> Any | None:
    """Return how alike each two texts are, or None for so many that the answer would not fit in memory."""
    if table.shape[0] > _COMPARED_WHOLE:
        return None
    # The one is the constant, which every text shares.
    return (table @ table.T).toarray() + np.float32(1)


def solve(
    table: Any, alike: Any | None, numbers: Any, labels: int, *, mix: Mix | None = None, names: int = 0, own: int = 0
) -> tuple[Any, Any]:
    """Return the weights (pieces by labels, in half precision) and the constants that tell the labels apart.

    `alike` is the likeness of these same rows, `numbers` the label of each. The last `names` rows are no texts but
    names, of which the first `own` are the labels' own.
    """
    mix = mix or Mix()
    texts = len(numbers) - names
    shares = shares_of(table, alike, numbers, labels, names=names, stress=mix.name)
    weights, constants = np.asarray(table.T @ shares, dtype=np.float32), shares.sum(axis=0).astype(np.float32)
    said, spread = table[:texts], _spread(table[:texts], weights)
    besides = [(mix.others, by_others(said, numbers[:texts], labels))] if mix.others else []
    if own and mix.called:
        named = slice(texts, texts + own)
        besides.append((mix.called, by_names(table[named], numbers[named], labels)))
    for volume, found in besides:
        if (far := _spread(said, found)) > _LEAST_SPREAD:
            weights += volume * spread / far * found
    return weights.astype(np.float16), constants


def _spread(table: Any, weights: Any) -> float:
    """Return how far apart the scores of these texts lie."""
    return float((table @ weights).std())


def by_others(table: Any, numbers: Any, labels: int) -> Any:
    """Return weights (pieces by labels) by what is *not* said of the other labels: complement naive Bayes.

    Rennie, Shih, Teevan and Karger, 2003. Each label's weights sum to one in length; what all labels share is left out.
    """
    members = csr_matrix(
        (np.ones(len(numbers), np.float32), (numbers, np.arange(len(numbers)))), (labels, len(numbers))
    )
    said = (members @ table).toarray()
    others = said.sum(axis=0) - said + _SUPPOSED
    weights = np.log(others.sum(axis=1, keepdims=True) / others)
    weights /= np.abs(weights).sum(axis=1, keepdims=True)
    return (weights - weights.mean(axis=0)).T.astype(np.float32)


def by_names(names: Any, numbers: Any, labels: int) -> Any:
    """Return weights (pieces by labels) by what labels are called; what all are called says nothing."""
    weights = np.zeros((names.shape[1], labels), dtype=np.float32)
    weights[:, numbers] = names.T.toarray()
    return weights - weights.mean(axis=1, keepdims=True)


def shares_of(table: Any, alike: Any | None, numbers: Any, labels: int, *, names: int = 0, stress: float = 1.0) -> Any:
    """Return how much each row adds to each label's classifier (rows by labels).

    A label is as rare as its texts are; each of the last `names` rows counts as `stress` texts.
    """
    texts = len(numbers) - names
    counts = np.maximum(np.bincount(numbers[:texts], minlength=labels), 1).astype(np.float64)
    weights = counts[numbers] ** -_EVENNESS
    weights[texts:] *= stress
    roots = np.sqrt(weights / weights[:texts].mean())[:, None]
    wanted = -np.ones((len(numbers), labels))
    wanted[np.arange(len(numbers)), numbers] = 1
    if alike is None:
        return roots * _step_by_step(table, roots, roots * wanted)
    whole = (roots * alike * roots.T).astype(np.float32)
    whole[np.diag_indices(len(whole))] += _RESTRAINT
    factor = linalg.cho_factor(whole, lower=True, overwrite_a=True, check_finite=False)
    return roots * linalg.cho_solve(factor, (roots * wanted).astype(np.float32), check_finite=False)


def _step_by_step(table: Any, roots: Any, wanted: Any) -> Any:
    """Return the same by conjugate gradients, which need no table of texts by texts."""
    across = table.T.tocsr()

    def applied(vectors: Any) -> Any:
        weighed = roots * vectors
        return roots * (table @ (across @ weighed) + weighed.sum(axis=0)) + _RESTRAINT * vectors

    found = np.zeros_like(wanted)
    left = wanted.copy()
    heading = left.copy()
    size = (left * left).sum(axis=0)
    first = size.copy()
    for _ in range(_STEPS):
        moved = applied(heading)
        step = size / np.maximum((heading * moved).sum(axis=0), 1e-30)
        found += step * heading
        left -= step * moved
        now = (left * left).sum(axis=0)
        if (now <= _CLOSE_ENOUGH**2 * first).all():
            break
        heading = left + (now / np.maximum(size, 1e-30)) * heading
        size = now
    return found
