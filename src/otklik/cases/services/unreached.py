"""An approved answer that no conversation took: told another way by a person, or written anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.enums import AnswerState, Status
from otklik.cases.models import Answer, Case
from otklik.cases.services.answering import go_on
from otklik.cases.services.journaling import behalf, record
from otklik.cases.services.moving import Overtaken, move
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.org.access import Access, Permission


def is_refused_everywhere(answer: Answer) -> bool:
    """Return whether an approved answer was refused for good wherever it went, so that nobody has it."""
    if answer.state != AnswerState.APPROVED:
        return False
    return {send.outgoing.state for send in answer.sends.all()} == {OutgoingState.FAILED}


@transaction.atomic
def told_otherwise(access: Access, case: Case, how: str, *, now: datetime) -> Answer:
    """Note that a person told the resident the approved words: by phone, at a reception, by letter.

    The case goes on as if the answer had arrived; how they were told stays in the history. Raises Refused, ValueError
    without it, Overtaken where the answer has arrived somewhere, or may yet.
    """
    access.require_on(Permission.CASE_APPROVE, case)
    if not how.strip():
        raise ValueError(_("say how they were told: it stays in the history"))
    answer = _refused(case)
    if Answer.objects.filter(pk=answer.pk, state=AnswerState.APPROVED).update(state=AnswerState.SENT, sent_at=now) != 1:
        raise Overtaken(case)
    answer.refresh_from_db()
    detail = {"answer": answer.pk, "reason": how.strip()[:300], **behalf(access, Permission.CASE_APPROVE, case)}
    record(case, "told_otherwise", at=now, actor=access.official, detail=detail)
    go_on(case, answer, now)
    return answer


@transaction.atomic
def write_anew(access: Access, case: Case, *, now: datetime) -> Answer:
    """Make it a draft again, to be changed so that the network takes it; somebody approves it again.

    What was refused goes from "Not delivered": the history keeps it. Raises Refused, Overtaken.
    """
    access.require_on(Permission.CASE_DRAFT, case)
    answer = _refused(case)
    Outgoing.objects.filter(answer_send__answer=answer).delete()  # the same key would never be sent again
    back = {"state": AnswerState.DRAFT, "approver": None, "approved_at": None, "send_at": None, "in_heads_name": False}
    if Answer.objects.filter(pk=answer.pk, state=AnswerState.APPROVED).update(**back) != 1:
        raise Overtaken(case)
    told = {"answer": answer.pk, **behalf(access, Permission.CASE_DRAFT, case)}
    move(case, Status.DRAFTING, at=now, action="written_anew", actor=access.official, detail=told)
    answer.refresh_from_db()
    return answer


def _refused(case: Case) -> Answer:
    """Return the answer, its rows locked against whoever sends them again at this moment. Raises Overtaken."""
    Case.objects.select_for_update().only("pk").get(pk=case.pk)
    list(Outgoing.objects.select_for_update().filter(answer_send__answer__case=case).values_list("pk", flat=True))
    approved = Answer.objects.filter(case=case, state=AnswerState.APPROVED).prefetch_related("sends__outgoing")
    answer = approved.first()
    if answer is None or not is_refused_everywhere(answer):
        raise Overtaken(case)
    return answer
