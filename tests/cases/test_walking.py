"""The lists of the inbox, however they are narrowed: the right cases, found inside one index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any

import pytest
from django.db import connection

from otklik.cases.enums import CaseKind, Status, Verdict
from otklik.cases.lists import CONFIRMED_WITHIN, VIEWS, Filters, count_in_sight, inbox, page_of
from otklik.cases.models import Case
from otklik.cases.queries import PAGE
from otklik.org.access import Permission, access_of
from tests.desk.office import Office, make_office


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def _cases_of_all_sorts(office: Office) -> list[Case]:
    """One case for each status, each different from the others in whatever a list can ask for."""
    now, statuses = office.town.now, sorted(Status)
    topics = ("roads.pothole", "utilities.heating")
    people = (office.executor.pk, office.curator.pk, None)
    for number, status in enumerate(statuses):
        case = office.case(topic=topics[number % 2], urgency=number % 5)
        Case.objects.filter(pk=case.pk).update(
            status=status,
            urgency=number % 5,
            personal_control=number % 4 == 0,
            executor=people[number % 3],
            answer_due_at=None if number % 7 == 6 else now + timedelta(hours=number * 5 - 40),
            kind=CaseKind.QUESTION if number % 3 == 0 else CaseKind.REQUEST,
            correction_waits=status in (Status.ANSWERED, Status.CLOSED, Status.REOPENED),
            verdict=Verdict.SOLVED if status == Status.CLOSED else "",
            closed_at=now - timedelta(days=2) if status == Status.CLOSED else None,
        )
    return list(Case.objects.order_by("-id"))


def _in_view(view: str, one: Case, me: int, now: datetime) -> bool:
    late = one.answer_due_at is not None and one.answer_due_at < now
    shown = {
        "mine": one.is_open and one.executor_id == me,
        "new": one.status in (Status.NEW, Status.TRIAGE),
        "urgent": one.is_open and one.urgency >= 3,
        "overdue": one.is_open and late,
        "approval": one.status == Status.APPROVAL or one.correction_waits,
        "control": one.personal_control and one.status != Status.DUPLICATE,
        "returned": one.status in (Status.RETURNED, Status.REOPENED),
        "promises": one.status == Status.POSTPONED and late,
        "snoozed": False,
        "questions": one.is_open and one.kind == CaseKind.QUESTION and one.answered_at is None,
        "answered": one.status == Status.ANSWERED,
        "solved": one.verdict == Verdict.SOLVED
        and one.closed_at is not None
        and one.closed_at > now - CONFIRMED_WITHIN,
        "all": True,
    }
    return shown.get(view, one.is_open)


def _narrowings(office: Office, now: datetime) -> dict[str, tuple[Any, Callable[[Case], bool]]]:
    one = Case.objects.filter(topic__code="roads.pothole").first()
    assert one is not None
    soon, me = now + timedelta(days=1), office.executor.pk
    return {
        "status": (Status.APPROVAL.value, lambda case: case.status == Status.APPROVAL),
        "department": (one.department_id, lambda case: case.department_id == one.department_id),
        "topic": (one.topic_id, lambda case: case.topic_id == one.topic_id),
        "channel": (one.channel_id, lambda case: case.channel_id == one.channel_id),
        "executors": ((me,), lambda case: case.executor_id == me),
        "due_before": (
            soon,
            lambda case: case.is_open and case.answer_due_at is not None and case.answer_due_at < soon,
        ),
        "control": (True, lambda case: case.personal_control),
    }


def _lists(office: Office, now: datetime) -> Iterator[tuple[Filters, Callable[[Case], bool]]]:
    """Every view, alone and narrowed by each thing and each two of them."""
    offered = _narrowings(office, now)
    chosen = [(), *combinations(offered, 1), *combinations(offered, 2)]
    for view in VIEWS:
        for names in chosen:
            filters = replace(Filters(view=view), **{name: offered[name][0] for name in names})
            tests = [offered[name][1] for name in names]
            yield filters, lambda case, tests=tests: all(test(case) for test in tests)  # type: ignore[misc]


def test_lists_hold_what_they_are_narrowed_to(office: Office) -> None:
    cases, now = _cases_of_all_sorts(office), office.town.now
    curator, executor = access_of(office.curator), access_of(office.executor)
    own = executor.departments_for(Permission.CASE_VIEW)
    assert own is not None

    for filters, holds in _lists(office, now):
        for access in (curator, executor):
            seen = [one for one in cases if access is curator or one.department_id in own]
            wanted = [one.pk for one in seen if _in_view(filters.view, one, access.official.pk, now) and holds(one)]
            rows, following = page_of(access, filters, now=now)
            assert ([row.pk for row in rows], following) == (wanted, None), filters
            assert count_in_sight(access, filters, now=now) == len(wanted), filters


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite reads; PostgreSQL weighs costs")
def test_lists_walk_one_index_in_their_order_and_read_only_what_they_show(office: Office) -> None:
    _cases_of_all_sorts(office)
    access, now = access_of(office.curator), office.town.now
    owed = set(VIEWS) - {"mine", "approval", "control", "answered", "solved", "all"}

    for filters, _ in _lists(office, now):
        if filters.view in owed and not filters.executors and not filters.control:
            found = inbox(access, filters, now=now).select_related(None).values("pk")[:51]
            plan = [step for step in found.explain().splitlines() if "SUBQUERY" not in step]
            assert "cases_case USING" in plan[0], filters
            assert ("case_open " in plan[0], "TEMP B-TREE" in " ".join(plan)) == (True, False), filters
        if filters.view == "approval" and not filters.executors and not filters.control:
            found = inbox(access, filters, now=now).select_related(None).values("pk")[:51]
            plan = [step for step in found.explain().splitlines() if "SUBQUERY" not in step]
            assert ("case_to_approve" in plan[0], "TEMP B-TREE" in " ".join(plan)) == (True, False), filters


def test_page_goes_on_where_the_one_before_ended(office: Office) -> None:
    pks = [office.case().pk for _ in range(2 * PAGE + 1)][::-1]
    everything = partial(page_of, access_of(office.curator), Filters(view="all"), now=office.town.now)

    first, after_first = everything()
    second, after_second = everything(after_first)
    third, after_third = everything(after_second)

    assert [[one.pk for one in page] for page in (first, second, third)] == [pks[:PAGE], pks[PAGE:-1], pks[-1:]]
    assert (after_first, after_second, after_third) == (pks[PAGE - 1], pks[-2], None)
