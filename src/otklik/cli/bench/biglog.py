"""A log of a million statements: how long one more takes to get its place and a signed head, and a proof to be made."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from random import Random
from typing import Any

from otklik.cli.bench.figures import milliseconds, percentile, tell
from otklik.common.clock import now
from otklik.common.inserting import insert_values
from otklik.org.models import Municipality
from otklik.proof import merkle
from otklik.proof.models import Entry, Key, Log, TreeNode
from otklik.proof.queries import proof_of
from otklik.proof.services.sequencing import sequence_due
from otklik.proof.services.signing import log_of, record

FULL, QUICK, TINY = 1_000_000, 100_000, 1_000
_PART = 20_000


def measure(city: Municipality, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures at the last size."""
    size = TINY if options["tiny"] else QUICK if options["quick"] else FULL
    rounds = 3 if options["tiny"] else 100
    while sequence_due(now=now()):
        pass
    tell(f"filling the log with {size} statements")
    _fill(city, size)
    tell("appending and proving")
    appended = [_append(city, number) for number in range(rounds)]
    rng = Random(7)  # noqa: S311 - which statements are proved
    proved = [_prove(city, rng.randrange(log_of(city).size)) for _ in range(rounds)]
    return {
        "entries": log_of(city).size,
        "append_p50_ms": milliseconds(percentile(appended, 0.5)),
        "append_p99_ms": milliseconds(percentile(appended, 0.99)),
        "proof_p50_ms": milliseconds(percentile(proved, 0.5)),
        "proof_p99_ms": milliseconds(percentile(proved, 0.99)),
    }


def _append(city: Municipality, number: int) -> float:
    record(city, {"kind": "bench", "number": number}, now=now())
    began = time.perf_counter()
    if sequence_due(now=now()) != 1:
        raise RuntimeError("the statement got no place in the log")
    return time.perf_counter() - began


def _prove(city: Municipality, position: int) -> float:
    began = time.perf_counter()
    entry = Entry.objects.select_related("key").get(municipality=city, position=position)
    proof = proof_of(entry)
    took = time.perf_counter() - began
    if proof is None or not proof["log"]["path"]:
        raise RuntimeError(f"statement {position} has no proof")
    return took


def _fill(city: Municipality, size: int) -> None:
    """Grow the log to `size` by statements written straight into its tables, each leaf a hash of its own."""
    key, log = Key.objects.get(municipality=city, until=None), Log.objects.get(municipality=city)
    known = {
        (row.level, row.position): bytes(row.hash) for row in TreeNode.objects.filter(municipality=city).iterator()
    }
    entries: list[tuple[Any, ...]] = []
    nodes: list[tuple[Any, ...]] = []
    at, payload, salt = now(), b'{"kind":"bench"}', bytes(16)
    for position in range(log.size, size):
        leaf = hashlib.sha256(b"%d" % position).digest()
        made = merkle.appended(position, merkle.leaf_hash(leaf), known)
        known.update(made)
        nodes += [(city.pk, level, index, value) for (level, index), value in made.items()]
        entries.append((city.pk, payload, salt, leaf, key.pk, bytes(64), position, at))
        if len(entries) == _PART or position == size - 1:
            insert_values(
                Entry,
                ("municipality_id", "payload", "salt", "leaf", "key_id", "signature", "position", "created_at"),
                entries,
            )
            insert_values(TreeNode, ("municipality_id", "level", "position", "hash"), nodes)
            entries, nodes = [], []
    Log.objects.filter(pk=log.pk).update(size=max(size, log.size))
