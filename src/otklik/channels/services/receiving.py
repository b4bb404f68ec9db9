"""Taking deliveries in: durable before anybody hears 200, once whatever the network repeats."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from otklik.channels.enums import SecurityEventKind
from otklik.channels.fediverse import Unproven
from otklik.common import bell
from otklik.connectors.base import Claim

_COLUMNS = "municipality_id, channel_id, dedup_key, body, headers, received_at, state, note"
_ONCE = "ON CONFLICT (municipality_id, channel_id, dedup_key) DO NOTHING"
_INSERT_ROW = f"INSERT INTO channels_delivery ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, 'received', '') {_ONCE}"  # noqa: S608 - our own words
# One statement, so one round trip and one transaction, however many rows.
_INSERT_ARRAYS = (
    f"INSERT INTO channels_delivery ({_COLUMNS}) SELECT *, 'received', '' FROM unnest("  # noqa: S608 - our own words
    f"%b::bigint[], %b::bigint[], %b::text[], %b::bytea[], %b::jsonb[], %b::timestamptz[]) {_ONCE}"
)

_COUNT_REFUSAL = """
INSERT INTO channels_securityevent (municipality_id, channel_id, kind, hour, count) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (municipality_id, channel_id, kind, hour)
DO UPDATE SET count = channels_securityevent.count + excluded.count
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified request of a network, ready to be stored."""

    municipality_id: int
    channel_id: int
    dedup_key: str
    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    claim: Claim | None = None
    """Its signature, where whose key that is has to be asked first: it waits apart until then."""
    remote: str = ""


def store(arrivals: Sequence[Arrival]) -> None:
    """Store deliveries and ring for the worker. When this returns they are on disk; a repeated key changes nothing."""
    store_silently(arrivals)
    bell.ring_at_once("delivery")


def store_silently(arrivals: Sequence[Arrival]) -> None:
    """Store deliveries in one transaction; the caller rings, once for many."""
    if any(arrival.claim is not None for arrival in arrivals):
        _store_unproven([arrival for arrival in arrivals if arrival.claim is not None])
        arrivals = [arrival for arrival in arrivals if arrival.claim is None]
    if connection.vendor == "postgresql":
        _insert_arrays(arrivals)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_INSERT_ROW, [_sqlite_row(arrival) for arrival in arrivals])


def _sqlite_row(arrival: Arrival) -> tuple[Any, ...]:
    return (
        arrival.municipality_id,
        arrival.channel_id,
        arrival.dedup_key[:200],
        arrival.body,
        msgspec.json.encode(arrival.headers).decode(),
        # As Django writes it (naive, in UTC); its own adapter costs as much as the rest of the row.
        str(arrival.received_at.astimezone(UTC).replace(tzinfo=None)),
    )


def _insert_arrays(arrivals: Sequence[Arrival]) -> None:
    """Insert by one statement, its parameters bound by the server in binary: bodies are neither escaped nor parsed."""
    columns = (
        [arrival.municipality_id for arrival in arrivals],
        [arrival.channel_id for arrival in arrivals],
        [arrival.dedup_key[:200] for arrival in arrivals],
        [arrival.body for arrival in arrivals],
        [Jsonb(arrival.headers, dumps=msgspec.json.encode) for arrival in arrivals],
        [arrival.received_at for arrival in arrivals],
    )
    with connection.cursor(), connection.wrap_database_errors:
        psycopg.Cursor(connection.connection).execute(_INSERT_ARRAYS, columns)


def _store_unproven(arrivals: Sequence[Arrival]) -> None:
    """Put what is still to be proved aside, each once; a statement of its own, for nobody hears 200 before both."""
    rows = [_unproven(arrival, arrival.claim) for arrival in arrivals if arrival.claim is not None]
    Unproven.objects.bulk_create(rows, ignore_conflicts=True)


def _unproven(arrival: Arrival, claim: Claim) -> Unproven:
    return Unproven(
        municipality_id=arrival.municipality_id,
        channel_id=arrival.channel_id,
        digest=hashlib.sha256(claim.signature + arrival.body).hexdigest(),
        key_id=claim.key_id,
        speaker=claim.speaker,
        signed=[one.decode("utf-8", "replace") for one in claim.signed],
        signature=claim.signature,
        body=arrival.body,
        remote=arrival.remote[:64],
        received_at=arrival.received_at,
    )


def count_refusals(refusals: Mapping[tuple[int, int, SecurityEventKind, datetime], int]) -> None:
    """Add refusals by (municipality, channel, kind, hour) to the kept counts."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = [
        (municipality_id, channel_id, str(kind), adapt(hour), count)
        for (municipality_id, channel_id, kind, hour), count in refusals.items()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_COUNT_REFUSAL, rows)
