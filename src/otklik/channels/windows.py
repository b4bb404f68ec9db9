"""Until when a network lets a person be written to: some count hours from that person's last private message."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from otklik.channels.enums import MessageKind
from otklik.channels.models import Message
from otklik.connectors.registry import CONNECTORS

_PRIVATE = (MessageKind.DIRECT_MESSAGE, MessageKind.REPORT)


def is_answered_privately(message: Message) -> bool:
    """Return whether only its author reads what is answered to a message."""
    return message.kind in _PRIVATE


def hours_for(message: Message, *, automated: bool = False) -> int | None:
    """Return for how many hours after a person's last message an answer is taken there; None: without end.

    More where the network allowed this account so, for words of a person.
    """
    capabilities = CONNECTORS[message.channel.network].capabilities
    if capabilities.reply_window_h is None or not is_answered_privately(message):
        return None
    if capabilities.human_window_h is not None and not automated and _lets_people_take_longer(message):
        return capabilities.human_window_h
    return capabilities.reply_window_h


def closes_at(message: Message, *, automated: bool = False) -> datetime | None:
    """Return until when an answer is taken where a message was written; None: without end.

    Whatever the person wrote there last counts, also beside the case: one query, only for networks that count.
    """
    hours = hours_for(message, automated=automated)
    if hours is None:
        return None
    # An acknowledgement answers what came this moment: nothing newer is looked for on the way of a message.
    heard_at = message.occurred_at if automated else _last_heard(message)
    return heard_at + timedelta(hours=hours)


def is_closed(message: Message, *, now: datetime) -> bool:
    """Return whether an answer comes too late there by now; asks the database only where the message itself is old."""
    hours = hours_for(message)
    if hours is None or message.occurred_at + timedelta(hours=hours) >= now:
        return False
    return _last_heard(message) + timedelta(hours=hours) < now


def private_reply_until(message: Message) -> datetime | None:
    """Return until when a public comment may be answered by one private message; None: never."""
    days = CONNECTORS[message.channel.network].capabilities.private_reply_days
    if days is None or message.kind != MessageKind.COMMENT or not message.is_public:
        return None
    return message.occurred_at + timedelta(days=days)


def _last_heard(message: Message) -> datetime:
    there = Message.objects.filter(municipality=message.municipality_id, thread=message.thread_id, is_ours=False)
    newest: datetime | None = there.aggregate(at=Max("occurred_at"))["at"]
    return max(newest, message.occurred_at) if newest is not None else message.occurred_at


def _lets_people_take_longer(message: Message) -> bool:
    return str(message.channel.settings.get("human_agent", "")) == "yes"
