"""Who is told when how much of a deadline's time is used up, and at which hours: a city's own, or the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.org.calendar import WorkCalendar
from otklik.org.enums import Role
from otklik.org.models import TenantModel


class TellingHours(models.TextChoices):
    """When officials are told that a deadline nears or passed."""

    WORKING = "working", _("In working hours only")
    DAILY = "daily", _("Every day, between these hours")


TOLD = (Role.EXECUTOR, Role.APPROVER, Role.CURATOR, Role.AIDE, Role.HEAD)
"""Who can stand on a step of the ladder."""

DEFAULT_STEPS: Mapping[int, tuple[Role, ...]] = {
    50: (Role.EXECUTOR,),
    75: (Role.EXECUTOR, Role.APPROVER),
    100: (Role.EXECUTOR, Role.APPROVER, Role.CURATOR),
    150: (Role.CURATOR, Role.AIDE),
}
MOST_STEPS = 8
LOWEST, HIGHEST = 10, 500


class Escalation(TenantModel):
    """A city's own ladder; a city without this row has the default one."""

    steps = models.JSONField(default=list, help_text="[percent, [roles]], the lowest first")
    hours = models.CharField(max_length=10, choices=TellingHours.choices, default=TellingHours.WORKING)
    opens = models.TimeField(default=time(9))
    closes = models.TimeField(default=time(18))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality"], name="escalation_of_city"),
            models.CheckConstraint(condition=Q(closes__gt=models.F("opens")), name="escalation_hours_forward"),
        ]


@dataclass(frozen=True)
class Ladder:
    """The ladder as it is climbed. `opens` and `closes` are None where only working hours count."""

    steps: Mapping[int, tuple[Role, ...]]
    opens: time | None = None
    closes: time | None = None

    def after(self, warned: int) -> int | None:
        """Return the step after this one, None after the last."""
        return next((percent for percent in self.steps if percent > warned), None)

    def reached(self, used: int, total: int) -> int:
        """Return the highest step that so much of the time stands on; 0 below the first."""
        return max((percent for percent in self.steps if used * 100 >= percent * total), default=0)

    def next_telling(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """Return the instant itself if people may be told then, else when they next may, in UTC."""
        if self.opens is None or self.closes is None:
            return calendar.next_working(at)
        local = at.astimezone(calendar.timezone)
        if self.opens <= local.time() < self.closes:
            return at
        day = local.date() + timedelta(days=1 if local.time() >= self.closes else 0)
        return datetime.combine(day, self.opens, calendar.timezone).astimezone(at.tzinfo)


DEFAULT = Ladder(DEFAULT_STEPS)


def ladder_of(municipality_id: int) -> Ladder:
    """Return a city's ladder (one query)."""
    row = Escalation.objects.filter(municipality=municipality_id).first()
    if row is None:
        return DEFAULT
    steps = {int(percent): tuple(Role(role) for role in roles) for percent, roles in row.steps}
    if row.hours == TellingHours.DAILY:
        return Ladder(steps, row.opens, row.closes)
    return Ladder(steps)


def wrong_with(steps: list[tuple[int, list[str]]]) -> str:
    """Return what is wrong with steps that somebody wants: a code, nothing where all is well."""
    percents = [percent for percent, _roles in steps]
    if not steps or len(steps) > MOST_STEPS:
        return "count"
    if any(not LOWEST <= percent <= HIGHEST for percent in percents):
        return "range"
    if any(later <= earlier for earlier, later in pairwise(percents)):
        return "order"
    if any(not roles or set(roles) - set(TOLD) for _percent, roles in steps):
        return "nobody"
    return "" if 100 in percents else "deadline"


def escalation_of(municipality_id: int) -> Escalation:
    """Return a city's own ladder for changing; an unsaved row with the default steps where it has none."""
    row = Escalation.objects.filter(municipality=municipality_id).first()
    default = [[percent, [role.value for role in roles]] for percent, roles in DEFAULT_STEPS.items()]
    return row or Escalation(municipality_id=municipality_id, steps=default)
