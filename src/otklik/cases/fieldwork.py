"""What an executor did from the field: each thing once, whatever the network between phone and city did."""

from __future__ import annotations

from django.db import models

from otklik.org.models import Official, TenantModel


class FieldDeed(TenantModel):
    """That something sent from a phone was done. `key` is made on the phone: whoever sends it again hears the same."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    deed = models.CharField(max_length=10, help_text="take, note, return or draft")
    came_to = models.CharField(max_length=20, blank=True, help_text="which of a deed's ends it was")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "official", "key"], name="field_deed_once")]
