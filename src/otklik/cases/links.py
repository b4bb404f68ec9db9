"""Cases that have to do with each other without being the same: "see also", from either side."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q

from otklik.org.models import Official, TenantModel


class CaseLink(TenantModel):
    """That two cases have to do with each other, and why. One row for both directions: the earlier case comes first."""

    earlier = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    later = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=200, blank=True)
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "earlier", "later"], name="linked_once"),
            models.CheckConstraint(condition=Q(earlier__lt=F("later")), name="link_in_order"),
        ]
        indexes = [
            models.Index(fields=["earlier"], name="links_of_earlier"),
            models.Index(fields=["later"], name="links_of_later"),
        ]


def linked_ids(case_id: int, rows: Iterable[tuple[int, int]]) -> list[int]:
    """Return the other end of each link of a case, by the ids of both ends."""
    return [later if earlier == case_id else earlier for earlier, later in rows]
