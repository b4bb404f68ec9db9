"""Formal appeals beside cases: what the law of a city's jurisdiction says of them, and each that staff registered.

A message is never an appeal by itself. An appeal has a number and a clock of its own, in whole days, and its clock is
never paused by anything that happens to the case.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from otklik.org.models import Official, OutsideBody, TenantModel


class DayCount(models.TextChoices):
    """Which days a term of law counts."""

    CALENDAR = "calendar", _("Calendar days")
    WORKING = "working", _("Working days")


class DayOff(models.TextChoices):
    """Where a term of law ends that would end on a day off."""

    PREVIOUS = "previous", _("On the working day before")
    NEXT = "next", _("On the working day after")


class AppealState(models.TextChoices):
    """Where a formal appeal stands. It doesn't follow the case: the law has its own ends."""

    RECEIVED = "received", _("Waits to be registered")
    REGISTERED = "registered", _("Registered")
    ANSWERED = "answered", _("Answered")
    FORWARDED = "forwarded", _("Passed on by law")
    STRUCK = "struck", _("Entered by mistake")


class AppealRules(TenantModel):
    """What a city calls a formal appeal and how long the law gives; the start is its jurisdiction's pack."""

    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    law = models.CharField(max_length=300)
    law_en = models.CharField(max_length=300, blank=True)
    counts = models.CharField(max_length=10, choices=DayCount.choices, default=DayCount.CALENDAR)
    register_days = models.PositiveSmallIntegerField(help_text="from the day it came")
    answer_days = models.PositiveSmallIntegerField(help_text="from the day it was registered")
    extend_days = models.PositiveSmallIntegerField(help_text="once, with notice; 0: never")
    forward_days = models.PositiveSmallIntegerField(help_text="to pass it on, from the day it was registered")
    day_off = models.CharField(max_length=10, choices=DayOff.choices, default=DayOff.PREVIOUS)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality"], name="appeal_rules_once")]
        verbose_name_plural = "appeal rules"

    @property
    def title(self) -> str:
        """What it is called, in the reader's language."""
        return self.name_en if get_language() == "en" and self.name_en else self.name

    @property
    def law_title(self) -> str:
        """By which law, in the reader's language."""
        return self.law_en if get_language() == "en" and self.law_en else self.law


class Appeal(TenantModel):
    """One formal appeal about the matter of a case, entered by staff. It holds no resident's words."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="appeals")
    state = models.CharField(max_length=10, choices=AppealState.choices, default=AppealState.RECEIVED)
    number = models.CharField(max_length=40, blank=True, help_text="of the city's register of appeals")
    received_on = models.DateField()
    registered_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(help_text="the last day to register it, then the last day to answer")
    due_before = models.DateField(null=True, blank=True, help_text="the last day before the term was extended")
    extension_reason = models.CharField(max_length=300, blank=True)
    told_on = models.DateField(null=True, blank=True, help_text="when the resident was told of the longer term")
    forwarded_to = models.ForeignKey(OutsideBody, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    remark = models.CharField(max_length=300, blank=True, help_text="the answer's number, or why it was struck out")
    calendar_version = models.CharField(max_length=40, blank=True)
    warned = models.PositiveSmallIntegerField(default=0, help_text="percent of the term that officials were told of")
    wakes_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "number"],
                condition=~Q(number="") & ~Q(state="struck"),
                name="appeal_number_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "struck"]) | (~Q(number="") & Q(registered_on__isnull=False)),
                name="appeal_registered_has_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["municipality", "-id"], name="appeal_newest"),
            models.Index(
                fields=["municipality", "due_on", "id"],
                condition=Q(state__in=["received", "registered"]),
                name="appeal_running",
            ),
            models.Index(fields=["wakes_at"], condition=Q(wakes_at__isnull=False), name="appeal_wakes"),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}" if self.number else str(AppealState(self.state).label)

    @property
    def is_running(self) -> bool:
        """Whether its clock runs."""
        return self.state in (AppealState.RECEIVED, AppealState.REGISTERED)
