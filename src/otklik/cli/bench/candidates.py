"""Finding what was told before among a million traces: the keys of a batch, and of one text, looked up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from django.db import connection

from otklik.cli.bench import town
from otklik.cli.bench.archive import Archive
from otklik.cli.bench.figures import milliseconds, percentile, tell

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.intake.recognising import Memory
    from otklik.triage import Triage, Understood

SIZES = (10_000, 1_000_000)
_AT_ONCE = 10_000
_BATCH = 100
_SINGLES = 500


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return for each number of traces how long a batch of 100 texts and one text take; `growth` compares the sizes."""
    from otklik.intake.recognising import Memory
    from otklik.triage import Text, Triage

    sizes = (200, 400) if options["tiny"] else SIZES
    batches = 2 if options["tiny"] else 20
    channel = town.connect_telegram(town.found_town(), "bench")
    archive = Archive(channel)
    archive.grow(100 if options["tiny"] else 6_000)
    triage, memory = Triage.shipped(), Memory()
    asked = triage.classify_read([Text(text) for text in islice(town.texts(29), batches * _BATCH)])
    figures: dict[str, Any] = {}
    made = 0
    for size in sizes:
        tell(f"writing {size - made} traces")
        _leave(channel.municipality_id, made, size, memory, triage)
        made = size
        tell(f"looking up among {size} traces")
        figures[str(size)] = _figures(channel.municipality_id, asked, memory)
    first, last = figures[str(sizes[0])], figures[str(sizes[-1])]
    last["growth"] = round(last["batch_p50_ms"] / max(0.01, first["batch_p50_ms"]), 2)
    return figures


def _figures(municipality_id: int, asked: Sequence[Understood], memory: Memory) -> dict[str, Any]:
    from otklik.intake.recognising import Recollection

    imprints = [memory.imprint(one.reading.text, one.verdict.topic or "", one) for one in asked]

    def timed(size: int) -> Iterator[float]:
        for start in range(0, len(imprints), size):
            named = {str(number): one for number, one in enumerate(imprints[start : start + size])}
            recollection = Recollection(memory, named)
            began = time.perf_counter()
            recollection.look_up(municipality_id)
            yield time.perf_counter() - began

    several = list(timed(_BATCH))
    single = list(islice(timed(1), _SINGLES))
    return {
        "batch_p50_ms": milliseconds(percentile(several, 0.5)),
        "batch_p99_ms": milliseconds(percentile(several, 0.99)),
        "single_p99_ms": milliseconds(percentile(single, 0.99)),
    }


def _leave(municipality_id: int, made: int, size: int, memory: Memory, triage: Triage) -> None:
    """Write traces until there are `size`: first those of the messages of open cases, then as many of others."""
    from otklik.cases.models import CaseMessage, Trace
    from otklik.common.inserting import insert_new_values
    from otklik.intake.recognising import keys_of
    from otklik.triage import Text

    told = CaseMessage.objects.filter(municipality=municipality_id, case__is_owed=True)
    rows = list(told.order_by("id").values_list("message_id", "message__text"))
    names = ("municipality_id", "key", "message_id")
    if not made:
        read = triage.classify_read([Text(text) for _, text in rows])
        keys = {
            key: message_id
            for (message_id, text), one in zip(rows, read, strict=True)
            for key in keys_of(memory.imprint(text, one.verdict.topic or "", one))
        }
        found = [(municipality_id, key, message_id) for key, message_id in keys.items()][:size]
        insert_new_values(Trace, names, found)
        made = len(found)
    dice = Random(made)  # noqa: S311 - invented keys
    every = [message_id for message_id, _ in rows]
    while made < size:
        some = min(_AT_ONCE, size - made)
        fresh = [(municipality_id, dice.getrandbits(63) - 2**62, dice.choice(every)) for _ in range(some)]
        insert_new_values(Trace, names, fresh)
        made += some
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
