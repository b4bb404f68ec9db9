"""Known pairs of neighbouring words, found in many texts at once. Needs numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class Pairs:
    """The known pairs of stems, found for many neighbours at once."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        """Take the number of each pair, written with a space between."""
        self._places: dict[str, int] = {}
        found = [
            (self._place(first), self._place(second), number)
            for (first, _, second), number in ((pair.partition(" "), number) for pair, number in numbers.items())
        ]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        keys = table[:, 0] * len(self._places) + table[:, 1]
        order = np.argsort(keys)
        # The last stands for nothing, so that a search that runs over the end still finds a row.
        self._keys = np.append(keys[order], -1)
        self._numbers = np.append(table[order, 2], -1)

    def of(self, stem: str) -> int:
        """Return by what number `find` knows a stem; -1 where it is in no pair."""
        return self._places.get(stem, -1)

    def find(self, words: Any) -> tuple[Any, Any]:
        """Return where in a row of words a known pair begins, and the numbers of those pairs."""
        both = np.flatnonzero((words[:-1] >= 0) & (words[1:] >= 0))
        keys = words[both] * len(self._places) + words[both + 1]
        at = np.searchsorted(self._keys[:-1], keys)
        known = self._keys[at] == keys
        return both[known], self._numbers[at[known]]

    def _place(self, stem: str) -> int:
        return self._places.setdefault(stem, len(self._places))
