"""What was sent and came back: a mail server tells only later that a letter didn't arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from otklik.channels.enums import OutgoingState
from otklik.channels.models import Channel, Message, Outgoing
from otklik.connectors.events import Event
from otklik.connectors.said import said

REASON = said("the letter came back: it didn't arrive")


def fail_returned(channel: Channel, returned: Sequence[Event], *, now: datetime) -> list[Outgoing]:
    """Mark as not sent what a network says didn't arrive, and return those rows; a repeat changes nothing.

    In the caller's transaction; the caller tells cases and posts. What isn't ours, or isn't known, changes nothing.
    """
    reasons = {f"{event.container}:{event.parent_external_id}": event.text for event in returned}
    scope = {"municipality": channel.municipality_id, "channel": channel}
    ours = Message.objects.filter(**scope, object_key__in=reasons, is_ours=True)
    failed = []
    for message in ours.order_by("id"):
        row = _row_of(message)
        if row is None:
            continue
        words = reasons[message.object_key]
        row.state, row.error, row.finished_at = OutgoingState.FAILED, f"{REASON} ({words})" if words else REASON, now
        mine = Outgoing.objects.filter(pk=row.pk, state=OutgoingState.SENT)
        if mine.update(state=row.state, error=row.error, finished_at=now):
            failed.append(row)
    return failed


def _row_of(message: Message) -> Outgoing | None:
    """Return what was sent as this message: the one of its conversation that has its receipt."""
    rows = Outgoing.objects.filter(thread=message.thread_id, state=OutgoingState.SENT).order_by("-id")
    for row in rows.select_related("channel", "thread", "reply_to", "official"):
        if any(receipt["external_id"] == message.external_id for receipt in row.receipts):
            return row
    return None
