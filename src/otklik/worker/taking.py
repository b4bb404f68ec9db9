"""Taking what is due: a channel at a time, in the order it came; a poison row is found by halving and marked."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from otklik.channels.enums import DeliveryState
from otklik.channels.models import Channel, Delivery
from otklik.common.clock import now as current
from otklik.intake.pipeline import TakenElsewhere, take_in
from otklik.intake.understanding import Brain

log = logging.getLogger(__name__)

BATCH = {"sqlite": 60, "postgresql": 250}
"""Deliveries in one transaction. SQLite has one writer: few, so that the gate never waits long for its turn."""


def take_due(brain: Brain) -> int:
    """Carry one batch of each channel that has something due and return how many deliveries were taken."""
    due = Delivery.objects.filter(state=DeliveryState.RECEIVED).order_by().values_list("channel_id", flat=True)
    return sum(take_channel(channel_id, brain) for channel_id in sorted(due.distinct()))


def take_channel(channel_id: int, brain: Brain) -> int:
    """Carry one batch of a channel; 0 if nothing is due or another worker has the channel."""
    with _holding(channel_id) as channel:
        if channel is None:
            return 0
        rows = Delivery.objects.filter(channel=channel, state=DeliveryState.RECEIVED).order_by("id")
        batch = list(rows[: BATCH[connection.vendor]])
        if batch:
            _carry(channel, batch, brain, current())
        return len(batch)


@contextmanager
def _holding(channel_id: int) -> Iterator[Channel | None]:
    """Hold a channel so that its deliveries are taken in order by one worker at a time.

    PostgreSQL: the channel's row, locked and skipped by the others. SQLite: there is one worker (presence), and a
    transaction around the reading and the understanding would keep the gate waiting.
    """
    channels = Channel.objects.select_related("municipality")
    if connection.vendor != "postgresql":
        yield channels.get(pk=channel_id)
        return
    with transaction.atomic():
        locked = channels.select_for_update(skip_locked=True, no_key=True, of=("self",))
        yield locked.filter(pk=channel_id).first()


def _carry(channel: Channel, batch: list[Delivery], brain: Brain, now: datetime) -> None:
    try:
        take_in(channel, batch, brain, now=now)
    except TakenElsewhere:
        log.info("channel %s: another worker was faster", channel.pk)
    except (OperationalError, InterfaceError, OSError):
        raise  # the database itself is in trouble: nothing is wrong with the rows, the loop waits and tries again
    except Exception:
        if len(batch) > 1:
            middle = len(batch) // 2
            _carry(channel, batch[:middle], brain, now)
            _carry(channel, batch[middle:], brain, now)
            return
        _mark_poison(batch[0], traceback.format_exc(limit=-4), now)


def _mark_poison(delivery: Delivery, trace: str, now: datetime) -> None:
    log.error("delivery %s can't be carried and is marked", delivery.pk)
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.RECEIVED).update(
        state=DeliveryState.FAILED, note=f"our own mistake, please report it: {trace[-1500:]}", parsed_at=now
    )
