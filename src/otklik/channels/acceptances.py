"""That an administrator has read what the law says of a network, and turned something on there nevertheless."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.org.models import Official, TenantModel


class Acceptance(TenantModel):
    """Who turned on what the law restricts, when, and the words they saw. Taken back, the row stays."""

    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.CASCADE, related_name="acceptances", db_index=False
    )
    capability = models.CharField(max_length=20, help_text="publish, comments or direct_messages (org.law)")
    law = models.CharField(max_length=300)
    words = models.TextField(help_text="what they read, as it stood then")
    accepted_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    accepted_at = models.DateTimeField()
    taken_back_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "channel", "capability"],
                condition=Q(taken_back_at=None),
                name="accepted_once",
            )
        ]
        indexes = [models.Index(fields=["municipality", "channel", "-id"], name="acceptances_of_channel")]
