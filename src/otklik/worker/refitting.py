"""Learning anew beside the work: a child process of low priority, looked after by a thread that mostly sleeps.

The libraries that learn take a second to load and some hundred megabytes, and hold the interpreter while they count:
in the worker itself messages would wait for them. The child ends with its work, and with the worker.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable

from otklik.common.clock import now
from otklik.teaching.models import Refit
from otklik.teaching.services import refitting

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often the thread looks for what is due, and after its child."""
PATIENCE_S = 3600.0
"""A child that learns for longer hangs: it is ended, and the refit begun again."""


class Teacher:
    """One worker's learning: at most one child at a time."""

    def __init__(self, worker: str, is_alive: Callable[[str], bool]) -> None:
        self._worker = worker
        self._is_alive = is_alive
        self._child: subprocess.Popen[bytes] | None = None
        self._refit: Refit | None = None

    def step(self) -> bool:
        """Begin what is due, or look after the child; False: nothing more to do now."""
        if self._child is not None:
            self._look_after_child()
            return False
        refitting.give_back(lambda name: name != self._worker and self._is_alive(name), now=now())
        refitting.queue_nightly(now=now())
        self._refit = refitting.claim(self._worker, now=now())
        if self._refit is not None:
            self._child = begin(self._refit)
        return False

    def end(self) -> None:
        """Stop the child, and leave its refit to whoever works next."""
        if self._child is None or self._refit is None:
            return
        self._child.kill()
        self._child.wait()
        self._child.stdin.close()  # type: ignore[union-attr]  # begin() opened it
        refitting.break_off(self._refit, now=now())
        self._child = None

    def _look_after_child(self) -> None:
        if self._child is None or self._refit is None:
            return
        code = self._child.poll()
        started = self._refit.started_at
        if code is None:
            if started is not None and (now() - started).total_seconds() > PATIENCE_S:
                log.error("refit %s hangs and is ended", self._refit.pk)
                self.end()
            return
        self._child.stdin.close()  # type: ignore[union-attr]  # begin() opened it
        if code != 0:
            log.error("refit %s ended with %s", self._refit.pk, code)
            refitting.break_off(
                self._refit, now=now(), trace=f"the process ended with {code}; the worker's log says why"
            )
        self._child = None


def begin(refit: Refit) -> subprocess.Popen[bytes]:
    """Start the child that carries a refit. Its end of the pipe tells it when we are gone."""
    command = [sys.executable, "-m", "otklik.worker.refit", str(refit.pk), refit.claimed_by]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own program, a number and our own name
