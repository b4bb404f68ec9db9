"""Giving every statement its place in the log, and signing the log's new head: one at a time, in the worker.

The newest head is also kept in a file beside the keys. After a restore of an older database the log would begin to say
something else than it said before: it refuses to sign until that is settled by people.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from otklik.org.models import Municipality
from otklik.proof import merkle
from otklik.proof.models import Entry, Key, Log, TreeNode
from otklik.proof.queries import nodes, root_of
from otklik.proof.services.signing import folder, private_key
from otklik.proof.signatures import (
    Forged,
    Head,
    NoKey,
    PublicKey,
    checkpoint,
    head_of_note,
    signed_note,
)

log = logging.getLogger(__name__)

BATCH = 100
"""Statements that get their places in one transaction."""


def sequence_due(*, now: datetime) -> int:
    """Put what waits into the log of each city and sign its head; return how many got a place."""
    waiting = Entry.objects.filter(position=None).order_by().values_list("municipality", flat=True).distinct()
    return sum(_sequence(city, now=now) for city in Municipality.objects.filter(pk__in=list(waiting)))


def _sequence(city: Municipality, *, now: datetime) -> int:
    with transaction.atomic():
        count, row = _signed(city, now=now)
    if count:
        # Only after the commit: a kill between the two leaves a file that is behind, which the next head mends; a file
        # ahead of the database would look like a restored older copy, and stop the log for ever.
        _keep_head(_head_file(row), row.head)
    return count


def _signed(city: Municipality, *, now: datetime) -> tuple[int, Log]:
    row = Log.objects.select_for_update().get(municipality=city)
    known = nodes(row.municipality_id, merkle.nodes_of(0, row.size))
    try:
        key = private_key(Key.objects.get(municipality=city, until=None))
        _refuse_to_go_back(city, row, known)
    except (NoKey, Forged) as error:
        return _stop(row, str(error)), row
    entries = list(Entry.objects.filter(municipality=city, position=None).order_by("id")[:BATCH])
    root = _append(row, entries, known)
    row.head = signed_note(checkpoint(row.origin, row.size, root), row.origin, key)
    row.signed_at, row.trouble = now, ""
    row.save()
    return len(entries), row


def _append(row: Log, entries: Sequence[Entry], known: Mapping[merkle.Node, bytes]) -> bytes:
    """Give entries their places; return the root of the log with them. `known`: the subtrees it consisted of."""
    made: dict[merkle.Node, bytes] = {}
    for entry in entries:
        entry.position = row.size
        made.update(merkle.appended(row.size, merkle.leaf_hash(bytes(entry.leaf)), {**known, **made}))
        row.size += 1
    Entry.objects.bulk_update(entries, ["position"])
    TreeNode.objects.bulk_create(
        TreeNode(municipality_id=row.municipality_id, level=level, position=position, hash=value)
        for (level, position), value in made.items()
    )
    return merkle.hash_of((0, row.size), {**known, **made})


def _refuse_to_go_back(city: Municipality, row: Log, known: Mapping[merkle.Node, bytes]) -> None:
    """Raise Forged if this log isn't a continuation of the last head that was signed here."""
    before = last_signed(city, row)
    if before is None:
        return
    if row.size < before.size:
        raise Forged(
            f"the log has {row.size} statements, but {before.size} were signed before: an older copy of the database"
            " was restored. Restore a newer one; if there is none, see docs/how-to/prove-posts.md"
        )
    as_it_was = merkle.hash_of((0, row.size), known) if row.size == before.size else root_of(row, before.size)
    if as_it_was != before.root:
        raise Forged("the log differs from the one signed before: it was altered. See docs/how-to/prove-posts.md")


def last_signed(city: Municipality, row: Log) -> Head | None:
    """Return the head that was signed last on this machine; None if none was. Raises Forged if the file is broken."""
    try:
        note = _head_file(row).read_text()
    except FileNotFoundError:
        return None
    keys = {key.fingerprint: PublicKey(bytes(key.public)) for key in Key.objects.filter(municipality=city)}
    return head_of_note(note, row.origin, keys)


def _stop(row: Log, why: str) -> int:
    if row.trouble != why[:300]:
        log.error("the log of city %s is not signed: %s", row.municipality_id, why)
        row.trouble = why[:300]
        row.save(update_fields=["trouble"])
    return 0


def _head_file(row: Log) -> Path:
    return folder() / f"{hashlib.sha256(row.origin.encode()).hexdigest()[:16]}.head"


def _keep_head(path: Path, note: str) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    with draft.open("w") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
