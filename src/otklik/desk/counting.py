"""Counts that many desks ask for at the same moment, counted once for all who see the same.

After a change every open desk asks how much waits now. What it is told is remembered until the next change is
announced, and for five seconds at most, because a deadline passes without a change. Pages themselves always count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock

GOOD_FOR = timedelta(seconds=5)
_MOST = 512

_told: dict[Hashable, tuple[int, datetime, dict[str, int]]] = {}
_one_at_a_time: defaultdict[Hashable, Lock] = defaultdict(Lock)


def counted_once(key: Hashable, count: Callable[[], dict[str, int]], *, version: int, now: datetime) -> dict[str, int]:
    """Return what was counted under this key for this version of everything, or count it now.

    The key names all that the count depends on: the city, whose eyes, which lists. `version` is the newest announced
    change. Whoever asks while another thread counts the same waits for its result.
    """
    with _one_at_a_time[key]:
        known = _told.get(key)
        if known is not None and known[0] == version and timedelta(0) <= now - known[1] < GOOD_FOR:
            return dict(known[2])
        found = count()
        if len(_told) >= _MOST:
            _told.clear()
        _told[key] = (version, now, found)
        return dict(found)
