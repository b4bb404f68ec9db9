"""What a network named by its number only: which numbers are still to be read, and how it went."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.channels.enums import FetchState
from otklik.org.models import TenantModel


class LookUp(TenantModel):
    """One number whose words the worker reads; what it finds comes in as a delivery like all others."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.CharField(max_length=240)
    state = models.CharField(max_length=10, choices=FetchState.choices, default=FetchState.DUE)
    trouble = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "number"], name="look_up_once")]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="due"), name="look_up_due")]
