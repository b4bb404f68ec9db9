"""Counting what came in and how calls to networks went, by the hour: what the health of a channel is told from.

Deliveries are counted afterwards, by their numbers, so that the way of a message costs nothing more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import TruncHour

from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.models import Channel, Delivery
from otklik.common.inserting import insert_new
from otklik.connectors.said import packed

SETTLED = timedelta(minutes=2)
"""A delivery is counted this long after it came: until then one with a smaller number may still be on its way."""
KEPT = timedelta(weeks=10)
LOOK_AFTER = timedelta(minutes=5)
"""A channel whose calls fail is looked at again at once, but not more often than this."""
_ADD = """
INSERT INTO channels_channelhour (municipality_id, channel_id, hour, events, calls, failures)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (municipality_id, channel_id, hour) DO UPDATE SET
events = channels_channelhour.events + excluded.events, calls = channels_channelhour.calls + excluded.calls,
failures = channels_channelhour.failures + excluded.failures
"""


@transaction.atomic
def note_calls(channel: Channel, call: str, *, failures: list[Exception], good: int = 0, now: datetime) -> None:
    """Note how calls of one sort went: two statements, three where one failed. Nothing where none was made.

    The last failure is kept with its words until a call of the same sort is good again; the channel is looked at soon.
    """
    if not failures and not good:
        return
    _add([(channel.municipality_id, channel.pk, _hour(now), 0, good + len(failures), len(failures))])
    health = ChannelHealth.objects.filter(channel=channel)
    if not failures:
        health.filter(failed_call=call).update(failed_call="")
        return
    words = packed(failures[-1].args[0] if failures[-1].args else str(failures[-1]))
    health.update(failed_call=call, failed_at=now, failure=words)
    looked_lately = Q(checked_at__gt=now - LOOK_AFTER)
    health.exclude(looked_lately).filter(check_due_at__gt=now).update(check_due_at=now)


def know_all_channels(*, now: datetime) -> None:
    """Have every channel's health begin: what came before it was known is counted too. One query where all are."""
    unknown = list(Channel.objects.filter(health=None))
    insert_new([ChannelHealth(municipality_id=one.municipality_id, channel=one, check_due_at=now) for one in unknown])


@transaction.atomic
def count_events(*, now: datetime) -> int:
    """Count the deliveries that came since last time into their hours and return how many. Each is counted once."""
    health = list(ChannelHealth.objects.select_for_update().order_by("pk"))
    if not health:
        return 0
    newest = Delivery.objects.aggregate(newest=Max("pk"))["newest"] or 0
    low = min(one.counted_id for one in health)
    fresh = Delivery.objects.filter(pk__gt=low)
    unsettled = fresh.filter(received_at__gt=now - SETTLED).aggregate(first=Min("pk"))["first"]
    high = newest if unsettled is None else unsettled - 1
    if high <= low:
        return 0
    rows = fresh.filter(pk__lte=high, pk__gt=F("channel__health__counted_id"))
    counted = (
        rows.annotate(hour=TruncHour("received_at"))
        .order_by()
        .values("municipality_id", "channel_id", "hour")
        .annotate(n=Count("id"))
    )
    found = [(one["municipality_id"], one["channel_id"], one["hour"], one["n"], 0, 0) for one in counted]
    _add(found)
    ChannelHealth.objects.filter(counted_id__lt=high).update(counted_id=high)
    return sum(one[3] for one in found)


def forget_old_hours(*, now: datetime) -> int:
    """Delete hours that no rhythm is made of any more; returns how many."""
    return ChannelHour.objects.filter(hour__lt=now - KEPT).delete()[0]


def _add(rows: list[tuple[int, int, datetime, int, int, int]]) -> None:
    if not rows:
        return
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, [(*row[:2], adapt(row[2]), *row[3:]) for row in rows])


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
