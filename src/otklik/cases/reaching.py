"""Where an answer doesn't reach its resident any more, why, and where else the same person wrote to the city."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _

from otklik.cases.models import Acknowledgement, Answer, AnswerSend, Case
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Message, Outgoing
from otklik.channels.services.queueing import off_by_law, takes_answer, takes_private_reply
from otklik.channels.whys import refusal_in_words
from otklik.channels.windows import hours_for, is_closed
from otklik.common.prepared import Prepared

_MOST_WAYS = 5
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Closed:
    """One conversation that takes no answer, and why in plain words; `failed` is the answer that was refused there."""

    message: Message
    why: str
    failed: Outgoing | None = None
    takes_private_reply: bool = False
    """Whether its author may be written to by the one private message that answers a comment."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is closed in a case, and where else its people can be written to: the newest words of each conversation."""

    closed: Sequence[Closed] = field(default_factory=tuple)
    ways: Sequence[Message] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Around:
    """An answer that was refused for good: whose case it is of, and where else its person can be written to."""

    case: Case
    ways: Sequence[Message]
    takes_private_reply: bool = False


def ways_around(rows: Sequence[Outgoing], *, now: datetime) -> dict[int, Around]:
    """Return the ways around those of these rows that are refused answers, by the row's id. Two queries, or none; one
    more for each comment whose network lets its author be written to privately.

    What was meant for one person is offered only where nobody else reads it (services.rerouting refuses the rest).
    """
    refused = {row.pk: row for row in rows if row.state == OutgoingState.FAILED and row.reply_to is not None}
    if not refused:
        return {}
    sends = AnswerSend.objects.filter(outgoing__in=refused).select_related("answer__case")
    cases = {send.outgoing_id: send.answer.case for send in sends}
    people = {
        row.reply_to.identity.resident_id
        for pk, row in refused.items()
        if pk in cases and row.reply_to is not None and row.reply_to.identity is not None
    } - {None}
    private = {pk: _takes_private_reply(row, now) for pk, row in refused.items()}
    if not people:
        return {pk: Around(case, (), private[pk]) for pk, case in cases.items()}
    written = Message.objects.filter(
        municipality__in={row.municipality_id for row in rows},
        identity__resident__in=people,
        deleted_at=None,
        is_ours=False,
    )
    newest = list(written.select_related("identity", "channel", "thread").order_by("-id")[: _LOOKED_AT * len(people)])
    return {pk: Around(case, _ways_of(refused[pk], newest, now), private[pk]) for pk, case in cases.items()}


def _takes_private_reply(row: Outgoing, now: datetime) -> bool:
    meant = row.reply_to
    if meant is None:
        return False
    meant.channel = row.channel  # the same one, which is known already
    return takes_private_reply(meant, row.text, now=now)


def _ways_of(row: Outgoing, newest: Sequence[Message], now: datetime) -> list[Message]:
    meant = row.reply_to
    if meant is None or meant.identity is None or meant.identity.resident_id is None:
        return []
    its_own = [
        message
        for message in newest
        if message.identity is not None
        and message.identity.resident_id == meant.identity.resident_id
        and message.thread_id != meant.thread_id
        and (meant.is_public or not message.is_public)
    ]
    return _open_ones(its_own, now)


def reach_of(case: Case, answers: Sequence[Answer], targets: Sequence[Message], *, now: datetime) -> Reach:
    """Return what is closed, and the ways around it: one query where all is open, two more where something is closed.

    `answers` come with where each went, `targets` are the conversations that the next one would go to.
    """
    closed = [*_refused(case, answers, now), *(one for target in targets if (one := _shut(target, now)) is not None)]
    if not closed:
        return Reach()
    return Reach(closed, _ways(case, closed, now))


def why_shut(message: Message, *, now: datetime) -> str:
    """Return why nothing can be sent where a message was written, as far as we know before trying; "" if it can."""
    if not message.channel.is_enabled:
        return _("this channel is switched off")
    if law := off_by_law(message):
        return law
    if not takes_answer(message):
        return _("comments in this network can't be answered from here")
    if is_closed(message, now=now):
        hours = {"hours": hours_for(message)}
        return _("the network takes answers for %(hours)s hours after a message, and they are over") % hours
    return ""


def _shut(message: Message, now: datetime) -> Closed | None:
    why = why_shut(message, now=now)
    return Closed(message, why) if why else None


_NOT_TOLD = Prepared(
    lambda case: Acknowledgement.objects.filter(
        case=case, outgoing__state=OutgoingState.FAILED, outgoing__isnull=False
    ).values_list("outgoing", flat=True)
)


def _refused(case: Case, answers: Sequence[Answer], now: datetime) -> list[Closed]:
    """Return where the newest thing we sent was refused for good; what arrived since takes it back."""
    sent = {send.outgoing_id: send.outgoing for answer in answers for send in answer.sends.all()}
    told = [outgoing for (outgoing,) in _NOT_TOLD.rows(case.pk)]
    failed = [pk for pk, row in sent.items() if row.state == OutgoingState.FAILED]
    wanted = {*failed, *told}
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
    return [
        replace(
            one,
            takes_private_reply=one.failed is not None and takes_private_reply(one.message, one.failed.text, now=now),
        )
        for one in newest.values()
    ]


def _ways(case: Case, closed: Sequence[Closed], now: datetime) -> list[Message]:
    people = {one.message.identity.resident_id for one in closed if one.message.identity is not None}
    shut = {one.message.thread_id for one in closed}
    rows = Message.objects.filter(
        municipality=case.municipality_id, identity__resident__in=people, deleted_at=None, is_ours=False
    ).exclude(thread__in=shut)
    return _open_ones(rows.select_related("identity", "channel", "thread").order_by("-id")[:_LOOKED_AT], now)


def _open_ones(newest: Iterable[Message], now: datetime) -> list[Message]:
    """Return the newest words of each conversation that takes an answer; `newest` first."""
    found: dict[int, Message] = {}
    for message in newest:
        found.setdefault(message.thread_id, message)
    return [message for message in found.values() if not why_shut(message, now=now)][:_MOST_WAYS]
