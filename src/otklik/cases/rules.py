"""Who gets a case, as data: rules in an order, and the shifts that some of them ask for. Compiled by cases.rulebook."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.cases.enums import EMERGENCY, CaseKind
from otklik.org.models import Department, Official, Place, TenantModel, Topic


class Hours(models.TextChoices):
    """When a rule holds, by the city's calendar."""

    ALWAYS = "always", _("At any time")
    WORKING = "working", _("In working hours")
    OFF = "off", _("Outside working hours")


class Manner(models.TextChoices):
    """What becomes of a case when a rule decides."""

    ASSIGN = "assign", _("Assign")
    SUGGEST = "suggest", _("Suggest: a person confirms")


class Whom(models.TextChoices):
    """Which official of the department gets it."""

    NOBODY = "nobody", _("Nobody yet: the department takes it itself")
    LEAST = "least", _("Whoever has the fewest open cases")
    SHIFT = "shift", _("Whoever is on shift now")
    NAMED = "named", _("Always this person")


class AssignmentRule(TenantModel):
    """One line of the city's rules. An empty condition fits everything; the first rule that fits decides.

    `version` grows with every change; a case's history names the rule with it.
    """

    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    is_on = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    instead_of = models.ForeignKey(
        Department,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        help_text="who would answer by the table",
    )
    kind = models.CharField(max_length=10, choices=CaseKind.choices, blank=True)
    urgency_from = models.PositiveSmallIntegerField(default=0)
    hours = models.CharField(max_length=10, choices=Hours.choices, default=Hours.ALWAYS)
    load_from = models.PositiveIntegerField(
        null=True, blank=True, help_text="only while that department has so many open cases"
    )
    manner = models.CharField(max_length=10, choices=Manner.choices, default=Manner.ASSIGN)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    whom = models.CharField(max_length=10, choices=Whom.choices, default=Whom.NOBODY)
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="assignment_rule_name"),
            models.CheckConstraint(condition=Q(urgency_from__lte=EMERGENCY), name="assignment_rule_urgency"),
        ]
        indexes = [models.Index(fields=["municipality", "position", "id"], name="assignment_rule_order")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Shift(TenantModel):
    """When an official works: hours of some weekdays, always or from a day to a day; past midnight if it ends first."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="shifts", db_index=False)
    days = models.CharField(max_length=7, help_text="weekdays as digits, 0 is Monday")
    starts = models.TimeField()
    ends = models.TimeField()
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(days=""), name="shift_has_days"),
            models.CheckConstraint(
                condition=Q(first_on=None) | Q(last_on=None) | Q(last_on__gte=models.F("first_on")),
                name="shift_forward",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "official", "starts"], name="shifts_of_official")]

    def __str__(self) -> str:
        return f"{self.official} {self.starts:%H:%M}-{self.ends:%H:%M}"
