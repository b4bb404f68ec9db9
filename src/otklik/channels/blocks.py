"""That a person's account in a network opens no cases for a time: for a reason of a short list, never for criticism."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.org.models import Official, TenantModel


class BlockReason(models.TextChoices):
    """The only reasons there are. That somebody scolds the city is none, however loud."""

    ADVERTISING = "advertising", _("Advertising or fraud, again and again")
    THREATS = "threats", _("Threats to people")
    OBSCENITY = "obscenity", _("Obscene abuse of a person, again and again")
    PERSONAL_DATA = "personal_data", _("Other people's personal data, again and again")


class Block(TenantModel):
    """One block: whom, why, until when, by whom. Lifted or over, the row stays: the figures are public."""

    identity = models.ForeignKey("channels.Identity", on_delete=models.CASCADE, related_name="blocks", db_index=False)
    reason = models.CharField(max_length=20, choices=BlockReason.choices)
    blocked_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    blocked_at = models.DateTimeField()
    until = models.DateTimeField()
    lifted_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "identity"], condition=Q(lifted_at=None), name="blocked_once"
            )
        ]
        indexes = [models.Index(fields=["municipality", "blocked_at"], name="blocks_by_month")]
