"""The fediverse in the worker: what came is proved, keys are asked for, activities are carried to others' servers.

Each call is made in a thread of its own, for somebody's server may let us wait; the step's own thread does all writing.
A call that is still open when the worker ends is left behind: its lease ends, and another worker makes it again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from django.db import transaction

from otklik.channels.fediverse import Parcel, Signer
from otklik.channels.services import asking, dispatching, proving
from otklik.channels.services.dispatching import Carried
from otklik.common.clock import now
from otklik.common.vault import WrongKey
from otklik.connectors.activitypub.calling import Caller
from otklik.connectors.base import SendFailed
from otklik.intake.delivered import note_delivered

log = logging.getLogger(__name__)

T = TypeVar("T")

ASKED_AT_ONCE, CARRIED_AT_ONCE = 6, 24
"""Open calls: a server that is slow holds one of them."""
SWEEP_S = 600.0
WAIT_S = 0.5


class Fediverse:
    """One worker's open calls, by the host that they are to."""

    def __init__(self) -> None:
        self._asking: set[str] = set()
        self._carrying: set[str] = set()
        self._done: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._swept = 0.0

    def step(self) -> bool:
        """Prove what can be proved, ask and carry what is due; True if there may be more."""
        channels = proving.fediverse_channels()
        if not channels and not (self._asking or self._carrying):
            return False
        proved = 0
        for channel in channels:
            try:
                proved += proving.prove_batch(channel, now=now())
            except (ValueError, WrongKey) as error:
                log.error("channel %s can't prove what came: %s", channel.name, error)
            proving.note_strangers(channel, now=now())
        self._ask()
        self._carry()
        self._sweep()
        finished = self._finish() if self._asking or self._carrying else 0
        return bool(proved or finished or self._asking or self._carrying)

    def _ask(self) -> None:
        claimed = asking.claim(now=now(), limit=ASKED_AT_ONCE - len(self._asking), busy=frozenset(self._asking))
        callers = asking.callers(of=claimed)
        for signer in claimed:
            self._asking.add(signer.host)
            asker = callers.get(signer.municipality_id)

            def call(signer: Signer = signer, caller: Caller | None = asker) -> None:
                answer = _ours(lambda: asking.ask(signer, caller, now=now()))
                self._done.put(lambda: asking.keep(signer, answer, now=now()))
                self._done.put(lambda: self._asking.discard(signer.host))

            threading.Thread(target=call, name=f"ask-{signer.pk}", daemon=True).start()

    def _carry(self) -> None:
        for parcel in dispatching.claim(now=now(), limit=CARRIED_AT_ONCE - len(self._carrying), busy=self._carrying):
            self._carrying.add(parcel.host)

            def call(parcel: Parcel = parcel) -> None:
                done = _ours(lambda: dispatching.carry(parcel, now=now()))
                self._done.put(lambda: _record(done if isinstance(done, Carried) else Carried(parcel, done)))
                self._done.put(lambda: self._carrying.discard(parcel.host))

            threading.Thread(target=call, name=f"carry-{parcel.pk}", daemon=True).start()

    def _finish(self) -> int:
        """Write down what has come back, waiting a little for the first; returns how much did."""
        count = 0
        try:
            done = self._done.get(timeout=WAIT_S)
            while True:
                done()
                count += 1
                done = self._done.get_nowait()
        except Empty:
            return count

    def _sweep(self) -> None:
        if self._swept < time.monotonic():
            self._swept = time.monotonic() + SWEEP_S
            proving.forget_hopeless(now=now())
            dispatching.forget_old(now=now())


def _ours(call: Callable[[], T]) -> T | SendFailed:
    """Return what a call gives; a mistake of ours in a thread is a failure of that call alone."""
    try:
        return call()
    except Exception:
        log.exception("a mistake of ours while calling a server of the fediverse")
        return SendFailed("our own mistake, please report it", permanent=False)


@transaction.atomic
def _record(done: Carried) -> None:
    row = dispatching.record(done, now=now())
    if row is not None:
        note_delivered([row], now())
