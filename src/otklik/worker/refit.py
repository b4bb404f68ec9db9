"""The child that learns: `python -m otklik.worker.refit REFIT WORKER`, started by worker.refitting, for nobody else."""

from __future__ import annotations

import logging
import os
import sys
import threading

NICENESS = 15
"""Messages that come meanwhile go before."""


def main(refit_id: int, worker: str) -> int:
    """Carry one refit and return the exit code: 0 when the row says what came of it."""
    os.nice(NICENESS)
    # One thread of its own would take a core that the gate and the worker need.
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    import django

    django.setup()
    from otklik.common.clock import now
    from otklik.teaching.enums import RefitState
    from otklik.teaching.models import Refit
    from otklik.teaching.services.fitting import TakenAway, carry_out

    rows = Refit.objects.select_related("municipality", "asked_by")
    refit = rows.filter(pk=refit_id, state=RefitState.RUNNING, claimed_by=worker).first()
    if refit is None:
        return 0  # somebody else's by now
    try:
        carry_out(refit, now=now())
    except TakenAway:
        logging.getLogger(__name__).warning("refit %s was taken away", refit_id)
    return 0


def _end_with_the_worker() -> None:
    """Wait on the pipe that the worker holds: it closes when the worker ends, however it ends."""
    # Not by sys.stdin: the interpreter can't end while a thread reads there.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
