"""What the city prepares for its people by itself: the morning's digest and the week's report.

A row holds figures and numbers of cases, never a resident's words: they are read when the page is opened, by whoever
may see them then.
"""

from __future__ import annotations

from datetime import time

from django.db import models

from otklik.org.models import Official, TenantModel

DIGEST_AT = time(8, 0)


class BriefingSettings(TenantModel):
    """When a city's digests are prepared, in its own time. No row: at eight."""

    digest_at = models.TimeField(default=DIGEST_AT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality"], name="briefing_settings_once")]


class Digest(TenantModel):
    """What one official was told on one morning."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(help_text="in the city's own time")
    content = models.JSONField(help_text="insights.digest.Content")
    prepared_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "official", "day"], name="digest_once_a_day")]
        ordering = ["-day"]


class WeeklyReport(TenantModel):
    """What was asked, answered, late, confirmed and reopened in one week, by department."""

    monday = models.DateField(help_text="the first day that it tells of")
    content = models.JSONField(help_text="insights.weekly.Week of this week and of the one before")
    prepared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "monday"], name="weekly_report_once")]
        ordering = ["-monday"]
