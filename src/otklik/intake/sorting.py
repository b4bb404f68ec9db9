"""Sorting by hand: what an operator makes of a message that the rules left to a person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.enums import CaseKind, Status
from otklik.cases.models import Case
from otklik.cases.privacy import HoldsPersonalData
from otklik.cases.services import suggesting
from otklik.cases.services.moving import IllegalMove
from otklik.cases.services.opening import Opening, join_cases, open_cases
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.services.indexing import place_messages
from otklik.channels.whys import Why, stored
from otklik.org.access import Access, Permission
from otklik.org.models import Department, Topic
from otklik.org.queries import directory_of
from otklik.org.services.announcing import announce
from otklik.org.services.auditing import ours
from otklik.pulse.services.counting import move as move_counts
from otklik.teaching.enums import About, Source
from otklik.teaching.services.labelling import note
from otklik.triage import Kind


class AlreadySorted(Exception):
    """Somebody else decided about the message in the meantime."""

    def __init__(self) -> None:
        super().__init__("somebody else has sorted this message already")


@transaction.atomic
def open_case_by_hand(
    access: Access, message: Message, topic: Topic | None, *, now: datetime, department: Department | None = None
) -> Case:
    """Open a case for a message on a topic that a person chose; the table says whose, unless that person does.

    Triage learns what was chosen. Whoever names a department must be allowed to assign; then the topic may stay open.
    Raises Refused, ValueError without either, AlreadySorted.
    """
    access.require(Permission.MESSAGE_SORT)
    if topic is None and department is None:
        raise ValueError(_("say what it is about, or who answers"))
    if department is not None:
        access.require(Permission.CASE_ASSIGN)
        ours(access, department)
    _claim(access, message, Decision.OPENED, stored(Why.OPENED_BY_HAND), now)
    if topic is not None:
        note(access, [message.pk], About.TOPIC, topic.code, Source.SORTING, now=now)
        move_counts(message.municipality, [message], message.topic_code, topic.code, now=now)
    if department is not None:
        note(access, [message.pk], About.DEPARTMENT, department.code, Source.SORTING, now=now)
    directory = directory_of(message.municipality)
    place = directory.streets.get(street_of(message))
    opening = Opening(
        message=message,
        kind=_kind(message),
        urgency=message.urgency,
        topic=topic,
        place=place,
        place_text=place.name if place is not None else "",
        reason=f"sorted by {access.official.full_name}",
        department=department,
        official=access.official,
    )
    case = open_cases([opening], directory, now=now)[0]
    place_messages({message.pk: (case.pk, case.department_id)})
    suggesting.follow(access, message, case, opened=True, now=now)
    return case


@transaction.atomic
def join_by_hand(access: Access, message: Message, case: Case, *, now: datetime) -> None:
    """Add a message to a case that a person chose. Raises Refused, AlreadySorted, HoldsPersonalData, IllegalMove."""
    access.require(Permission.MESSAGE_SORT)
    if not case.is_open:
        raise IllegalMove(case, Status(case.status))
    _claim(access, message, Decision.JOINED, stored(Why.JOINED_BY_HAND, case=case.number), now)
    if not join_cases([(case, message, f"joined by {access.official.full_name}")], now=now):
        raise HoldsPersonalData(_("the answer that is on its way holds another person's data: open a case of its own"))
    place_messages({message.pk: (case.pk, case.department_id)})
    suggesting.follow(access, message, case, opened=False, now=now)
    topic_code = case.topic.code if case.topic is not None else ""
    move_counts(message.municipality, [message], message.topic_code, topic_code, now=now)
    if case.topic is not None:
        note(access, [message.pk], About.TOPIC, topic_code, Source.JOIN, now=now)
    if case.department is not None:
        note(access, [message.pk], About.DEPARTMENT, case.department.code, Source.JOIN, now=now)


@transaction.atomic
def set_aside(access: Access, message: Message, decision: Decision, reason: str, *, now: datetime) -> None:
    """Decide that a message needs no answer, or is spam, with the reason. Raises Refused, ValueError, AlreadySorted."""
    access.require(Permission.MESSAGE_SORT)
    if decision not in (Decision.NO_ANSWER, Decision.SPAM):
        raise ValueError("a message is set aside as needing no answer, or as spam")
    if not reason.strip():
        raise ValueError("say why no answer is owed")
    _claim(access, message, decision, reason.strip()[:300], now)
    kind = _kind_said_by(message, decision)
    if kind is not None:
        note(access, [message.pk], About.KIND, kind, Source.SORTING, now=now)


def street_of(message: Message) -> str:
    """Return the street that triage found in a message, as the city calls it; empty where it found none."""
    return str(message.verdict.get("street_name", ""))


def _claim(access: Access, message: Message, decision: Decision, reason: str, now: datetime) -> None:
    waiting = Message.objects.filter(pk=message.pk, municipality=access.municipality_id, decision=Decision.OPERATOR)
    if waiting.update(decision=decision, decision_reason=reason) != 1:
        raise AlreadySorted
    message.decision, message.decision_reason = decision, reason
    announce(message.municipality_id, "message", [message.pk], at=now)


def _kind_said_by(message: Message, decision: Decision) -> Kind | None:
    """Return what setting a message aside says of its kind: spam, or that triage was right to owe it nothing."""
    if decision == Decision.SPAM:
        return Kind.SPAM
    guessed = Kind(message.speech) if message.speech in set(Kind) else None
    return guessed if guessed in (Kind.THANKS, Kind.VENTING, Kind.GREETING, Kind.ABUSE) else None


def _kind(message: Message) -> CaseKind:
    return CaseKind(message.speech) if message.speech in CaseKind.values else CaseKind.REQUEST
