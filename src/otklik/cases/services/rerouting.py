"""Sending an approved answer another way, where the conversation it was meant for takes none any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.models import Answer, AnswerSend, Case
from otklik.cases.reaching import reach_of
from otklik.cases.services.answering import replies_of
from otklik.cases.services.moving import Overtaken, change
from otklik.channels.models import Message, Outgoing
from otklik.channels.services.queueing import Reply, queue_replies
from otklik.org.access import Access, Permission


@transaction.atomic
def send_elsewhere(access: Access, case: Case, outgoing_id: int, message_id: int, *, now: datetime) -> Outgoing:
    """Send an answer that was refused to where the same person wrote too; its approved words stay as they are.

    Once for each place, however often it is asked for. Raises Refused, Overtaken where it isn't refused any more or
    that way is closed, ValueError where words meant for one person would be read by everybody.
    """
    access.require_on(Permission.CASE_APPROVE, case)
    Case.objects.select_for_update().only("pk").get(pk=case.pk)
    answers = list(Answer.objects.filter(case=case).prefetch_related("sends__outgoing"))
    reach = reach_of(case, answers, [], now=now)
    refused = next((one for one in reach.closed if one.failed is not None and one.failed.pk == outgoing_id), None)
    way = next((message for message in reach.ways if message.pk == message_id), None)
    if refused is None or way is None or _resident(refused.message) != _resident(way):
        raise Overtaken(case)
    if way.is_public and not refused.message.is_public:
        raise ValueError(_("it was meant for one person, and there everybody reads it: write an answer for there"))
    answer = next(one for one in answers if any(send.outgoing_id == outgoing_id for send in one.sends.all()))
    (row,) = queue_replies(replies_of(case, answer, [way]), now=now)
    AnswerSend.objects.get_or_create(outgoing=row, defaults={"municipality_id": case.municipality_id, "answer": answer})
    detail = {"answer": answer.pk, "network": way.channel.network}
    change(case, at=now, action="sent_elsewhere", actor=access.official, detail=detail)
    return row


@transaction.atomic
def send_privately(access: Access, case: Case, outgoing_id: int, *, now: datetime) -> Outgoing:
    """Send an answer that was refused under a comment to its author alone, by the one message the network allows.

    Once, however often it is asked for. Raises Refused, Overtaken where it isn't refused any more or it is too late.
    """
    access.require_on(Permission.CASE_APPROVE, case)
    Case.objects.select_for_update().only("pk").get(pk=case.pk)
    answers = list(Answer.objects.filter(case=case).prefetch_related("sends__outgoing"))
    closed = reach_of(case, answers, [], now=now).closed
    refused = next((one for one in closed if one.failed is not None and one.failed.pk == outgoing_id), None)
    if refused is None or refused.failed is None or not refused.takes_private_reply:
        raise Overtaken(case)
    answer = next(one for one in answers if any(send.outgoing_id == outgoing_id for send in one.sends.all()))
    reply = Reply(
        message=refused.message,
        text=refused.failed.text,
        key=f"answer:{answer.pk}:{refused.message.pk}:privately",
        official=answer.author,
        privately=True,
    )
    (row,) = queue_replies([reply], now=now)
    AnswerSend.objects.get_or_create(outgoing=row, defaults={"municipality_id": case.municipality_id, "answer": answer})
    detail = {"answer": answer.pk, "network": refused.message.channel.network}
    change(case, at=now, action="sent_elsewhere", actor=access.official, detail=detail)
    return row


def _resident(message: Message) -> int | None:
    return message.identity.resident_id if message.identity is not None else None
