"""Asking networks in the worker: each question in a thread of its own, for a network may let us wait for half a minute.

The step's own thread does all writing. A question that is still open when the worker ends is left behind: nothing of it
was written, and the next worker asks it again.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from queue import Empty, SimpleQueue

from otklik.channels.models import Channel
from otklik.channels.polls import Poll
from otklik.channels.services import polling
from otklik.channels.services.polling import Answered
from otklik.common.clock import now
from otklik.common.vault import WrongKey

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Questions open at the same time, of all channels together; a network may hold one open for ten seconds."""
LOOK_S = 3.0
"""Between two looks for new and changed channels."""
WAIT_S = 1.0


class Poller:
    """One worker's open questions, and which channels it has arranged."""

    def __init__(self, worker: str, is_alive: Callable[[str], bool]) -> None:
        self._worker = worker
        self._is_alive = is_alive
        self._open: set[int] = set()
        self._answers: SimpleQueue[tuple[Poll, Answered]] = SimpleQueue()
        self._arranged: dict[int, tuple[int, bool]] = {}
        self._looked = 0.0

    def step(self) -> bool:
        """Store what was answered, ask what is due; True while questions are open (it has waited for an answer)."""
        if self._looked < time.monotonic():
            self._looked = time.monotonic() + LOOK_S
            self._look_for_channels()
        # This thread is between two claims: what is claimed in our own name and isn't open was forgotten by a mistake.
        polling.give_back(self._is_alive, now=now(), worker=self._worker, asking=self._open)
        for poll in polling.claim(self._worker, now=now(), limit=AT_ONCE - len(self._open)):
            self._begin(poll)
        if self._open:
            self._store_answers()
        return bool(self._open)

    def end(self) -> None:
        """Leave our open questions to whoever works next."""
        polling.give_back(lambda name: name != self._worker, now=now(), worker=self._worker)

    def _look_for_channels(self) -> None:
        for channel in Channel.objects.select_related("municipality").order_by("id"):
            state = (channel.revision, channel.is_enabled)
            if self._arranged.get(channel.pk) == state:
                continue
            self._arranged[channel.pk] = state
            try:
                polling.arrange(channel, polling.rounds_of(channel) if channel.is_enabled else (), now=now())
            except (ValueError, WrongKey) as error:
                log.error("channel %s can't be asked: %s", channel.name, error)

    def _begin(self, poll: Poll) -> None:
        self._open.add(poll.pk)
        threading.Thread(target=self._ask, args=(poll,), name=f"poll-{poll.pk}", daemon=True).start()

    def _ask(self, poll: Poll) -> None:
        try:
            answered = polling.ask(poll, now=now())
        except Exception:
            log.exception("a mistake of ours while asking for %s of channel %s", poll.name, poll.channel_id)
            trace = traceback.format_exc(limit=-4)
            answered = Answered(cursor=poll.cursor, error=f"our own mistake, please report it: {trace[-1500:]}")
        self._answers.put((poll, answered))

    def _store_answers(self) -> None:
        try:
            poll, answered = self._answers.get(timeout=WAIT_S)
            while True:
                self._open.discard(poll.pk)
                self._store(poll, answered)
                poll, answered = self._answers.get_nowait()
        except Empty:
            return

    def _store(self, poll: Poll, answered: Answered) -> None:
        try:
            polling.record(poll, answered, now=now())
        except polling.TakenOver:
            log.warning("%s of channel %s took too long; another asks", poll.name, poll.channel_id)
