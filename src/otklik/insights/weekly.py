"""The week's report by department: asked, answered, late, confirmed, reopened. Reads and counts only."""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q

from otklik.cases.enums import Status, Verdict
from otklik.cases.models import Case, JournalEntry
from otklik.org.models import Department, Municipality

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a week brought.

    asked: cases opened; answered: cases whose answer reached the resident; late: deadlines of this week that passed
    without an answer in time; confirmed: residents said that it is solved; reopened: residents said that it isn't.
    """

    asked: int = 0
    answered: int = 0
    late: int = 0
    confirmed: int = 0
    reopened: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


NAMES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, slots=True)
class Week:
    """One week: the figures of each department by its id ("0": cases that no department has), and of the city."""

    departments: dict[str, Figures]

    @property
    def total(self) -> Figures:
        """The whole city's."""
        return sum(self.departments.values(), Figures())

    def of(self, department_id: int | None) -> Figures:
        """Return a department's figures; zeros where it had nothing to do."""
        return self.departments.get(str(department_id or 0), Figures())

    def to_json(self) -> dict[str, Any]:
        """Return it as the row keeps it."""
        return {key: asdict(figures) for key, figures in self.departments.items()}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Week:
        """Return what a row keeps."""
        return cls({key: Figures(**figures) for key, figures in kept.items()})


@dataclass(frozen=True, slots=True)
class Line:
    """A department's line of a report: this week beside the one before."""

    name: str
    now: Figures
    before: Figures

    @property
    def cells(self) -> list[tuple[int, int]]:
        """Each figure with last week's, in the order of NAMES."""
        return list(zip(astuple(self.now), astuple(self.before), strict=True))


def week_of(municipality: Municipality, monday: date) -> Week:
    """Count one week in the city's own time, from Monday to Sunday. Two queries over all cases: for the worker."""
    start, end = _span(municipality, monday)
    cases = Case.objects.filter(municipality=municipality).exclude(status__in=[Status.REJECTED, Status.DUPLICATE])
    within = {"gte": start, "lt": end}

    def at(field: str) -> Q:
        return Q(**{f"{field}__{bound}": moment for bound, moment in within.items()})

    in_time = Q(answered_at__isnull=False, answered_at__lte=F("answer_due_at"))
    rows = cases.values("department").annotate(
        asked=Count("pk", filter=at("opened_at")),
        answered=Count("pk", filter=at("answered_at")),
        late=Count("pk", filter=at("answer_due_at") & ~in_time),
        confirmed=Count("pk", filter=Q(verdict=Verdict.SOLVED) & at("closed_at")),
    )
    found = {
        str(row["department"] or 0): Figures(row["asked"], row["answered"], row["late"], row["confirmed"])
        for row in rows.order_by()
    }
    again = JournalEntry.objects.filter(municipality=municipality, action="reopened", at__gte=start, at__lt=end)
    for department, count in again.values_list("case__department").annotate(n=Count("pk")).order_by():
        key = str(department or 0)
        found[key] = found.get(key, Figures()) + Figures(reopened=count)
    return Week({key: figures for key, figures in found.items() if any(astuple(figures))})


def lines_of(municipality_id: int, now: Week, before: Week, nobody: str) -> list[Line]:
    """Return a report's lines by department, those that had nothing to do in both weeks left out. One query."""
    departments = Department.objects.filter(municipality=municipality_id).order_by("name")
    named = [(row.pk, row.title) for row in departments] + [(0, nobody)]
    lines = [Line(name, now.of(pk), before.of(pk)) for pk, name in named]
    return [line for line in lines if any(astuple(line.now + line.before))]


def monday_before(day: date) -> date:
    """Return the Monday of the week before the one that this day lies in."""
    return day - timedelta(days=day.weekday()) - WEEK


def _span(municipality: Municipality, monday: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(municipality.timezone)
    start = datetime.combine(monday, time(), zone).astimezone(UTC)
    return start, datetime.combine(monday + WEEK, time(), zone).astimezone(UTC)
