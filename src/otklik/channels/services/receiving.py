"""Taking deliveries in: durable before anybody hears 200, once whatever the network repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from otklik.channels.enums import SecurityEventKind
from otklik.common import bell

_INSERT = """
INSERT INTO channels_delivery
    (municipality_id, channel_id, dedup_key, body, headers, received_at, state, note)
VALUES (%s, %s, %s, %s, %s, %s, 'received', '')
ON CONFLICT (municipality_id, channel_id, dedup_key) DO NOTHING
"""

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
    """Store deliveries in one transaction; when this returns they are on disk. A repeated key changes nothing."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = [
        (
            arrival.municipality_id,
            arrival.channel_id,
            arrival.dedup_key[:200],
            arrival.body,
            json.dumps(dict(arrival.headers)),
            adapt(arrival.received_at),
        )
        for arrival in arrivals
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
        bell.ring("delivery")


def count_refusals(refusals: Mapping[tuple[int, int, SecurityEventKind, datetime], int]) -> None:
    """Add refusals by (municipality, channel, kind, hour) to the kept counts."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = [
        (municipality_id, channel_id, str(kind), adapt(hour), count)
        for (municipality_id, channel_id, kind, hour), count in refusals.items()
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_COUNT_REFUSAL, rows)
