"""What people teach triage by working on cases: their decisions become labels of the messages that told of the case."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from otklik.cases.enums import Status
from otklik.cases.models import Case, CaseMessage
from otklik.channels.enums import Decision
from otklik.org.access import Access
from otklik.org.models import Department, Topic
from otklik.teaching.enums import About, Source
from otklik.teaching.services.labelling import note, take_back_all


def topic_corrected(access: Access, case: Case, topic: Topic, *, now: datetime) -> None:
    """A person said what the case is about."""
    note(access, _told_of(case), About.TOPIC, topic.code, Source.CORRECTION, now=now)


def department_chosen(access: Access, case: Case, department: Department, before: Status, *, now: datetime) -> None:
    """A person said who answers; `before` is where the case stood: one that came back as "not ours" teaches it too."""
    source = Source.RETURN if before == Status.RETURNED else Source.ASSIGNMENT
    note(access, _told_of(case), About.DEPARTMENT, department.code, source, now=now)


def place_said(access: Access, case: Case, street: str, *, now: datetime) -> None:
    """A person said where it is: took over what triage read, or put it right. A refit learns topics, not places yet."""
    note(access, _told_of(case), About.PLACE, street[:60], Source.PLACING, now=now)


def rejected(access: Access, case: Case, kind: str, *, now: datetime) -> None:
    """A person said that it is spam or abuse."""
    note(access, _told_of(case), About.KIND, kind, Source.REJECTION, now=now)


def joined(access: Access, message_ids: list[int], into: Case, *, now: datetime) -> None:
    """A person said that these messages are about the same as a case: what it is about, and whose, holds for them."""
    ids = _telling(CaseMessage.objects.filter(municipality=into.municipality_id, message__in=message_ids))
    if into.topic is not None:
        note(access, ids, About.TOPIC, into.topic.code, Source.JOIN, now=now)
    if into.department is not None:
        note(access, ids, About.DEPARTMENT, into.department.code, Source.JOIN, now=now)


def taken_apart(access: Access, message_ids: list[int], *, now: datetime) -> None:
    """A person said that they are not the same after all: what joining taught is taken back."""
    take_back_all(access, message_ids, Source.JOIN, now=now)


def _told_of(case: Case) -> list[int]:
    """Return the messages that say by themselves what it is about: "and when?" under them teaches nothing."""
    return _telling(CaseMessage.objects.filter(municipality=case.municipality_id, case=case))


def _telling(rows: QuerySet[CaseMessage]) -> list[int]:
    rows = rows.filter(Q(message__decision=Decision.OPENED) | ~Q(message__topic_code=""), message__is_ours=False)
    return list(rows.order_by("id").values_list("message", flat=True))
