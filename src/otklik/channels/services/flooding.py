"""How much one person writes within minutes: counted on the identity itself, so that a flood folds into one case.

What is beyond the most is kept and read like everything else; it only opens no case of its own (intake.deciding).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from otklik.channels.models import Identity, Message

MOST = 10
"""Messages of one person within WITHIN that are decided about one by one."""
WITHIN = timedelta(minutes=10)
_KEEP = "UPDATE channels_identity SET wave_at = %s, wave_count = %s WHERE id = %s"


def beyond_the_most(messages: Iterable[Message], *, now: datetime) -> frozenset[str]:
    """Count new messages to their authors and return the keys of those beyond the most.

    By when they were written, so that what is fetched late is no flood. At most one statement for the whole batch, and
    none where everybody in it writes for the first time (`now`, as the batch has it) and once. Two channels of one
    network that count at the same moment may count one less: it is a limit, not a figure.
    """
    touched: dict[int, Identity] = {}
    beyond: set[str] = set()
    for message in messages:
        identity, at = message.identity, message.occurred_at
        if identity is None:
            continue
        if identity.wave_at is None or at >= identity.wave_at + WITHIN:
            identity.wave_at, identity.wave_count = at, 1
        elif at > identity.wave_at - WITHIN:
            identity.wave_count += 1
        else:
            continue
        if identity.wave_count > MOST:
            beyond.add(message.object_key)
        if identity.wave_count > 1 or identity.first_seen_at != now:
            touched[identity.pk] = identity
    _keep(touched.values())
    return frozenset(beyond)


def _keep(identities: Iterable[Identity]) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    rows = [(adapt(one.wave_at), one.wave_count, one.pk) for one in identities]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_KEEP, rows)
