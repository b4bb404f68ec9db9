"""The bell: tells sleepers that rows are due. Rows are the truth; a lost ring costs a second, never a message.

PostgreSQL: NOTIFY inside the ringing transaction, so nobody wakes before the commit. SQLite: nothing to ring, the
sleeper polls `PRAGMA data_version`, which changes with every commit of another connection (5 µs a poll).
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from django.db import connection

CHANNEL = "otklik_bell"
POLL_S = 0.02
"""How often SQLite is asked whether anything was committed."""


def ring(kind: str) -> None:
    """Wake the sleepers when the current transaction commits; `kind` says what became due, for logs."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, kind))


def ring_at_once(kind: str) -> None:
    """Wake the sleepers about rows that are committed already; a ring alone needn't be on disk, so none waits for it.

    NOTIFY inside a transaction lets only one at a time commit in the whole server: where many commit, ring afterwards.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, %s)", (CHANNEL, kind))


class Bell:
    """Waits for commits of others. One for each waiting thread: it keeps a connection of its own."""

    def __init__(self) -> None:
        self._postgres: psycopg.Connection[Any] | None = None
        self._seen = -1

    def wait(self, timeout_s: float) -> bool:
        """Return as soon as something was committed that may be due, or after `timeout_s`; True if it rang."""
        if connection.vendor == "postgresql":
            return self._wait_postgres(timeout_s)
        return self._wait_sqlite(timeout_s)

    def close(self) -> None:
        """Give back the connection."""
        if self._postgres is not None:
            self._postgres.close()
            self._postgres = None

    def _wait_sqlite(self, timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        while True:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA data_version")
                version = int(cursor.fetchone()[0])
            if version != self._seen:
                self._seen = version
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_S)

    def _wait_postgres(self, timeout_s: float) -> bool:
        try:
            if self._postgres is None:
                self._postgres = listening_connection()
            return any(True for _ in self._postgres.notifies(timeout=timeout_s, stop_after=1))
        except psycopg.OperationalError:
            self.close()
            time.sleep(min(timeout_s, 1.0))
            return True


def listening_connection() -> psycopg.Connection[Any]:
    """Return a connection of its own that hears the bell (autocommit, so that it holds no transaction open)."""
    listening = own_connection()
    listening.execute(f"LISTEN {CHANNEL}")
    return listening


def own_connection() -> psycopg.Connection[Any]:
    """Return a connection to the same PostgreSQL database beside Django's, in autocommit."""
    return psycopg.connect(**connection_settings(), autocommit=True)


def connection_settings() -> dict[str, Any]:
    """Return how Django's connection reaches PostgreSQL, without what it asks of the driver."""
    given: dict[str, Any] = connection.get_connection_params()
    reaching = {"dbname", "user", "password", "host", "port", *connection.settings_dict["OPTIONS"]}
    return {name: value for name, value in given.items() if name in reaching}
