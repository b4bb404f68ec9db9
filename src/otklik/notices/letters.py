"""What leaves the desk for officials: how the city sends, what each chose, and every letter with its state.

A letter holds numbers of cases, kinds and links, never a resident's words.
"""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import Q

from otklik.notices.enums import LetterState, Matter, Tempo, Way
from otklik.org.models import Official, TenantModel

TELEGRAM = "https://api.telegram.org"


class Carrier(TenantModel):
    """A city's way out: its mail server, or its bot for officials. The secret is sealed like a channel's."""

    way = models.CharField(max_length=10, choices=Way.choices)
    is_on = models.BooleanField(default=False)
    host = models.CharField(max_length=200, blank=True, help_text="of mail; of Telegram the base of its Bot API")
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(
        max_length=10, choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", "—")], default="starttls"
    )
    user = models.CharField(max_length=200, blank=True)
    sender = models.EmailField(blank=True)
    sealed_secret = models.BinaryField(default=bytes)
    bot_name = models.CharField(max_length=64, blank=True)
    offset = models.BigIntegerField(default=0, help_text="the next update of the bot to read")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "way"], name="carrier_once")]


class Choice(TenantModel):
    """What an official chose about one matter. No row: on the bell of the desk only."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    matter = models.CharField(max_length=12, choices=Matter.choices)
    in_desk = models.BooleanField(default=True)
    by_email = models.BooleanField(default=False)
    by_telegram = models.BooleanField(default=False)
    by_push = models.BooleanField(default=False)
    tempo = models.CharField(max_length=10, choices=Tempo.choices, default=Tempo.NOW)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "official", "matter"], name="choice_once")]

    @property
    def ways(self) -> list[Way]:
        """By which ways it leaves the desk."""
        chosen = ((Way.EMAIL, self.by_email), (Way.TELEGRAM, self.by_telegram), (Way.PUSH, self.by_push))
        return [way for way, on in chosen if on]


class Reach(TenantModel):
    """How an official is reached outside the desk, and when they are left in peace (the city's own time)."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    quiet_from = models.TimeField(default=time(20, 0))
    quiet_to = models.TimeField(default=time(8, 0))
    telegram_chat = models.BigIntegerField(null=True, blank=True)
    code_sha256 = models.CharField(max_length=64, blank=True, help_text="of the code that links Telegram, once")
    code_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "official"], name="reach_once")]
        indexes = [
            models.Index(fields=["municipality", "code_sha256"], condition=~Q(code_sha256=""), name="reach_by_code")
        ]
        verbose_name_plural = "reaches"


class Device(TenantModel):
    """A browser that an official wants to be told in: its push service's address, and what to encrypt for it with."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    endpoint = models.CharField(max_length=1000)
    endpoint_sha256 = models.CharField(max_length=64)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    name = models.CharField(max_length=80, blank=True, help_text="what the browser calls itself")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "endpoint_sha256"], name="device_once")]
        indexes = [models.Index(fields=["municipality", "official", "id"], name="device_of_official")]


class Letter(TenantModel):
    """One thing sent to one official by one way. While it waits, more notices join it: a flood becomes one letter."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    way = models.CharField(max_length=10, choices=Way.choices)
    key = models.CharField(max_length=80, help_text="the matter: sent once by each way")
    is_gathering = models.BooleanField(default=False, help_text="notices may still join it")
    tempo = models.CharField(max_length=10, choices=Tempo.choices, default=Tempo.NOW)
    content = models.JSONField(default=dict, help_text="of a digest or report: matter, path, counts")
    state = models.CharField(max_length=10, choices=LetterState.choices, default=LetterState.QUEUED)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "official", "way", "key"], name="letter_once"),
            models.UniqueConstraint(
                fields=["municipality", "official", "way", "tempo"],
                condition=Q(is_gathering=True),
                name="letter_gathers_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="queued"), name="letter_due"),
            models.Index(fields=["claimed_by"], condition=Q(state="sending"), name="letter_on_its_way"),
            models.Index(
                fields=["municipality", "-id"], condition=Q(state__in=["failed", "unknown"]), name="letter_trouble"
            ),
            models.Index(fields=["municipality", "official", "-id"], name="letter_newest"),
        ]


class LetterLine(TenantModel):
    """A notice that a letter tells of."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="lines")
    notice = models.ForeignKey("notices.Notice", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "letter", "notice"], name="letter_line_once")]
