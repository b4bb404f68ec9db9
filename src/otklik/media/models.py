"""Files that residents send and the city answers with. The bytes lie in the data folder (media.folder), never here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.media.enums import FileKind, FileState, Look, Trouble
from otklik.org.models import Official, TenantModel


class StoredFile(TenantModel):
    """One file that somebody gave us. Nobody sees it before it is READY: scanned, and of a picture drawn anew.

    `key` names it in addresses. What refers to it (a message's or an answer's file) keeps it; a file that nothing
    refers to is swept away after a day.
    """

    key = models.CharField(max_length=32)
    kind = models.CharField(max_length=10, choices=FileKind.choices)
    state = models.CharField(max_length=12, choices=FileState.choices, default=FileState.WAITING)
    trouble = models.CharField(max_length=20, choices=Trouble.choices, blank=True)
    finding = models.CharField(max_length=200, blank=True, help_text="what the virus scanner called it")
    filename = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what came")
    size = models.PositiveIntegerField(help_text="bytes of what came")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    blur = models.CharField(max_length=800, blank=True, help_text="a picture's few colours: a tiny WebP in Base64")
    lat = models.FloatField(null=True, blank=True, help_text="where the photo says it was taken: a suggestion, no more")
    lon = models.FloatField(null=True, blank=True)
    for_page = models.BooleanField(
        default=False, db_default=False, help_text="drawn in every form that a page for everybody needs"
    )
    uploaded_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="stored_file_key")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="stored_file_due"),
            models.Index(fields=["created_at"], name="stored_file_age"),
        ]

    @property
    def is_picture(self) -> bool:
        """Whether it can be looked at on the page itself."""
        return self.kind == FileKind.PICTURE

    @property
    def is_ready(self) -> bool:
        """Whether it may be shown and sent."""
        return self.state == FileState.READY

    @property
    def size_mb(self) -> float:
        """Its size for people."""
        return round(self.size / 1e6, 1)


class Rendition(TenantModel):
    """One form of a file: where its bytes are (by their digest) and what they are."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="renditions", db_index=False)
    look = models.CharField(max_length=12, choices=Look.choices)
    digest = models.CharField(max_length=64)
    mime = models.CharField(max_length=60)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "file", "look"], name="rendition_once")]
        indexes = [
            models.Index(fields=["file"], name="rendition_of_file"),
            models.Index(fields=["municipality", "digest"], name="rendition_by_digest"),
        ]
