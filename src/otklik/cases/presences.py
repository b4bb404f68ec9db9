"""Who looks at a case, or at a message to sort, right now, and who types there. It expires by itself.

Rows, so that it works over several web processes; each is good for a minute after its page last said so.
"""

from __future__ import annotations

from django.db import models

from otklik.org.models import Official, TenantModel


class PresenceAt(models.TextChoices):
    """What somebody looks at."""

    CASE = "case"
    MESSAGE = "message"


class Presence(TenantModel):
    """That one official has one case or message open. `ref` is its id; names are read when they are shown."""

    at = models.CharField(max_length=10, choices=PresenceAt.choices)
    ref = models.BigIntegerField()
    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField(db_index=True)
    typing_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "at", "ref", "official"], name="present_once")]
