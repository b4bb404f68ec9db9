"""What networks are asked for that don't tell by themselves: how far we have read, and how it went."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.org.models import TenantModel


class Poll(TenantModel):
    """One round of questions to a channel's network (connectors.base.Round).

    Beside the channel, not in it: taking a channel's messages holds the channel's row, and asking must not wait.
    """

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="polls", db_index=False)
    name = models.CharField(max_length=40)
    cursor = models.TextField(blank=True, help_text="up to where everything is stored; the connector's own words")
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="when it is asked next, or how long whoever asks may take; null: not asked"
    )
    claimed_by = models.CharField(max_length=80, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="in a row")
    error = models.TextField(blank=True, help_text="why the last question failed; empty after a good one")
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_news_at = models.DateTimeField(null=True, blank=True, help_text="when it last brought anything")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "name"], name="poll_once")]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="poll_due")]
