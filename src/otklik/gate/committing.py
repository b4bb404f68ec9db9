"""Group commit: whatever arrived while the last transaction was being written goes into the next one.

One thread writes; nobody waits for company (a lone delivery is written at once), and nobody hears 200 before the
commit has returned.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import Counter
from datetime import datetime

from django.db import Error, OperationalError, connection

from otklik.channels.enums import SecurityEventKind
from otklik.channels.services.receiving import Arrival, count_refusals, store_silently
from otklik.common import bell

log = logging.getLogger(__name__)

MAX_BATCH = 500
MAX_WAITING = 5000
"""More than this unwritten, and the networks are asked to come again: their queues are longer than our memory."""
FLUSH_S = 1.0
RING_S = 0.02
TURN_S, LOOK_AGAIN_S = 20.0, 0.002


class Overloaded(Exception):
    """Too much is waiting to be written."""


class NotStored(Exception):
    """The database refused; the network must repeat."""


_Waiting = tuple[Arrival, "asyncio.Future[None]"]


class Committer:
    """Writes arrivals in batches from its own thread; `store` returns when they are on disk."""

    def __init__(self) -> None:
        self._arrived: list[_Waiting] = []
        self._queue: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._rang = 0.0
        self._refusals: Counter[tuple[int, int, SecurityEventKind, datetime]] = Counter()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Begin writing."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting, then end."""
        self._queue.put(None)
        self._thread.join(timeout=20)

    async def store(self, arrival: Arrival) -> None:
        """Return when the arrival is durable. Raises Overloaded, NotStored."""
        if self._waiting > MAX_WAITING:
            raise Overloaded
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if not self._arrived:
            loop.call_soon(self._hand_over)
        self._arrived.append((arrival, future))
        self._waiting += 1
        try:
            await future
        finally:
            self._waiting -= 1

    def _hand_over(self) -> None:
        """Give the thread everything that this turn of the loop brought: it is woken once, not for each request."""
        arrived, self._arrived = self._arrived, []
        self._queue.put(arrived)

    def refuse(self, municipality_id: int, channel_id: int, kind: SecurityEventKind, at: datetime) -> None:
        """Count a refusal; written once a second, so that a flood of forgeries costs one row."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._refusals[municipality_id, channel_id, kind, hour] += 1

    def _run(self) -> None:
        flushed, going = time.monotonic(), True
        while going:
            batch, going = self._next_batch()
            if batch:
                self._write(batch)
            if time.monotonic() - flushed > FLUSH_S or not going:
                flushed = time.monotonic()
                self._flush_refusals()
        connection.close()

    def _next_batch(self) -> tuple[list[_Waiting], bool]:
        try:
            first = self._queue.get(timeout=FLUSH_S)
        except queue.Empty:
            return [], True
        if first is None:
            return [], False
        batch = list(first)
        while len(batch) < MAX_BATCH:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                return batch, False
            batch += more
        return batch, True

    def _write(self, batch: list[_Waiting]) -> None:
        error: Exception | None = None
        try:
            _store([arrival for arrival, _ in batch])
        except Error as problem:
            log.error("cannot store %d deliveries: %s", len(batch), type(problem).__name__)
            connection.close()
            error = NotStored(str(problem))
        loop = batch[0][1].get_loop()
        loop.call_soon_threadsafe(_settle, [future for _, future in batch], error)
        if error is None:
            self._ring()

    def _ring(self) -> None:
        """Ring for the worker, unless more is waiting: then whoever writes that will, at the latest after RING_S."""
        if not self._queue.empty() and time.monotonic() - self._rang < RING_S:
            return
        self._rang = time.monotonic()
        try:
            bell.ring_at_once("delivery")
        except Error:
            connection.close()  # the rows are there: the worker looks by itself every second

    def _flush_refusals(self) -> None:
        with self._lock:
            counted, self._refusals = self._refusals, Counter()
        if not counted:
            return
        try:
            count_refusals(counted)
        except Error:
            connection.close()
            with self._lock:
                self._refusals.update(counted)


def _store(arrivals: list[Arrival]) -> None:
    """Store, waiting for our turn where SQLite lets one write at a time.

    SQLite itself would look again after 1, 2, 5, … 100 ms and sleep through the short pauses of a busy worker; we look
    every two milliseconds.
    """
    if connection.vendor == "postgresql":
        return store_silently(arrivals)
    if connection.connection is None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout=0")
    until = time.monotonic() + TURN_S
    while True:
        try:
            return store_silently(arrivals)
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(LOOK_AGAIN_S)


def _settle(futures: list[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
