"""Deadlines that were moved, for the report of who moves what and why; the case's history has each of them too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, QuerySet

from otklik.cases.enums import MoveKind
from otklik.org.access import Access, Permission
from otklik.org.models import Department, Official, TenantModel

REPORTED = timedelta(days=30)
"""The counts by department and official look back so far."""


class DeadlineMove(TenantModel):
    """One deadline that was moved by hand, or one promised day by another promise. Never changed afterwards."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MoveKind.choices)
    at = models.DateTimeField()
    before = models.DateTimeField(null=True, blank=True)
    after = models.DateTimeField()
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [
            models.Index(fields=["municipality", "-id"], name="deadline_moves_newest"),
            models.Index(fields=["municipality", "at"], name="deadline_moves_lately"),
        ]
        ordering = ["-id"]


@dataclass(frozen=True, slots=True)
class MoveCount:
    """How often an official moved deadlines of a department."""

    department: Department | None
    official: Official | None
    count: int


def deadline_moves(
    access: Access, *, department: int | None = None, official: int | None = None
) -> QuerySet[DeadlineMove]:
    """Return the moves that an official may read about, newest first. Raises Refused."""
    rows = _readable(access).select_related("case", "department", "official").order_by("-id")
    rows = rows.filter(department=department) if department is not None else rows
    return rows.filter(official=official) if official is not None else rows


def moves_by(access: Access, *, now: datetime) -> list[MoveCount]:
    """Return how often each official moved deadlines of each department lately (three queries). Raises Refused."""
    lately = _readable(access).filter(at__gte=now - REPORTED).order_by()
    rows = list(lately.values_list("department", "official").annotate(n=Count("pk")).order_by("-n", "department"))
    departments = Department.objects.in_bulk({row[0] for row in rows if row[0] is not None})
    officials = Official.objects.in_bulk({row[1] for row in rows if row[1] is not None})
    return [MoveCount(departments.get(row[0]), officials.get(row[1]), row[2]) for row in rows]


def _readable(access: Access) -> QuerySet[DeadlineMove]:
    where = access.departments_for(Permission.REPORT_VIEW)
    rows = DeadlineMove.objects.filter(municipality=access.municipality_id)
    return rows if where is None else rows.filter(department__in=where)
