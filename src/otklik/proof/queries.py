"""Reads of the log: what is published beside a statement, and the city's keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from otklik.org.models import Municipality
from otklik.proof import merkle
from otklik.proof.models import Entry, Key, Log
from otklik.proof.signatures import PublicKey, envelope


def proof_of(entry: Entry) -> dict[str, Any] | None:
    """Return a statement's proof as it is published; None if the statement was erased. Three queries at most."""
    if entry.payload is None or entry.salt is None:
        return None
    return {
        "statement": json.loads(bytes(entry.payload)),
        "envelope": envelope(bytes(entry.payload), bytes(entry.signature), entry.key.fingerprint),
        "log": _place(entry),
    }


def _place(entry: Entry) -> dict[str, Any] | None:
    if entry.position is None:
        return None
    log = Log.objects.get(municipality=entry.municipality_id)
    ranges = merkle.inclusion_ranges(entry.position, log.size)
    known = nodes(entry.municipality_id, merkle.nodes_in(ranges))
    return {
        "position": entry.position,
        "salt": _text(bytes(entry.salt or b"")),
        "path": [_text(merkle.hash_of(span, known)) for span in ranges],
        "checkpoint": log.head,
    }


def root_of(row: Log, size: int | None = None) -> bytes:
    """Return the log's root at a size, now by default. One query."""
    size = row.size if size is None else size
    return merkle.hash_of((0, size), nodes(row.municipality_id, merkle.nodes_of(0, size)))


def nodes(municipality_id: int, wanted: Iterable[merkle.Node]) -> dict[merkle.Node, bytes]:
    """Return the hashes of these subtrees. One query; raises KeyError if the log lacks one."""
    wanted = sorted(set(wanted))
    if not wanted:
        return {}
    # Forty pairs by the ORM's own words cost more to say than to look up.
    pairs = ", ".join(["(%s, %s)"] * len(wanted))
    with connection.cursor() as cursor:
        # CROSS JOIN: SQLite then begins with what is wanted, and looks each up by the index.
        cursor.execute(
            f"WITH wanted (level, position) AS (VALUES {pairs}) "  # noqa: S608 - nothing of it is given
            "SELECT n.level, n.position, n.hash FROM wanted CROSS JOIN proof_treenode n "
            "WHERE n.municipality_id = %s AND n.level = wanted.level AND n.position = wanted.position",
            [*(part for node in wanted for part in node), municipality_id],
        )
        found = {(level, position): bytes(value) for level, position, value in cursor.fetchall()}
    return {node: found[node] for node in wanted}


def consistency(log: Log, old: int) -> list[str]:
    """Return the proof that the log of `old` statements is the beginning of today's. Raises ValueError."""
    ranges = merkle.consistency_ranges(old, log.size)
    known = nodes(log.municipality_id, merkle.nodes_in(ranges))
    return [_text(merkle.hash_of(span, known)) for span in ranges]


def key_document(city: Municipality, address: str) -> dict[str, Any]:
    """Return what others need to check the city's statements: every key it ever signed with, as JSON Web Keys."""
    log = Log.objects.filter(municipality=city).first()
    return {
        "city": city.name,
        "log": log.origin if log is not None else None,
        "checkpoint": f"{address}/.well-known/otklik-log",
        "verify": f"{address}/verify/",
        "keys": [
            {
                "kid": key.fingerprint,
                "kty": "OKP",
                "crv": "Ed25519",
                "x": base64.urlsafe_b64encode(bytes(key.public)).decode().rstrip("="),
                "since": key.since.isoformat(),
                "until": key.until.isoformat() if key.until else None,
            }
            for key in Key.objects.filter(municipality=city).order_by("id")
        ],
    }


def public_keys(city: Municipality) -> dict[str, PublicKey]:
    """Return the city's keys by fingerprint. One query."""
    return {key.fingerprint: PublicKey(bytes(key.public)) for key in Key.objects.filter(municipality=city)}


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
