"""Words of the city that didn't come from this desk's queue: echoes of what we sent, and answers typed in the app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from otklik.cases.enums import OPEN_STATUSES
from otklik.cases.models import Case, CaseMessage
from otklik.cases.services.answering import adopt
from otklik.channels.enums import MessageKind, OutgoingState
from otklik.channels.models import Message, Outgoing
from otklik.channels.services.sending import Sent, record
from otklik.connectors.events import Receipt
from otklik.intake.delivered import note_delivered


def recognise_our_words(messages: Sequence[Message], *, now: datetime) -> None:
    """Settle unknown rows whose echo came, and let an answer typed in the network's app count as the case's."""
    for message in messages:
        row = _in_doubt(message)
        if row is None:
            case = _answered_case(message)
            if case is not None:
                adopt(case, message, now=now)
        elif row.state == OutgoingState.UNKNOWN:
            container, _, external_id = message.object_key.rpartition(":")
            receipt = Receipt(external_id=external_id, container=container, permalink=message.permalink)
            record([Sent(row, receipts=[receipt])], now=now, then=note_delivered)


def _in_doubt(message: Message) -> Outgoing | None:
    """Return the row whose words these are, if one is being sent or not certain in the same thread."""
    return (
        Outgoing.objects.filter(
            thread=message.thread_id,
            state__in=[OutgoingState.SENDING, OutgoingState.UNKNOWN],
            text=message.text,
        )
        .select_related("channel", "reply_to", "official")
        .first()
    )


def _answered_case(message: Message) -> Case | None:
    """Return the open case that these words answer: of the message they reply to, or of the person they write to."""
    rows = CaseMessage.objects.filter(
        municipality=message.municipality_id, thread=message.thread_id, case__status__in=sorted(OPEN_STATUSES)
    )
    if message.kind != MessageKind.DIRECT_MESSAGE:
        rows = rows.filter(message__object_key=message.parent_key)
    row = rows.select_related("case").order_by("-id").first()
    return row.case if row is not None else None
