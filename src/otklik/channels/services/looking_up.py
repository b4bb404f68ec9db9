"""Reading what a network named by its number only (Instagram's mentions): claimed → read → stored as a delivery.

The number is written with the messages of its delivery, so nothing is forgotten; what was read and the row's new state
are written at once. Whoever dies in between leaves a row that is due again, and the same words come in once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from django.db import transaction
from django.db.models import F

from otklik.channels.connections import connector_of
from otklik.channels.enums import FetchState
from otklik.channels.lookups import LookUp
from otklik.channels.models import Channel
from otklik.channels.services.receiving import Arrival, store_silently
from otklik.common import bell
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector, SendFailed, SendUnknown
from otklik.connectors.events import Event, Webhook

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
_BACKOFF_S = (5, 30, 120, 600, 3600, 3 * 3600)
"""Seconds before each next attempt; then a person is shown that somebody named us, without the words."""


@runtime_checkable
class LooksUp(Protocol):
    """A connector whose network names some things by their number only."""

    def look_up(self, number: str) -> bytes:
        """Return a delivery's body that says what is there. Raises SendFailed, SendUnknown."""
        ...

    def unread(self, number: str, why: str) -> bytes:
        """Return a delivery's body that says only that something is there, and why it can't be read. Pure."""
        ...


def note(channel: Channel, events: Iterable[Event], *, now: datetime) -> None:
    """Write down what is to be read, once for each number; to be called in the transaction of its delivery."""
    numbers = {event.look_up for event in events}
    LookUp.objects.bulk_create(
        [
            LookUp(municipality_id=channel.municipality_id, channel=channel, number=number, due_at=now)
            for number in sorted(numbers)
        ],
        ignore_conflicts=True,
    )
    bell.ring("files")


def look_up_next(*, now: datetime) -> bool:
    """Read the number that is due longest; False if none is. Uses HTTP: never call it inside a transaction."""
    row = _claim(now)
    if row is None:
        return False
    try:
        connector = connector_of(row.channel)
    except (ValueError, WrongKey) as error:
        log.error("channel %s can't be asked what a number is: %s", row.channel.name, error)
        _later(row, str(error), None, now)
        return True
    if not isinstance(connector, LooksUp):
        LookUp.objects.filter(pk=row.pk).update(state=FetchState.LEFT)  # the channel's network was another then
        return True
    try:
        body, trouble = connector.look_up(row.number), ""
    except (SendFailed, SendUnknown) as error:
        permanent = isinstance(error, SendFailed) and error.permanent
        if not permanent and row.attempts < len(_BACKOFF_S):
            _later(row, str(error), getattr(error, "retry_after_s", None), now)
            return True
        body, trouble = connector.unread(row.number, str(error)), str(error)
    _keep(row, connector, body, trouble, now)
    return True


def _claim(now: datetime) -> LookUp | None:
    due = LookUp.objects.filter(state=FetchState.DUE, due_at__lte=now, channel__is_enabled=True)
    found = due.order_by("due_at", "id").first()
    if found is None:
        return None
    mine = LookUp.objects.filter(pk=found.pk, state=FetchState.DUE, due_at=found.due_at)
    if mine.update(due_at=now + LEASE, attempts=F("attempts") + 1) != 1:
        return None
    return LookUp.objects.select_related("channel__municipality").get(pk=found.pk)


def _later(row: LookUp, why: str, after_s: float | None, now: datetime) -> None:
    wait_s = after_s or _BACKOFF_S[min(row.attempts, len(_BACKOFF_S)) - 1]
    LookUp.objects.filter(pk=row.pk, state=FetchState.DUE).update(
        due_at=now + timedelta(seconds=wait_s), trouble=why[:200]
    )


def _keep(row: LookUp, connector: Connector, body: bytes, trouble: str, now: datetime) -> None:
    hook = Webhook(headers={}, body=body, received_at=now)
    state = FetchState.FAILED if trouble else FetchState.KEPT
    with transaction.atomic():
        mine = LookUp.objects.filter(pk=row.pk, state=FetchState.DUE)
        if mine.update(state=state, trouble=trouble[:200]) == 1:
            store_silently([Arrival(row.municipality_id, row.channel_id, connector.delivery_key(hook), body, now)])
    bell.ring_at_once("delivery")
