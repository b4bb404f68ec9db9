"""How far an account's past was brought in, so that whoever goes on begins where the last page ended."""

from __future__ import annotations

from django.db import models

from otklik.org.models import TenantModel


class Backfill(TenantModel):
    """The newest reading of a channel's past: its cursor is written together with what it brought."""

    channel = models.OneToOneField("channels.Channel", on_delete=models.CASCADE, related_name="backfill")
    since = models.DateTimeField(null=True, blank=True, help_text="how far back; null: to the beginning")
    cases_since = models.DateTimeField(help_text="what was said from then on goes the way of what arrives today")
    cursor = models.TextField(blank=True, help_text="up to where everything is stored; the connector's own words")
    pages = models.PositiveIntegerField(default=0, help_text="how many are stored; whoever stores one counts it")
    posts = models.PositiveIntegerField(default=0)
    posts_before = models.PositiveIntegerField(default=0, help_text="met, and here already")
    words = models.PositiveIntegerField(default=0)
    words_before = models.PositiveIntegerField(default=0)
    words_fresh = models.PositiveIntegerField(default=0, help_text="handed on as if they had been delivered")
    files_left = models.PositiveIntegerField(default=0, help_text="posts whose photos or videos stay where they are")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
