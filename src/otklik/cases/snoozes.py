"""Cases that somebody doesn't want to see for a while: in their own queue, or in everybody's.

A snooze is a wish about lists, not a fact about the case: no clock stops. It ends by itself, and nothing has to run for
that: it holds while its time hasn't come and the case is as it was when it was put away (`seen_at`).
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from otklik.org.models import Official, TenantModel

HOT_FROM = 3
"""From this urgency on a case is never out of sight."""

QUEUES = frozenset({"open", "new", "mine", "returned"})
"""The lists that a snooze empties. What burns, is late, waits for a signature or is under control stays where it is."""


class Snooze(TenantModel):
    """That a case is out of one person's queues, or of everybody's (nobody named), until a time or something new."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="snoozes", db_index=False)
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    by = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="empty: until something new comes")
    seen_at = models.DateTimeField(help_text="when the case had last changed; a later change ends the snooze")

    class Meta:
        constraints = [
            # Two, because a missing official is not equal to a missing official in SQL.
            models.UniqueConstraint(fields=["municipality", "case", "official"], name="snoozed_once"),
            models.UniqueConstraint(
                fields=["municipality", "case"], condition=Q(official=None), name="snoozed_once_for_all"
            ),
        ]
        indexes = [models.Index(fields=["municipality", "official", "case"], name="snoozes_of_person")]


def is_hot(now: datetime) -> Q:
    """Return the condition of cases that nobody can put away: urgent, late, or under personal control."""
    return Q(urgency__gte=HOT_FROM) | Q(personal_control=True) | Q(answer_due_at__lt=now)


def is_away(city: int, official: int, now: datetime) -> Q:
    """Return the condition of cases that are out of this person's queues now."""
    return Q(_snoozed(city, official, now)) & ~is_hot(now)


def is_in_sight(city: int, official: int, now: datetime) -> Q:
    """Return the condition of all other cases."""
    return Q(~_snoozed(city, official, now)) | is_hot(now)


def _snoozed(city: int, official: int, now: datetime) -> Exists:
    mine = Q(official=official) | Q(official=None)
    holds = Q(until=None) | Q(until__gt=now)
    snoozes = Snooze.objects.filter(mine & holds, municipality=city, case=OuterRef("pk"))
    return Exists(snoozes.filter(seen_at=OuterRef("updated_at")))
