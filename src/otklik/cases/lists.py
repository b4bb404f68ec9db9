"""The lists of the desk: its views, what narrows them, their pages and how much is in each.

What a list asks of the database depends on its shape alone (`_Shape`); who looks, when, and since when are values. So
the SQL of each shape is made once (`common.prepared`): these queries are most of what desks ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet

from otklik.cases.enums import CaseKind, Status, Verdict
from otklik.cases.models import Case
from otklik.cases.queries import PAGE, visible_cases
from otklik.cases.snoozes import QUEUES, Snooze, is_away, is_in_sight
from otklik.cases.walking import OPEN, looked_at
from otklik.channels.models import Message
from otklik.common.prepared import Prepared, PreparedObjects, Value
from otklik.org.access import Access, Permission

COUNT_CAP = 1000
"""Counts stop here ("999+"): beyond it nobody cares, and the cost stays the same at any size."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What an inbox page is narrowed to; an empty field doesn't narrow."""

    view: str = "open"
    status: str = ""
    department: int | None = None
    topic: int | None = None
    channel: int | None = None
    executors: tuple[int, ...] = ()
    due_before: datetime | None = None
    control: bool = False


VIEWS = (
    *("open", "new", "mine", "urgent", "overdue", "approval", "control", "returned", "promises", "snoozed"),
    *("questions", "answered", "solved", "all"),
)
CONFIRMED_WITHIN = timedelta(days=7)
"""What residents confirmed is news for so long."""


def inbox(access: Access, filters: Filters, *, now: datetime, all_in_sight: bool = False) -> QuerySet[Case]:
    """Return the cases of an inbox page, newest first, without what only the case's own screen needs.

    `all_in_sight` says that this person has put nothing away (`put_away_for`), which spares the looking.
    """
    looks = _Looks(_eyes(access), now, now - CONFIRMED_WITHIN, all_in_sight=all_in_sight)
    return _inbox(filters, looks).select_related("topic", "department", "channel")


def page_of(
    access: Access, filters: Filters, before: int | None = None, *, now: datetime
) -> tuple[list[Case], int | None]:
    """Return one page of an inbox with what its rows show, and where the next one starts (None: this is the last).

    One query. Which cases is found first, inside one index (`cases.walking`), and only those are read.
    """
    looks = _Looks(_eyes(access), now, now - CONFIRMED_WITHIN, all_in_sight=False)
    page = _prepared(_shape(filters, looks, is_further=before is not None)).page
    rows = page.list(*_given(filters, looks), 0 if before is None else before)
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


@dataclass(frozen=True, slots=True)
class _Eyes:
    """What a list depends on of whoever looks at it."""

    city: int
    official: int
    and_for: tuple[int, ...]
    departments: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class _Looks:
    """Who looks at a list, and when."""

    eyes: _Eyes
    now: datetime
    confirmed_since: datetime
    all_in_sight: bool


def _eyes(access: Access) -> _Eyes:
    departments = access.departments_for(Permission.CASE_VIEW)
    there = None if departments is None else tuple(sorted(departments))
    return _Eyes(access.municipality_id, access.official.pk, access.stands_in_for, there)


def _inbox(filters: Filters, looks: _Looks) -> QuerySet[Case]:
    eyes = looks.eyes
    condition = Q(municipality=eyes.city)
    condition &= Q() if eyes.departments is None else Q(department__in=eyes.departments)
    condition &= _view(filters.view, looks) & _narrowing(filters)
    if filters.view in QUEUES and not looks.all_in_sight:
        condition &= is_in_sight(eyes.city, eyes.official, looks.now)
    return Case.objects.filter(looked_at(condition, _searched(filters))).order_by("-id")


@dataclass(frozen=True, slots=True)
class _Shape:
    """All of a list that isn't a value: what the SQL of its queries depends on."""

    filters: Filters
    is_due: bool
    is_whole_city: bool
    all_in_sight: bool
    is_further: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """The queries of lists of one shape, prepared: they are most of what desks ask for."""

    page: PreparedObjects[Case]
    keys: Prepared


def _shape(filters: Filters, looks: _Looks, *, is_further: bool = False) -> _Shape:
    return _Shape(
        filters=replace(filters, executors=(), due_before=None),
        is_due=filters.due_before is not None,
        is_whole_city=looks.eyes.departments is None,
        all_in_sight=looks.all_in_sight,
        is_further=is_further,
    )


def _given(filters: Filters, looks: _Looks) -> tuple[Value, ...]:
    eyes = looks.eyes
    moments = (looks.now, looks.confirmed_since, filters.due_before or looks.now)
    return (eyes.city, eyes.official, eyes.and_for, eyes.departments or (), filters.executors, *moments)


@lru_cache(maxsize=256)
def _prepared(shape: _Shape) -> _Asked:
    def found(*given: Any) -> QuerySet[Case]:
        city, official, and_for, departments, executors, now, confirmed_since, due_before = given
        eyes = _Eyes(city, official, and_for, None if shape.is_whole_city else departments)
        filters = replace(shape.filters, executors=executors, due_before=due_before if shape.is_due else None)
        return _inbox(filters, _Looks(eyes, now, confirmed_since, all_in_sight=shape.all_in_sight))

    def page(*given: Any) -> QuerySet[Case]:
        cases = found(*given[:-1])
        here = (cases.filter(pk__lt=given[-1]) if shape.is_further else cases).values("pk")[: PAGE + 1]
        return _listed(Case.objects.filter(pk__in=here)).order_by("-id")

    return _Asked(
        page=PreparedObjects(page),
        keys=Prepared(lambda *given: found(*given).values_list("pk")[:COUNT_CAP]),
    )


_OWED_VIEWS = frozenset(VIEWS) - {"mine", "approval", "control", "answered", "solved", "all"}
"""All cases of these are open."""


def _searched(filters: Filters) -> frozenset[str]:
    """Return what a list searches by: the fewest cases in the order of the list."""
    if filters.control or filters.view == "control":
        return frozenset({"municipality", "personal_control"})
    if filters.view == "approval":
        return frozenset({"municipality", "to_approve"})
    if filters.executors or filters.view == "mine":
        return frozenset({"executor", "is_owed"})
    if filters.view == "solved":
        return frozenset({"municipality", "verdict", "closed_at"})
    if filters.view in _OWED_VIEWS or filters.due_before is not None:
        return OPEN
    if filters.topic is not None:
        return frozenset({"municipality", "topic"})
    return frozenset({"municipality", "status", "department", "channel"})


_LISTED = ("number", "summary", "status", "urgency", "place_text", "message_count", "personal_control", "opened_at")
_LISTED_OF = ("answer_due_at", "correction_waits", "channel__network", "topic__title", "topic__title_en", "place__name")


def _listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the same cases with only what a row of a list shows."""
    return cases.select_related("topic", "channel", "place").only(*_LISTED, *_LISTED_OF)


def away_counts(access: Access, wanted: Mapping[str, Filters], *, now: datetime) -> dict[str, int]:
    """Return how many cases of each of these lists are out of this person's sight; of their own list, all (one query).

    Kept counts know of no person: what somebody put away is taken off them. Not asked for who has put nothing away.
    """
    lists = {name: filters for name, filters in wanted.items() if filters.view in {*QUEUES, "snoozed"}}
    if not lists:
        return {}
    looks = _Looks(_eyes(access), now, now - CONFIRMED_WITHIN, all_in_sight=False)
    away = visible_cases(access).filter(
        is_away(looks.eyes.city, looks.eyes.official, now),
        is_owed=True,
        pk__in=_put_away_by(access).values("case").order_by(),
    )
    names = dict(enumerate(lists))
    found = away.order_by().aggregate(
        **{
            f"n{place}": Count("pk", filter=_view(_AWAY.get(filters.view, filters.view), looks) & _narrowing(filters))
            for place, filters in enumerate(lists.values())
        }
    )
    return {name: found[f"n{place}"] for place, name in names.items()}


_AWAY = {"snoozed": "open"}
"""Of what is away and owed, the list of what is away has everything."""


def put_away_for(municipality_id: int, official: int) -> QuerySet[Snooze]:
    """Return what is kept out of a person's queues, by themselves or by somebody for all; of most there is nothing."""
    return Snooze.objects.filter(Q(official=official) | Q(official=None), municipality=municipality_id)


def _put_away_by(access: Access) -> QuerySet[Snooze]:
    mine = Q(official=access.official) | Q(official=None)
    return Snooze.objects.filter(mine, municipality=access.municipality_id)


def capped_count(rows: QuerySet[Case] | QuerySet[Message]) -> int:
    """Return how many rows there are, at most COUNT_CAP. In their order: by it a list finds its index."""
    return rows[:COUNT_CAP].count()


def _narrowing(filters: Filters) -> Q:
    names = ("status", "department", "topic", "channel")
    condition = Q(**{name: value for name in names if (value := getattr(filters, name))})
    if filters.executors:
        condition &= Q(executor__in=filters.executors)
    if filters.due_before is not None:
        condition &= Q(is_owed=True, answer_due_at__lt=filters.due_before)
    if filters.control:
        condition &= Q(personal_control=True)
    return condition


def _view(view: str, looks: _Looks) -> Q:
    eyes = looks.eyes
    if view == "snoozed":
        return Q(is_owed=True) & is_away(eyes.city, eyes.official, looks.now)
    if view == "mine":
        return Q(is_owed=True, executor__in=(eyes.official, *eyes.and_for))
    return _everybodys(view, looks)


def _everybodys(view: str, looks: _Looks) -> Q:
    now, is_open = looks.now, Q(is_owed=True)
    conditions = {
        "new": is_open & Q(status__in=[Status.NEW, Status.TRIAGE]),
        "urgent": is_open & Q(urgency__gte=3),
        "overdue": is_open & Q(answer_due_at__lt=now),
        "approval": Q(to_approve=True),
        "control": Q(personal_control=True) & ~Q(status=Status.DUPLICATE),
        "returned": is_open & Q(status__in=[Status.RETURNED, Status.REOPENED]),
        "promises": is_open & Q(status=Status.POSTPONED, answer_due_at__lt=now),
        "questions": is_open & Q(kind=CaseKind.QUESTION, answered_at=None),
        "answered": Q(status=Status.ANSWERED),
        "solved": Q(verdict=Verdict.SOLVED, closed_at__gt=looks.confirmed_since),
        "all": Q(),
    }
    return conditions.get(view, is_open)


def count_in_sight(access: Access, filters: Filters, *, now: datetime) -> int:
    """Return how many cases a list has for who has put nothing away, at most COUNT_CAP: what every desk asks often."""
    looks = _Looks(_eyes(access), now, now - CONFIRMED_WITHIN, all_in_sight=True)
    return len(_prepared(_shape(filters, looks)).keys.rows(*_given(filters, looks)))
