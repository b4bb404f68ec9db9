"""The garbage collector, told what our processes are like."""

from __future__ import annotations

import gc

PAGES = (5_000, 10, 10)
"""For a process that answers people: a young collection takes some 3 ms, and the old generation, which takes ten times
that, has its turn once in a thousand pages instead of once in a hundred."""
BATCHES = (50_000, 20, 20)
"""For a process that carries batches, where nobody waits for one of them; they make few cycles."""


def keep_out_of_rubbish(thresholds: tuple[int, int, int]) -> None:
    """Spare the collector what lives as long as the process, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*thresholds)
