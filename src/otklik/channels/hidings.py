"""That somebody's comment isn't shown under a post on the city's site: for a reason of a list, never for criticism.

A row stays when the comment is shown again: the figures of what is hidden are public, and so is every reason.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.common.codes import private_code
from otklik.org.models import Official, TenantModel


class HidingReason(models.TextChoices):
    """The only reasons there are. That somebody scolds the city or its head is none, however loud."""

    ADVERTISING = "advertising", _("Advertising or fraud")
    THREATS = "threats", _("Threats to people or a call to violence")
    HATRED = "hatred", _("Hatred of people for what they were born")
    OBSCENITY = "obscenity", _("Obscene abuse of a person")
    PERSONAL_DATA = "personal_data", _("Other people's personal data")
    FLOOD = "flood", _("The same words again and again")


class Hiding(TenantModel):
    """One hiding: which comment, why, by whom; what was objected, and how another official decided."""

    message = models.ForeignKey("channels.Message", on_delete=models.CASCADE, related_name="hidings", db_index=False)
    reason = models.CharField(max_length=20, choices=HidingReason.choices)
    code = models.CharField(max_length=24, default=private_code, help_text="opens the page where one may object")
    hidden_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    hidden_at = models.DateTimeField()
    shown_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    shown_at = models.DateTimeField(null=True, blank=True, help_text="when it was shown again")
    objection = models.TextField(blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True, help_text="what the objector is told")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "message"], condition=Q(shown_at=None), name="hidden_once"),
            models.UniqueConstraint(fields=["municipality", "code"], name="hiding_code"),
        ]
        indexes = [
            models.Index(fields=["municipality", "hidden_at"], name="hidings_by_month"),
            models.Index(fields=["municipality", "-id"], name="hidings_newest"),
        ]

    @property
    def is_objected(self) -> bool:
        """Whether an objection waits for a decision."""
        return self.objected_at is not None and self.decided_at is None
