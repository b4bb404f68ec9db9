"""Knowing which workers are alive, so that a dead one's half-sent rows are found at once.

PostgreSQL: every worker holds a session lock named after it; the server lets go when the worker's connection dies,
however it died. SQLite: one worker at a time, by a lock on a file that the kernel releases.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import time
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connection

from otklik.common import bell


class AnotherWorker(Exception):
    """On SQLite one worker is enough, and one is there already."""


class Presence:
    """This worker's sign of life."""

    def __init__(self, data_folder: Path) -> None:
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{time.time_ns()}"
        self._folder = data_folder
        self._lock_file: IO[str] | None = None
        self._session: psycopg.Connection[Any] | None = None

    def begin(self, *, wait_s: float = 10.0) -> None:
        """Show that this worker lives. Raises AnotherWorker if SQLite's place is taken for longer than `wait_s`."""
        if connection.vendor == "postgresql":
            return self._hold_session()
        self._lock_file = (self._folder / "worker.lock").open("w")
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return None
            except BlockingIOError:
                if time.monotonic() >= until:
                    self._lock_file.close()
                    raise AnotherWorker("another worker runs on this SQLite database; one is enough") from None
                time.sleep(0.1)

    def keep(self) -> None:
        """Show it anew where it was lost: a restarted server has forgotten every lock, and others take us for dead.

        Raises psycopg.OperationalError while the server is away. A file's lock can't be lost.
        """
        if self._session is None:
            return
        try:
            self._session.execute("SELECT 1")
        except psycopg.OperationalError:
            self._session.close()
            self._hold_session()

    def _hold_session(self) -> None:
        self._session = bell.own_connection()
        self._session.execute("SELECT pg_advisory_lock(%s)", (_number(self.name),))

    def is_alive(self, name: str) -> bool:
        """Return whether the worker of this name still runs."""
        if name == self.name:
            return True
        if connection.vendor != "postgresql":
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (_number(name),))
            free = bool(cursor.fetchone()[0])
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (_number(name),))
        return not free

    def end(self) -> None:
        """Take the sign down."""
        if self._session is not None:
            self._session.close()
        if self._lock_file is not None:
            self._lock_file.close()


def someone_works(data_folder: Path) -> bool:
    """Return whether any worker of this installation is alive."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            )
            return bool(cursor.fetchone()[0])
    try:
        with (data_folder / "worker.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _number(name: str) -> int:
    """Return the lock's number: signed 64 bits of the name's digest."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
