"""Photos that officials put to a case, and those that an operator cleared for everybody.

A file never changes: covering a face makes another file, so what was approved, cleared or sent is what it was.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.cases.enums import PhotoSide, PhotoUse, Withdrawal
from otklik.channels.models import Message
from otklik.media.models import StoredFile
from otklik.org.models import Official, TenantModel


class CasePhoto(TenantModel):
    """A photo with an answer, with a report to the head, or as one side of before and after.

    One that goes with an answer has no `answer` until the draft is handed on: it may be there before the words.
    `deed` and `part` name it for whoever sends it twice: a second press, a queue on a phone.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="photos", db_index=False)
    use = models.CharField(max_length=10, choices=PhotoUse.choices)
    side = models.CharField(max_length=10, choices=PhotoSide.choices, blank=True)
    answer = models.ForeignKey("cases.Answer", null=True, blank=True, on_delete=models.CASCADE, related_name="photos")
    report = models.ForeignKey(
        "cases.ControlReport", null=True, blank=True, on_delete=models.CASCADE, related_name="photos"
    )
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="whose photo it is"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    alt = models.CharField(max_length=300, blank=True, help_text="what it shows, for who can't see it")
    alt_waived = models.CharField(max_length=200, blank=True, help_text="why it needs no such words")
    deed = models.CharField(max_length=40)
    part = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "case", "deed", "part"], name="case_photo_once"),
            models.UniqueConstraint(
                fields=["municipality", "case", "side"], condition=~Q(side=""), name="one_photo_of_a_side"
            ),
        ]
        indexes = [models.Index(fields=["case", "position", "id"], name="photos_of_case")]
        ordering = ["position", "id"]

    @property
    def is_described(self) -> bool:
        """Whether somebody said what it shows, or why that needs no words."""
        return bool(self.alt or self.alt_waived)


class ShownPhoto(TenantModel):
    """A photo that an operator cleared for everybody, under an address of its own; a tombstone once it was taken off.

    `source` is what the desk sees, `file` what everybody does: the same, or a copy with faces and numbers covered.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="shown_photos", db_index=False)
    key = models.CharField(max_length=32)
    source = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="whose photo it is"
    )
    alt = models.CharField(max_length=300, blank=True)
    areas = models.JSONField(default=list, help_text="what is covered: left, top, right, bottom as shares of the sides")
    cleared_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    cleared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal = models.CharField(max_length=10, choices=Withdrawal.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "key"], name="shown_photo_key"),
            models.UniqueConstraint(fields=["municipality", "case", "source"], name="shown_photo_once"),
        ]
        indexes = [models.Index(fields=["case", "id"], name="shown_photos_of_case")]
        ordering = ["id"]
