"""Programs of others that may bring messages in their users' names (Open311): each by a key of its own."""

from __future__ import annotations

from django.db import models

from otklik.org.models import TenantModel


class Application(TenantModel):
    """A program that may report. Of its key only the digest is kept."""

    name = models.CharField(max_length=80)
    key_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="application_name"),
            models.UniqueConstraint(fields=["municipality", "key_digest"], name="application_key"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
