"""What the head looks at in five minutes: what hurts, is under control, late, to be signed, asked; whom to thank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q

from otklik.cases.lists import COUNT_CAP, Filters, capped_count, inbox
from otklik.cases.models import Case
from otklik.cases.queries import visible_cases
from otklik.cases.tallies import kept_counts
from otklik.cases.watching import Watched, watched_of
from otklik.org.access import Access
from otklik.org.models import Department
from otklik.pulse.growing import DAY, Grown, hot_topics

CARDS = 12
"""Cases in one part of the page; the list behind its number has them all."""
FEW = 5
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Thanked:
    """A department whose work residents confirmed within a week, and who did most of it."""

    department: Department
    confirmed: int
    stars: float | None
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Briefing:
    """The head's page. `counts` are the lists behind its numbers: control, overdue, approval, questions, solved."""

    hot: list[Grown]
    watched: list[Watched]
    burning: list[Case]
    approval: list[Case]
    questions: list[Case]
    thanked: list[Thanked]
    counts: dict[str, int]


def briefing_of(access: Access, *, now: datetime) -> Briefing:
    """Return what an official who sees the city should know now. Fifteen queries, whatever is in it."""
    cases = visible_cases(access).select_related("topic", "department", "channel", "place")
    open_ones = cases.filter(is_owed=True)
    late_first = F("answer_due_at").asc(nulls_last=True)
    # An answer that is late by more than a month is a matter for the lists, not for five minutes in the morning.
    overdue = Q(answer_due_at__lt=now, answer_due_at__gt=now - timedelta(days=31))
    burning = open_ones.filter(Q(urgency__gte=3) | overdue, personal_control=False)
    questions = inbox(access, Filters(view="questions"), now=now).select_related("place")
    return Briefing(
        hot=hot_topics(access.municipality_id, now - DAY, now),
        watched=watched_of(access, now=now),
        burning=list(burning.order_by("-urgency", late_first, "-id")[:CARDS]),
        approval=list(cases.filter(to_approve=True).order_by("-id")[:CARDS]),
        questions=list(questions.order_by("id")[:FEW]),
        thanked=thanked_of(access, now=now),
        counts=counts_of(access, now=now),
    )


def counts_of(access: Access, *, now: datetime) -> dict[str, int]:
    """Return how many cases stand behind each number of the page. Four queries."""
    kept = kept_counts(access, {name: Filters(view=name) for name in ("control", "approval")})
    read = ("overdue", "questions", "solved")
    return {**kept, **{name: capped_count(inbox(access, Filters(view=name), now=now)) for name in read}}


def thanked_of(access: Access, *, now: datetime, since: datetime | None = None) -> list[Thanked]:
    """Return the departments whose work residents confirmed most since then (a week by default). Two queries."""
    solved = inbox(access, Filters(view="solved"), now=now).order_by().filter(department__isnull=False)
    if since is not None:
        solved = solved.filter(closed_at__gt=since)
    rows = list(
        solved.values_list("department").annotate(n=Count("pk"), stars=Avg("rating")).order_by("-n", "department")[:3]
    )
    departments = Department.objects.in_bulk([row[0] for row in rows])
    people = _who_did(access, now, tuple(departments)) if rows else {}
    return [Thanked(departments[pk], n, stars, people.get(pk, ())) for pk, n, stars in rows]


def _who_did(access: Access, now: datetime, departments: Sequence[int]) -> dict[int, tuple[str, ...]]:
    solved = inbox(access, Filters(view="solved"), now=now).filter(department__in=departments, executor__isnull=False)
    rows = solved.order_by().values_list("department", "executor__full_name").annotate(n=Count("pk")).order_by("-n")
    found: dict[int, tuple[str, ...]] = {}
    for department, name, _n in rows[:COUNT_CAP]:
        if len(found.get(department, ())) < 2:
            found[department] = (*found.get(department, ()), name)
    return found
