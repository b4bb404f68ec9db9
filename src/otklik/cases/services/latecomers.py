"""Voices that join a case while its answer is on its way: the same answer goes to them as well.

Opening a case anew instead would answer the same problem twice, and make the second resident wait for what is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from otklik.cases.enums import AnswerKind, AnswerState, Status
from otklik.cases.models import Answer, AnswerSend, Case, CaseMessage
from otklik.cases.privacy import HoldsPersonalData, check_for_many
from otklik.cases.services.answering import replies_of, targets_of
from otklik.channels.models import Message
from otklik.channels.services.queueing import queue_replies
from otklik.common.inserting import insert_new

Join = tuple[Case, Message, str]


def answers_under_way(joins: Sequence[Join]) -> dict[int, Answer]:
    """Lock the cases and return their answers that newcomers would miss, by case (two queries).

    Whoever approves locks the case as well: an answer goes either to everybody at once, or is seen here. An answer that
    was sent since the caller looked counts too.
    """
    ids = sorted({case.pk for case, _, _ in joins})
    status = dict(Case.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", "status"))
    sent_since = [case.pk for case, _, _ in joins if case.is_open and status[case.pk] == Status.ANSWERED]
    waits, gone = Q(state=AnswerState.APPROVED), Q(state=AnswerState.SENT, kind=AnswerKind.FINAL, case__in=sent_since)
    rows = Answer.objects.filter(waits | gone, case__in=ids).select_related("author").order_by("id")
    return {row.case_id: row for row in rows}


def may_join(join: Join, answers: Mapping[int, Answer]) -> bool:
    """Return whether a newcomer may read the answer that is under way: not if it holds another person's data."""
    case, message, _ = join
    answer = answers.get(case.pk)
    if answer is None or _is_told(case, message):
        return True
    try:
        check_for_many(case, answer.text, [*targets_of(case), message])
    except HoldsPersonalData:
        return False
    return True


def tell(joins: Sequence[Join], answers: Mapping[int, Answer], *, now: datetime) -> None:
    """Queue the answers for newcomers, before they are attached; once, however often it is asked for."""
    late: dict[tuple[int, int, int | None], tuple[Answer, Message]] = {}
    for case, message, _ in joins:
        if case.pk in answers and not _is_told(case, message):
            late[case.pk, message.thread_id, message.identity_id] = (answers[case.pk], message)
    if not late:
        return
    case_of = {case.pk: case for case, _, _ in joins}
    replies = [
        reply for answer, message in late.values() for reply in replies_of(case_of[answer.case_id], answer, [message])
    ]
    rows = queue_replies(replies, now=now)
    insert_new(
        [
            AnswerSend(municipality_id=answer.municipality_id, answer=answer, outgoing=row)
            for (answer, _), row in zip(late.values(), rows, strict=True)
        ]
    )


def _is_told(case: Case, message: Message) -> bool:
    """Whether the answer goes to this person in this conversation already."""
    return CaseMessage.objects.filter(case=case, thread=message.thread_id, identity=message.identity_id).exists()
