"""Counts that many desks ask for at the same moment, counted once for all who see the same.

After a change every open desk asks how much waits now. What it is told is remembered until the next change is
announced, and for five seconds at most, because a deadline passes without a change. Pages themselves always count.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from threading import Lock

from django.core.cache import cache

GOOD_FOR_S = 5
_counting = Lock()


def counted_once(key: tuple[object, ...], count: Callable[[], dict[str, int]], *, change: int) -> dict[str, int]:
    """Return what was counted under this key since the newest announced change, or count it now.

    The key names all that the count depends on: the city, whose eyes, which lists. Whoever asks while another thread
    counts waits for it: mostly they ask for the same.
    """
    name = "counted:" + sha256(repr((change, key)).encode()).hexdigest()
    with _counting:
        found: dict[str, int] | None = cache.get(name)
        if found is None:
            found = count()
            cache.set(name, found, GOOD_FOR_S)
    return dict(found)
