"""What an official is told: one row for each person and matter. It holds a number, never a resident's words.

The desk's bell reads these rows. Letters (notices.letters) take them outside, by what each official chose; a row
carries nothing that may not leave the desk.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.notices.enums import NoticeKind
from otklik.notices.letters import Carrier, Choice, Device, Letter, LetterLine, Reach  # noqa: F401 - Django finds models here
from otklik.org.models import Official, TenantModel


class Notice(TenantModel):
    """One thing that one official is told. `key` names the matter: whoever was told is not told again."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    key = models.CharField(max_length=100)
    case_number = models.PositiveIntegerField(default=0, help_text="0: it is about something else, named by `about`")
    about = models.CharField(max_length=200, blank=True, db_default="", help_text="what else, by the city's own name")
    path = models.CharField(max_length=200, blank=True, db_default="", help_text="where that is to be seen")
    due_at = models.DateTimeField(null=True, blank=True, help_text="by when something is wanted of them")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    routed_at = models.DateTimeField(null=True, blank=True, help_text="its way outside the desk was decided")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "official", "key"], name="told_once")]
        indexes = [
            models.Index(fields=["municipality", "official", "-id"], name="notice_newest"),
            models.Index(fields=["official"], condition=Q(seen_at__isnull=True), name="notice_unseen"),
            models.Index(fields=["id"], condition=Q(routed_at__isnull=True), name="notice_unrouted"),
        ]
        ordering = ["-id"]

    @property
    def title(self) -> str:
        """What it is about and what there is to tell, in the reader's language."""
        return f"{self.about or f'№ {self.case_number}'}: {NoticeKind(self.kind).label}"

    @property
    def address(self) -> str:
        """Where it is to be looked at, as a path of this installation."""
        return self.path or f"/desk/cases/{self.case_number}/"
