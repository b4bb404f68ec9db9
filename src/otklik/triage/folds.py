"""Texts that are nearly the same, and folds that keep them together: a model must not be asked what it was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

_ALIKE = 0.5
_ROWS_COMPARED = 20_000
_SEED = 11


def clusters(texts: Sequence[str]) -> Any:
    """Return a number for each text, the same for near-duplicates. Beyond 20,000 texts each is its own."""
    if not 1 < len(texts) <= _ROWS_COMPARED:
        return np.arange(len(texts))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True, dtype=np.float32)
    features = letters.fit_transform([text or " " for text in texts])
    closeness = (features @ features.T).tocsr()
    closeness.data[closeness.data < _ALIKE] = 0
    closeness.eliminate_zeros()
    return connected_components(closeness, directed=False)[1]


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
