"""Texts that are nearly the same, and folds that keep them together: a model must not be asked what it was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

_ALIKE = (0.5, 0.7, 0.85, 0.95, 0.999)
_LARGEST = 10
_LARGEST_SHARE = 50
_ROWS_COMPARED = 20_000
_SEED = 11


def clusters(texts: Sequence[str]) -> Any:
    """Return a number for each text, the same for near-duplicates. Beyond 20,000 texts each is its own.

    Texts written to a form are all alike somehow: what makes one huge cluster is parted by a stricter measure. A text
    that so many send word for word is no copy of an appeal but the form itself: each row stands alone.
    """
    if not 1 < len(texts) <= _ROWS_COMPARED:
        return np.arange(len(texts))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True, dtype=np.float32)
    features = letters.fit_transform([text or " " for text in texts])
    closeness = (features @ features.T).tocsr()
    number = np.zeros(len(texts), dtype=int)
    huge = max(_LARGEST, len(texts) // _LARGEST_SHARE)
    rows = np.arange(len(texts))
    for alike in _ALIKE:
        near = closeness[rows][:, rows]
        near.data[near.data < alike] = 0
        near.eliminate_zeros()
        number[rows] = number.max() + 1 + connected_components(near, directed=False)[1]
        rows = np.flatnonzero(np.bincount(number)[number] > huge)
        if not len(rows):
            break
    forms = np.flatnonzero(np.bincount(number)[number] > huge)
    number[forms] = number.max() + 1 + np.arange(len(forms))
    return np.unique(number, return_inverse=True)[1]


def folds(alike: Any, count: int, *, seed: int = _SEED) -> Iterator[tuple[Any, Any]]:
    """Yield (kept, held back) row numbers for each fold; near-duplicates (same number in `alike`) are never parted.

    Fewer clusters than folds give fewer folds; one cluster gives none.
    """
    groups = np.unique(alike)
    count = min(count, len(groups))
    if count < 2:
        return
    sizes = np.bincount(np.searchsorted(groups, alike))
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    fold_of = np.empty(len(groups), dtype=int)
    filled = np.zeros(count)
    for group in order:
        smallest = int(np.argmin(filled))
        fold_of[group] = smallest
        filled[smallest] += sizes[group]
    fold = fold_of[np.searchsorted(groups, alike)]
    for number in range(count):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)
