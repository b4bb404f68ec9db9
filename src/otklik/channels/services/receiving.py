"""Taking deliveries in: durable before anybody hears 200, once whatever the network repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from otklik.channels.enums import SecurityEventKind
from otklik.common import bell

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


def store(arrivals: Sequence[Arrival]) -> None:
    """Store deliveries and ring for the worker. When this returns they are on disk; a repeated key changes nothing."""
    store_silently(arrivals)
    bell.ring_at_once("delivery")


def store_silently(arrivals: Sequence[Arrival]) -> None:
    """Store deliveries in one transaction; the caller rings, once for many."""
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


def count_refusals(refusals: Mapping[tuple[int, int, SecurityEventKind, datetime], int]) -> None:
    """Add refusals by (municipality, channel, kind, hour) to the kept counts."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = [
        (municipality_id, channel_id, str(kind), adapt(hour), count)
        for (municipality_id, channel_id, kind, hour), count in refusals.items()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_COUNT_REFUSAL, rows)
