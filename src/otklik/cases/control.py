"""What the head keeps an eye on: the plan of checkpoints, what was asked, and what the department reports."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from otklik.cases.enums import CheckpointState
from otklik.org.models import Department, Official, TenantModel


class PersonalControl(TenantModel):
    """That a case is under the head's personal control, and how it ended; `Case.personal_control` is the flag."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="controls", db_index=False)
    set_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    set_at = models.DateTimeField()
    span_minutes = models.PositiveIntegerField(default=0, help_text="how long the plan is, in the case's own clock")
    proposed_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField(null=True, blank=True, help_text="somebody proposes to let it go")
    proposal = models.CharField(max_length=300, blank=True)
    ended_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "case"], condition=Q(ended_at=None), name="controlled_once")
        ]
        indexes = [models.Index(fields=["case"], name="control_of_case")]


class Checkpoint(TenantModel):
    """A moment when the department reports: at a share of the time, or because somebody asked.

    `wakes_at` is when time next has something to say about it: to ask for the report, then that it is missing.
    """

    control = models.ForeignKey(PersonalControl, on_delete=models.CASCADE, related_name="checkpoints", db_index=False)
    percent = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the time; none: asked by a person")
    state = models.CharField(max_length=10, choices=CheckpointState.choices, default=CheckpointState.AHEAD)
    at = models.DateTimeField(null=True, blank=True, help_text="none while the case's clock stands still")
    report_by = models.DateTimeField(null=True, blank=True)
    wakes_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    question = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "control", "percent"],
                condition=Q(percent__isnull=False, state="ahead"),
                name="checkpoint_once",
            )
        ]
        indexes = [
            models.Index(fields=["control", "id"], name="checkpoints_of_control"),
            # The worker asks what is due in any city, the longest due first: the city can't come before the time.
            models.Index(fields=["wakes_at"], condition=Q(wakes_at__isnull=False), name="checkpoint_wakes"),
            models.Index(
                fields=["municipality", "state"], condition=Q(state__in=["due", "missed"]), name="checkpoints_open"
            ),
        ]

    def is_late(self, now: datetime) -> bool:
        """Whether the report should have been here by now."""
        return self.state == CheckpointState.MISSED or (
            self.state == CheckpointState.DUE and self.report_by is not None and self.report_by < now
        )


class ControlReport(TenantModel):
    """What a department reports about a case under control. Officials read it, residents never."""

    control = models.ForeignKey(PersonalControl, on_delete=models.CASCADE, related_name="reports", db_index=False)
    author = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["control", "id"], name="reports_of_control")]
