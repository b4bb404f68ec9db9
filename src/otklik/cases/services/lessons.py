"""What people teach triage by working on cases: their decisions become labels of the messages that told of the case."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from otklik.cases.enums import Status
from otklik.cases.models import Case, CaseMessage
from otklik.channels.enums import Decision
from otklik.org.access import Access
from otklik.org.models import Department, Topic
from otklik.teaching.enums import About, Source
from otklik.teaching.services.labelling import note


def topic_corrected(access: Access, case: Case, topic: Topic, *, now: datetime) -> None:
    """A person said what the case is about."""
    note(access, _told_of(case), About.TOPIC, topic.code, Source.CORRECTION, now=now)


def department_chosen(access: Access, case: Case, department: Department, before: Status, *, now: datetime) -> None:
    """A person said who answers; `before` is where the case stood: one that came back as "not ours" teaches it too."""
    source = Source.RETURN if before == Status.RETURNED else Source.ASSIGNMENT
    note(access, _told_of(case), About.DEPARTMENT, department.code, source, now=now)


def rejected(access: Access, case: Case, kind: str, *, now: datetime) -> None:
    """A person said that it is spam or abuse."""
    note(access, _told_of(case), About.KIND, kind, Source.REJECTION, now=now)


def _told_of(case: Case) -> list[int]:
    """Return the messages that say by themselves what it is about: "and when?" under them teaches nothing."""
    rows = CaseMessage.objects.filter(municipality=case.municipality_id, case=case, message__is_ours=False)
    rows = rows.filter(Q(message__decision=Decision.OPENED) | ~Q(message__topic_code=""))
    return list(rows.order_by("id").values_list("message", flat=True))
