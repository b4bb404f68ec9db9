"""Where an answer doesn't reach its resident any more, why, and where else the same person wrote to the city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from otklik.cases.models import Acknowledgement, Answer, Case
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Message, Outgoing
from otklik.channels.whys import refusal_in_words
from otklik.connectors.registry import CONNECTORS

_MOST_WAYS = 5
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Closed:
    """One conversation that takes no answer, and why in plain words; `failed` is the answer that was refused there."""

    message: Message
    why: str
    failed: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What is closed in a case, and where else its people can be written to: the newest words of each conversation."""

    closed: Sequence[Closed] = field(default_factory=tuple)
    ways: Sequence[Message] = field(default_factory=tuple)


def reach_of(case: Case, answers: Sequence[Answer], targets: Sequence[Message], *, now: datetime) -> Reach:
    """Return what is closed, and the ways around it: one query where all is open, two more where something is closed.

    `answers` come with where each went, `targets` are the conversations that the next one would go to.
    """
    closed = [*_refused(case, answers), *(one for target in targets if (one := _shut(target, now)) is not None)]
    if not closed:
        return Reach()
    return Reach(closed, _ways(case, closed, now))


def why_shut(message: Message, *, now: datetime) -> str:
    """Return why nothing can be sent where a message was written, as far as we know before trying; "" if it can."""
    if not message.channel.is_enabled:
        return _("this channel is switched off")
    hours = CONNECTORS[message.channel.network].capabilities.reply_window_h
    if hours is not None and message.occurred_at + timedelta(hours=hours) < now:
        return _("the network takes answers for %(hours)s hours after a message, and they are over") % {"hours": hours}
    return ""


def _shut(message: Message, now: datetime) -> Closed | None:
    why = why_shut(message, now=now)
    return Closed(message, why) if why else None


def _refused(case: Case, answers: Sequence[Answer]) -> list[Closed]:
    """Return where the newest thing we sent was refused for good; what arrived since takes it back."""
    sent = {send.outgoing_id: send.outgoing for answer in answers for send in answer.sends.all()}
    told = Acknowledgement.objects.filter(case=case, outgoing__state=OutgoingState.FAILED).values_list(
        "outgoing", flat=True
    )
    failed = [pk for pk, row in sent.items() if row.state == OutgoingState.FAILED]
    wanted = {*failed, *(pk for pk in told if pk is not None)}
    if not wanted:
        return []
    rows = Outgoing.objects.filter(pk__in=wanted, reply_to__isnull=False).order_by("-id")
    there = {(row.thread_id, row.reply_to_id) for row in sent.values() if row.state == OutgoingState.SENT}
    newest: dict[tuple[int | None, int | None], Closed] = {}
    related = ("reply_to__identity", "reply_to__channel", "reply_to__thread")
    for row in rows.select_related(*related):
        place = (row.thread_id, row.reply_to_id)
        if row.reply_to is not None and place not in there:
            newest.setdefault(place, Closed(row.reply_to, refusal_in_words(row.error), row if row.pk in sent else None))
    return list(newest.values())


def _ways(case: Case, closed: Sequence[Closed], now: datetime) -> list[Message]:
    people = {one.message.identity.resident_id for one in closed if one.message.identity is not None}
    shut = {one.message.thread_id for one in closed}
    rows = Message.objects.filter(
        municipality=case.municipality_id, identity__resident__in=people, deleted_at=None, is_ours=False
    ).exclude(thread__in=shut)
    newest: dict[int, Message] = {}
    for message in rows.select_related("identity", "channel", "thread").order_by("-id")[:_LOOKED_AT]:
        if not why_shut(message, now=now):
            newest.setdefault(message.thread_id, message)
    return list(newest.values())[:_MOST_WAYS]
