"""Keeps the three processes of an installation running: web (Django), gate (the one port) and worker.

A process that ends is started again, ever more slowly if it keeps ending. No Django here: the supervisor stays small.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

_STOP_S = 20.0
_CALM_S = 30.0
"""A process that ran this long is healthy: its next start waits no longer than the first."""
_MAX_WAIT_S = 30.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One supervised process."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    ends_all: bool = False
    """When it ends, everything does, with its code (a demo that runs once)."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    wait_s: float = field(default=0.5)
    start_after: float = 0.0


class Supervisor:
    """Starts programs, restarts those that end, stops all of them on SIGTERM or SIGINT."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = list(programs)
        self._stopping = False
        self._code = 0

    def run(self) -> int:
        """Supervise until told to stop; returns when every program has ended: 0, or the code of one that ends all."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self._stopping:
            for program in self._programs:
                self._look_after(program)
            time.sleep(0.2)
        self._end_all()
        return self._code

    def _look_after(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is not None and program.process.poll() is not None:
            if program.ends_all:
                self._code, self._stopping = program.process.returncode, True
                return
            log.warning("%s ended with code %s; starting it again", program.name, program.process.returncode)
            if now - program.started_at > _CALM_S:
                program.wait_s = 0.5
            program.start_after = now + program.wait_s
            program.wait_s = min(program.wait_s * 2, _MAX_WAIT_S)
            program.process = None
        if program.process is None and now >= program.start_after:
            program.started_at = now
            program.process = subprocess.Popen(  # noqa: S603 - our own module with fixed arguments
                [sys.executable, "-m", "otklik", *program.arguments],
                env={**os.environ, **program.environment},
                preexec_fn=die_with_parent,  # noqa: PLW1509 - the supervisor has one thread
            )

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        running = [program.process for program in self._programs if program.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + _STOP_S
        for process in running:
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def die_with_parent() -> None:
    """Ask the kernel to end us when the supervisor dies, however it dies; and ignore the terminal's Ctrl-C.

    Ctrl-C reaches the whole group; the supervisor alone decides the order of stopping.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
