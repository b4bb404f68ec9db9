"""The other things that a city says to a case: a question, an interim word, a promise, another body's address.

Each is a draft like any answer, and another person approves it: what goes out in the city's name always passes two.
Where the case goes on follows when the resident has it (answering.note_finished, clocks).
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.enums import WORKED_STATUSES, AnswerKind, Outcome, Status
from otklik.cases.models import Answer, Case, CaseMessage
from otklik.cases.services.answering import Words, hand_on, put_draft
from otklik.cases.services.moving import IllegalMove, Overtaken, move
from otklik.channels.models import Message
from otklik.org.access import Access, Permission, Refused
from otklik.org.models import OutsideBody
from otklik.org.queries import calendar_of

TO_REDIRECT = WORKED_STATUSES | {Status.NEW, Status.TRIAGE, Status.RETURNED}
"""A curator may pass a case on to another body."""


def ask(access: Access, case: Case, text: str, *, now: datetime) -> Answer:
    """Hand on a question to the resident; once it is sent the clock stands still. Raises as `put_draft`, Refused."""
    return _say(access, case, Words(text, kind=AnswerKind.QUESTION), now=now)


def answer_interim(access: Access, case: Case, text: str, *, now: datetime) -> Answer:
    """Hand on an interim answer; once it is sent the days to solve run. Raises Refused, ValueError, IllegalMove.

    There is one: whoever needs more time afterwards promises a day.
    """
    if case.interim_answered_at is not None:
        raise ValueError(_("an interim answer was given already: answer now, or promise a day"))
    return _say(access, case, Words(text, kind=AnswerKind.INTERIM), now=now)


def promise(access: Access, case: Case, text: str, until: date, reason: str, *, now: datetime) -> Answer:
    """Hand on a promise: a day, and why it takes so long. Raises Refused, ValueError, IllegalMove, Overtaken."""
    calendar = calendar_of(case.municipality)
    if until <= now.astimezone(calendar.timezone).date():
        raise ValueError(_("a promise is for a day to come"))
    if not reason.strip():
        raise ValueError(_("say why it takes so long: the resident and the curator will ask"))
    words = Words(text, Outcome.POSTPONED, AnswerKind.PROMISE, promised_on=until, reason=reason.strip())
    return _say(access, case, words, now=now)


@transaction.atomic
def redirect(access: Access, case: Case, body: OutsideBody, text: str, *, now: datetime) -> Answer:
    """Hand on the word that another body answers for it; its contacts have to be in the text.

    Raises Refused, ValueError, IllegalMove, Overtaken.
    """
    access.require_on(Permission.CASE_ASSIGN, case)
    if body.municipality_id != access.municipality_id:
        raise Refused("another municipality's body")
    if case.status not in TO_REDIRECT:
        raise IllegalMove(case, Status.REDIRECTED)
    reachable = [way for way in (body.phone, body.site, body.email) if way and way in text]
    if not reachable:
        raise ValueError(_("write how to reach them: %(contacts)s") % {"contacts": body.contacts})
    words = Words(text, Outcome.REDIRECTED, AnswerKind.REDIRECT, body=body)
    put_draft(access, case, words, now=now)
    return hand_on(access, case, now=now)


@transaction.atomic
def _say(access: Access, case: Case, words: Words, *, now: datetime) -> Answer:
    access.require_on(Permission.CASE_DRAFT, case)
    if case.status not in WORKED_STATUSES:
        raise IllegalMove(case, Status.APPROVAL)
    put_draft(access, case, words, now=now)
    return hand_on(access, case, now=now)


def resume(access: Access, case: Case, reason: str, *, now: datetime) -> None:
    """Go on without waiting (they called, they came in person). Raises Refused, ValueError, IllegalMove, Overtaken."""
    access.require_on(Permission.CASE_DRAFT, case)
    if case.status != Status.WAITING_RESIDENT:
        raise IllegalMove(case, Status.IN_PROGRESS)
    if not reason.strip():
        raise ValueError(_("say how we came to know: it stays in the history"))
    move(
        case,
        Status.IN_PROGRESS,
        at=now,
        action="resumed",
        actor=access.official,
        detail={"reason": reason.strip()[:300]},
    )


def resume_on_reply(case: Case, message: Message, *, now: datetime) -> bool:
    """Go on because the person we asked has written; False if the case waits for somebody else, or for nobody."""
    if case.status != Status.WAITING_RESIDENT or message.identity_id is None:
        return False
    known = CaseMessage.objects.filter(case=case, identity=message.identity_id).exclude(message=message)
    if not known.exists():
        return False
    try:
        move(case, Status.IN_PROGRESS, at=now, action="resident_replied", detail={"message": message.pk})
    except Overtaken:
        return False  # somebody went on by hand at this moment
    return True
