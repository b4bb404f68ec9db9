"""The clock of the installation: takes what is due, sends what is due, looks after what time brings.

Rows are the truth: every step asks the database what is due, so a worker that dies loses nothing and the next one
goes on. The bell only makes it prompt.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from otklik.assist.services.writing import write_next
from otklik.cases.services.appealwaking import wake_appeals
from otklik.cases.services.checkpointing import wake_checkpoints
from otklik.cases.services.closing import close_silent
from otklik.cases.services.controlling import look_after_controls
from otklik.cases.services.showing import forget_deleted
from otklik.cases.services.tallying import fold
from otklik.cases.services.waking import wake_due
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services import sending
from otklik.channels.services.measuring import measure_next
from otklik.channels.services.naming import Namer
from otklik.channels.services.parting import with_photos
from otklik.channels.services.renewing import Renewer
from otklik.common.bell import Bell
from otklik.common.clock import now
from otklik.common.rubbish import BATCHES, keep_out_of_rubbish
from otklik.connectors.base import SendUnknown
from otklik.insights.services.preparing import prepare_due
from otklik.intake.added import understand_added
from otklik.intake.delivered import note_delivered
from otklik.intake.understanding import Brain
from otklik.notices.services import posting
from otklik.notices.services.carrying import link_chats
from otklik.notices.services.routing import route_notices
from otklik.org.services.announcing import forget_old_changes
from otklik.proof.services.sequencing import sequence_due
from otklik.pulse.services.counting import forget_voices
from otklik.pulse.services.handling import refresh_surges
from otklik.worker.fediverse import Fediverse
from otklik.worker.filing import Filer
from otklik.worker.mailing import Mailer
from otklik.worker.polling import Poller
from otklik.worker.presence import Presence
from otklik.worker.refitting import LOOK_S, Teacher
from otklik.worker.taking import take_due
from otklik.worker.watching import Watcher

log = logging.getLogger(__name__)

CLAIM = 16
"""Rows claimed for sending at once; few, so that a death leaves few in doubt."""
IDLE_S = 1.0
"""How long to sleep without a bell: rows that became due by time alone wait at most this long."""
HOUSEKEEPING_S = 30.0
ADDED_S = 0.5
"""Between two looks for what was added on the pages of cases: one query, also while batches come without a pause."""
NAMES_S = 3.0
TOKENS_S = 600.0
"""Between two looks for access tokens that end soon: there are days to renew one in."""
LETTERS_S = 3.0
"""Letters to officials gather for a minute anyway; a code that links a messenger should not."""
WATCH_S = 5.0
MEASURE_S = 15.0
RECORD_ATTEMPTS = 7
"""Waiting about twelve seconds in all."""
RECONCILE_AFTER = timedelta(seconds=2)
"""An unknown row is read up after this, so that an echo has time to settle it first; then less and less often."""


class Worker:
    """One worker process: a thread that takes, one that sends and reconciles, one that asks networks, and others."""

    def __init__(self) -> None:
        self.presence = Presence(settings.ENVIRONMENT.data)
        self._stop = threading.Event()
        self._brain: Brain | None = None
        self._house_kept = 0.0
        self._added_read = 0.0
        self._namer = Namer()
        self._names_learnt = 0.0
        self._renewer = Renewer()
        self._tokens_looked = 0.0
        self._filer = Filer()
        self._mailer = Mailer(self.presence.name, self.presence.is_alive)
        self._teacher = Teacher(self.presence.name, self.presence.is_alive)
        self._poller = Poller(self.presence.name, self.presence.is_alive)
        self._watcher = Watcher()
        self._fediverse = Fediverse()

    def run(self) -> None:
        """Work until `stop`; raises AnotherWorker if SQLite has one already."""
        self.presence.begin()
        sender = threading.Thread(target=self._repeat, args=(self.send_step, IDLE_S), name="sender", daemon=True)
        machine = threading.Thread(target=self._repeat, args=(self.machine_step, IDLE_S), name="machine", daemon=True)
        letters = threading.Thread(target=self._repeat, args=(self.letter_step, LETTERS_S), name="letters", daemon=True)
        teacher = threading.Thread(target=self._teach, name="teacher", daemon=True)
        files = threading.Thread(target=self._repeat, args=(self.files_step, IDLE_S), name="files", daemon=True)
        asker = threading.Thread(target=self._ask, name="asker", daemon=True)
        watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        measurer = threading.Thread(target=self._measure, name="measurer", daemon=True)
        fediverse = threading.Thread(
            target=self._repeat, args=(self.fediverse_step, IDLE_S), name="fediverse", daemon=True
        )
        sender.start()
        machine.start()
        letters.start()
        teacher.start()
        files.start()
        asker.start()
        watcher.start()
        measurer.start()
        fediverse.start()
        try:
            self._repeat(self.take_step, IDLE_S)
        finally:
            self._stop.set()
            sender.join(timeout=30)
            teacher.join(timeout=30)
            files.join(timeout=5)  # what it was doing becomes due again
            letters.join(timeout=30)
            asker.join(timeout=10)
            watcher.join(timeout=5)  # a look writes only at its end: the next worker looks again
            measurer.join(timeout=5)  # what it asked is written at its end: the next worker asks again
            fediverse.join(timeout=5)  # a call that is open is made again
            machine.join(timeout=5)  # it may have minutes to go: another worker takes the question again
            self.presence.end()

    def stop(self) -> None:
        """Finish the step at hand and return from `run`."""
        self._stop.set()

    def take_step(self) -> bool:
        """Carry one batch of every channel; True if there may be more."""
        if self._brain is None:
            self._brain = Brain()
            keep_out_of_rubbish(BATCHES)
        if self._house_kept < time.monotonic():
            self._house_kept = time.monotonic() + HOUSEKEEPING_S
            close_silent(now=now())
            wake_due(now=now())
            wake_appeals(now=now())
            look_after_controls(now=now())
            wake_checkpoints(now=now())
            prepare_due(now=now())
            forget_deleted(now=now())
            forget_old_changes(now())
            refresh_surges(now=now())
            forget_voices(now())
            fold()
        if self._added_read < time.monotonic():
            self._added_read = time.monotonic() + ADDED_S
            understand_added(self._brain, now=now())
        return take_due(self._brain) > 0

    def letter_step(self) -> bool:
        """Decide the ways of new notices, link messengers, send officials and residents what is due; True if more."""
        # This thread is between two claims: a letter still being sent in our own name was forgotten by a mistake.
        posting.doubt_letters(lambda name: name != self.presence.name and self.presence.is_alive(name), now=now())
        routed = route_notices(now=now())
        link_chats(now=now())
        letters = posting.claim(self.presence.name, now=now())
        for letter in letters:
            posting.record(posting.post(letter), now=now())
        return self._mailer.step() or bool(routed or letters)

    def machine_step(self) -> bool:
        """Let the city's language model answer one question that is due; True if there may be more."""
        return write_next(now=now())

    def files_step(self) -> bool:
        """Fetch, check or draw one file that is due; True if there may be more."""
        return self._filer.step()

    def poll_step(self) -> bool:
        """Ask networks what is due and store what they answered; True while questions are open."""
        return self._poller.step()

    def watch_step(self) -> bool:
        """Count what came in, look at one channel that is due, listen for silence; True if there may be more."""
        return self._watcher.step()

    def measure_step(self) -> bool:
        """Ask one network for the figures that are due; True if there may be more."""
        return measure_next(now=now())

    def fediverse_step(self) -> bool:
        """Prove what came from the fediverse, carry what goes there; True if there may be more."""
        return self._fediverse.step()

    def send_step(self) -> bool:
        """Send one claim of due rows and read up what is in doubt; True if there may be more."""
        self.presence.keep()
        sequence_due(now=now())
        self._look_after_doubts()
        if self._names_learnt < time.monotonic():
            self._names_learnt = time.monotonic() + NAMES_S
            self._namer.name_strangers()
        if self._tokens_looked < time.monotonic():
            self._tokens_looked = time.monotonic() + TOKENS_S
            self._renewer.renew_due(now=now())
        claimed = sending.claim(self.presence.name, now=now(), limit=CLAIM)
        by_channel: dict[int, list[Outgoing]] = {}
        for row in claimed:
            by_channel.setdefault(row.channel_id, []).append(row)
        if by_channel:
            with ThreadPoolExecutor(max_workers=min(8, len(by_channel))) as pool:
                jobs = [pool.submit(sending.deliver, rows[0].channel, rows, now=now()) for rows in by_channel.values()]
                for job in jobs:
                    self._record(job.result())
        return bool(claimed)

    def _record(self, results: Sequence[sending.Sent]) -> None:
        """Write what the network said, whatever it takes: forgetting it would leave rows that nobody is certain of."""
        for attempt in range(RECORD_ATTEMPTS):
            try:
                return sending.record(results, now=now(), then=note_delivered)
            except (OperationalError, InterfaceError):
                log.exception("cannot write down what was sent yet; trying again")
                connection.close()
                time.sleep(0.1 * 2**attempt)
            except Exception:
                log.exception("what follows from sending failed")
                if len(results) == 1:
                    return sending.record(results, now=now(), then=lambda *_: None)
                for one in results:
                    self._record([one])
                return None
        return None

    def _look_after_doubts(self) -> None:
        # This thread is between two claims: a row that is still being sent in our own name was forgotten by a mistake.
        sending.doubt_rows_of_dead_workers(
            lambda name: name != self.presence.name and self.presence.is_alive(name), now=now()
        )
        doubted = (
            Outgoing.objects.filter(
                state=OutgoingState.UNKNOWN, due_at__lte=now() - RECONCILE_AFTER, channel__is_enabled=True
            )
            .select_related("channel", "thread", "reply_to", "official", "edits", "removes")
            .prefetch_related(with_photos())
            .order_by("id")[:CLAIM]
        )
        for row in doubted:
            self._reconcile(row)

    def _reconcile(self, row: Outgoing) -> None:
        found = sending.reconcile(row)
        if found is None and (hopeless := sending.given_up(row)) is not None:
            self._record([hopeless])
        elif found is None:
            sending.queue_again([row], now=now())
        elif isinstance(found.error, SendUnknown):
            # Nobody can tell but people: shown to them, and asked again in an hour.
            Outgoing.objects.filter(pk=row.pk, state=OutgoingState.UNKNOWN).update(due_at=now() + timedelta(hours=1))
        else:
            self._record([found])

    def _teach(self) -> None:
        """Look every few seconds whether a city's triage is to learn; the bell rings for messages, not for this."""
        try:
            self._repeat(self._teacher.step, LOOK_S, self._stop.wait)
        finally:
            self._teacher.end()
            connection.close()

    def _watch(self) -> None:
        """Look after the channels; no bell: nothing of it is a matter of seconds."""
        self._repeat(self.watch_step, WATCH_S, self._stop.wait)

    def _measure(self) -> None:
        """Ask for figures; no bell: nothing of it is a matter of seconds."""
        self._repeat(self.measure_step, MEASURE_S, self._stop.wait)

    def _ask(self) -> None:
        """Ask networks until the end, then leave what is open to others; no bell: nobody rings for what they have."""
        try:
            self._repeat(self.poll_step, IDLE_S, self._stop.wait)
        finally:
            self._poller.end()
            connection.close()

    def _repeat(self, step: Callable[[], bool], idle_s: float, sleep: Callable[[float], object] | None = None) -> None:
        """Repeat a step; sleep on the bell when nothing is due; outlive a database that went away."""
        bell = Bell()
        sleep = sleep or bell.wait
        while not self._stop.is_set():
            try:
                if not step():
                    sleep(idle_s)
            except (OperationalError, InterfaceError, psycopg.OperationalError, OSError) as error:
                log.error("the database did not answer; trying again: %s", str(error).partition("\n")[0])
                close_old_connections()
                connection.close()
                self._stop.wait(idle_s)
            except Exception:
                log.exception("an unforeseen mistake; going on with the next")
                self._stop.wait(idle_s)
        bell.close()
        connection.close()
