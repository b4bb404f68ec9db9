"""From stored deliveries to triaged cases: the real worker's taking, over many different messages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import islice, pairwise
from typing import Any

from django.db import connection

from otklik.cases.models import Case
from otklik.channels.enums import Decision, DeliveryState
from otklik.channels.models import Delivery, Message
from otklik.cli.bench import town
from otklik.cli.bench.figures import milliseconds, percentile, tell
from otklik.common.rubbish import BATCHES, keep_out_of_rubbish
from otklik.intake.understanding import Brain
from otklik.worker.taking import take_due

FULL = 20_000


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures on this process's database."""
    count = 300 if options["tiny"] else 6_000 if options["quick"] else FULL
    channel = town.connect_telegram(town.found_town(), "bench")
    tell(f"storing {count} deliveries")
    bodies = [town.comment(number, text) for number, text in enumerate(islice(town.texts(3), count), 1)]
    town.deliver(channel, bodies, 1)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    brain = Brain()
    brain.triage(channel.municipality).classify([])
    keep_out_of_rubbish(BATCHES)
    tell("carrying them to cases")
    marks = _carry(brain, count)
    _check(count)
    part = min(1000, count // 2)
    return {
        "messages": count,
        "messages_per_s": round(count / marks[-1][1]),
        "first_1000_per_s": round(_speed(marks, 0, part)),
        "last_1000_per_s": round(_speed(marks, count - part, count)),
        "batch_p99_ms": milliseconds(percentile(_gaps(marks), 0.99)),
        "cases": Case.objects.count(),
    }


def _carry(brain: Brain, count: int) -> list[tuple[int, float]]:
    """Take until nothing is due; returns how many were taken by which second."""
    marks, done, started = [(0, 0.0)], 0, time.perf_counter()
    while taken := take_due(brain):
        done += taken
        marks.append((done, time.perf_counter() - started))
    if done != count:
        raise RuntimeError(f"{done} of {count} deliveries were taken")
    return marks


def _speed(marks: list[tuple[int, float]], first: int, last: int) -> float:
    """Return messages a second between two counts, interpolated inside batches."""
    return (last - first) / max(1e-9, _at(marks, last) - _at(marks, first))


def _at(marks: list[tuple[int, float]], count: int) -> float:
    for (before, early), (after, late) in pairwise(marks):
        if count <= after:
            return early + (late - early) * (count - before) / (after - before)
    return marks[-1][1]


def _gaps(marks: list[tuple[int, float]]) -> list[float]:
    return [late - early for (_, early), (_, late) in pairwise(marks)]


def _check(count: int) -> None:
    """Raise RuntimeError unless every delivery became one message, and every message got a decision."""
    read = Delivery.objects.filter(state=DeliveryState.PARSED).count()
    decided = Message.objects.exclude(decision=Decision.PENDING).count()
    if (read, decided) != (count, count):
        raise RuntimeError(f"of {count} deliveries {read} were understood and {decided} messages decided")
