"""Looking after channels in the worker: a thread of its own, for a network may let a look wait for half a minute."""

from __future__ import annotations

import time

from otklik.channels.services.counting import count_events, forget_old_hours
from otklik.channels.services.watching import listen_for_silence, watch_next
from otklik.common.clock import now

COUNT_S = 60.0
LISTEN_S = 600.0


class Watcher:
    """Remembers when it counted and when it listened."""

    def __init__(self) -> None:
        self._counted = 0.0
        self._listened = 0.0

    def step(self) -> bool:
        """Look at one channel that is due; from time to time count what came, and listen for silence."""
        looked = watch_next(now=now())
        if self._counted < time.monotonic():
            self._counted = time.monotonic() + COUNT_S
            count_events(now=now())
        if self._listened < time.monotonic():
            self._listened = time.monotonic() + LISTEN_S
            forget_old_hours(now=now())
            listen_for_silence(now=now())
        return looked
