"""Reads of cases: what an official may see, what the public may see, and the lists of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from otklik.cases.enums import OPEN_STATUSES, Status
from otklik.cases.models import Answer, Case, JournalEntry
from otklik.channels.models import Message
from otklik.org.access import Access, Permission

COUNT_CAP = 1000
"""Counts stop here ("999+"): beyond it nobody cares, and the cost stays the same at any size."""

PAGE = 50


def visible_cases(access: Access) -> QuerySet[Case]:
    """Return the cases an official may see: own city, own departments. Raises Refused without the permission."""
    cases = Case.objects.filter(municipality=access.municipality_id)
    departments = access.departments_for(Permission.CASE_VIEW)
    return cases if departments is None else cases.filter(department__in=departments)


def case_for(access: Access, number: int) -> Case:
    """Return one case with what its screen shows. Raises Refused, Case.DoesNotExist (also for others' cases)."""
    return (
        visible_cases(access)
        .select_related("topic__parent", "department", "executor", "channel", "place", "municipality", "resident")
        .get(number=number)
    )


def case_by_code(municipality_id: int, code: str) -> Case:
    """Return the case that a private code opens. Raises Case.DoesNotExist."""
    return Case.objects.select_related("topic", "department", "municipality").get(
        municipality=municipality_id, code=code
    )


def public_cases(municipality_id: int) -> QuerySet[Case]:
    """Return the cases that everybody may see, newest first."""
    return (
        Case.objects.filter(municipality=municipality_id, is_public=True)
        .select_related("topic", "department")
        .order_by("-id")
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What an inbox page is narrowed to; an empty field doesn't narrow."""

    view: str = "open"
    status: str = ""
    department: int | None = None
    topic: int | None = None
    channel: int | None = None
    executor: int | None = None


VIEWS = ("open", "new", "mine", "urgent", "overdue", "approval", "control", "returned", "answered", "all")


def inbox(access: Access, filters: Filters, *, now: datetime) -> QuerySet[Case]:
    """Return the cases of an inbox page, newest first, without what only the case's own screen needs."""
    cases = visible_cases(access).filter(_view(filters.view, access, now))
    for name in ("status", "department", "topic", "channel", "executor"):
        value = getattr(filters, name)
        if value:
            cases = cases.filter(**{name: value})
    return cases.select_related("topic", "department", "channel").order_by("-id")


def page_after(cases: QuerySet[Case], before_id: int | None, size: int = PAGE) -> tuple[list[Case], int | None]:
    """Return one keyset page and where the next one starts (None: this is the last)."""
    if before_id is not None:
        cases = cases.filter(pk__lt=before_id)
    rows = list(cases[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def capped_count(rows: QuerySet[Case] | QuerySet[Message]) -> int:
    """Return how many rows there are, at most COUNT_CAP."""
    return rows.order_by()[:COUNT_CAP].count()


def _view(view: str, access: Access, now: datetime) -> Q:
    is_open = Q(status__in=sorted(OPEN_STATUSES))
    match view:
        case "new":
            return Q(status__in=[Status.NEW, Status.TRIAGE])
        case "mine":
            return is_open & Q(executor=access.official)
        case "urgent":
            return is_open & Q(urgency__gte=3)
        case "overdue":
            return is_open & Q(answer_due_at__lt=now)
        case "approval":
            return Q(status=Status.APPROVAL)
        case "control":
            return Q(personal_control=True)
        case "returned":
            return Q(status__in=[Status.RETURNED, Status.REOPENED])
        case "answered":
            return Q(status=Status.ANSWERED)
        case "all":
            return Q()
        case _:
            return is_open


def messages_of(case: Case) -> QuerySet[Message]:
    """Return the residents' messages that make up a case, oldest first."""
    return (
        Message.objects.filter(case_message__case=case)
        .select_related("identity", "channel", "thread")
        .order_by("occurred_at", "id")
    )


def answers_of(case: Case) -> QuerySet[Answer]:
    """Return a case's answers with where each went, oldest first."""
    return (
        Answer.objects.filter(case=case)
        .select_related("author", "approver")
        .prefetch_related("sends__outgoing__channel")
    )


def journal_of(case: Case) -> QuerySet[JournalEntry]:
    """Return a case's history, oldest first."""
    return JournalEntry.objects.filter(case=case).select_related("actor")


def open_on_same_problem(municipality_id: int, pairs: set[tuple[int, str]]) -> dict[tuple[int, str], Case]:
    """Return open cases by (topic, place key): the same problem at the same house."""
    if not pairs:
        return {}
    found = Case.objects.filter(
        municipality=municipality_id,
        status__in=sorted(OPEN_STATUSES),
        topic__in={topic for topic, _ in pairs},
        place_key__in={place for _, place in pairs},
    ).order_by("-id")
    return {(case.topic_id or 0, case.place_key): case for case in found if (case.topic_id, case.place_key) in pairs}
