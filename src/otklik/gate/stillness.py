"""Whether anything was written since a moment: pages that were made before it and after which nothing was, are right.

Nobody has to tell what a write changes, so no write can be forgotten. SQLite: `PRAGMA data_version`, 5 µs. PostgreSQL:
the snapshot, which moves when any transaction that writes begins or ends.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import Error, connection

log = logging.getLogger(__name__)

LOOK_S = 0.1
"""How often the database is asked while pages are read."""
_AWAKE_S = 5.0
"""So long after the last reader nobody asks it any more."""
_TRUSTED_S = 0.5
"""An answer older than this says nothing."""
_QUESTION = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT pg_current_snapshot()::text"}


class Stillness:
    """Counts, in a thread of its own, how often the database was seen changed."""

    def __init__(self) -> None:
        self._changes = 0
        self._seen: object = None
        self._looked_at = 0.0
        self._asked_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="stillness", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def mark(self) -> int | None:
        """Return a number that stays the same as long as nothing is written (up to LOOK_S late); None: not known."""
        now = time.monotonic()
        self._asked_at = now
        return self._changes if now - self._looked_at < _TRUSTED_S else None

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_S):
            if time.monotonic() - self._asked_at > _AWAKE_S:
                continue
            began = time.monotonic()
            try:
                with connection.cursor() as cursor:
                    cursor.execute(_QUESTION[connection.vendor])
                    seen = cursor.fetchone()[0]
            except Error:
                connection.close()
                self._seen = None
                continue
            if seen != self._seen:
                self._changes += 1
                self._seen = seen
            self._looked_at = began
        connection.close()
