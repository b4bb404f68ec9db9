"""Holding an approved answer until the morning, sending it now all the same, or stopping it before it goes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from otklik.cases.enums import EMERGENCY, AnswerState, Status
from otklik.cases.models import Answer, Case
from otklik.cases.sendtimes import AnswerSettings, AtNight, settings_of
from otklik.cases.services.journaling import record
from otklik.cases.services.moving import Overtaken, move
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.common import bell
from otklik.org.access import Access, Permission
from otklik.org.queries import calendar_of
from otklik.org.services.announcing import announce
from otklik.org.services.auditing import save_audited


def send_at_for(case: Case, *, now: datetime) -> datetime | None:
    """Return when an answer approved now goes out by the city's rule; None: at once. Danger to life never waits."""
    if case.urgency >= EMERGENCY or settings_of(case.municipality_id).at_night == AtNight.AT_ONCE:
        return None
    morning = calendar_of(case.municipality).next_working(now)
    return morning if morning > now else None


@transaction.atomic
def send_now(access: Access, case: Case, *, now: datetime) -> None:
    """Let an answer that waits for the morning go at once. Raises Refused, Overtaken if nothing waits any more."""
    access.require_on(Permission.CASE_APPROVE, case)
    answer = _waiting(case, now)
    rows = Outgoing.objects.filter(answer_send__answer=answer, state=OutgoingState.QUEUED)
    if rows.update(due_at=now) == 0:
        raise Overtaken(case)
    Answer.objects.filter(pk=answer.pk).update(send_at=None)
    record(case, "sent_early", at=now, actor=access.official, detail={"answer": answer.pk})
    announce(case.municipality_id, "case", [case.pk], at=now)
    bell.ring("outgoing")


@transaction.atomic
def stop(access: Access, case: Case, *, now: datetime) -> Answer:
    """Stop an answer that waits for the morning: it is a draft again. Nothing of it may be on its way yet.

    Raises Refused, Overtaken if any conversation has it, or is just getting it.
    """
    access.require_on(Permission.CASE_APPROVE, case)
    answer = _waiting(case, now)
    # Locked, so that no worker takes one meanwhile: `channels.services.sending.claim` skips what is locked.
    rows = list(Outgoing.objects.select_for_update().filter(answer_send__answer=answer))
    if any(row.state != OutgoingState.QUEUED or row.attempts for row in rows):
        raise Overtaken(case)
    Outgoing.objects.filter(pk__in=[row.pk for row in rows]).delete()
    back = {"state": AnswerState.DRAFT, "approver": None, "approved_at": None, "send_at": None, "in_heads_name": False}
    if Answer.objects.filter(pk=answer.pk, state=AnswerState.APPROVED).update(**back) != 1:
        raise Overtaken(case)
    detail = {"answer": answer.pk}
    move(case, Status.DRAFTING, at=now, action="sending_stopped", actor=access.official, detail=detail)
    answer.refresh_from_db()
    return answer


@transaction.atomic
def save_settings(access: Access, settings: AnswerSettings) -> AnswerSettings:
    """Keep a city's rules for sending; audited. Answers that wait already go as they were promised. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    return save_audited(access, settings, "answer_settings", subject=settings.get_at_night_display())


def _waiting(case: Case, now: datetime) -> Answer:
    answer = Answer.objects.filter(case=case, state=AnswerState.APPROVED, send_at__gt=now).first()
    if answer is None:
        raise Overtaken(case)
    return answer
