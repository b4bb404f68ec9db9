"""The pulse of the city: how many people say what about which topic and place, and when that becomes a surge.

Counts are kept with the messages themselves, so no page has to walk through messages. Nothing here says how a person
feels: kinds are counted by topic and hour, and who spoke is forgotten after a day.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.channels.models import Identity, Thread
from otklik.org.models import Official, TenantModel
from otklik.pulse.enums import SurgeDeed, SurgeKind


class Tally(TenantModel):
    """What was said in one hour about a topic, and with `street` about that topic there.

    The row with an empty street is the whole topic's, the streets' messages included. An empty topic: nobody knows.
    """

    hour = models.DateTimeField(help_text="the hour's beginning, UTC")
    day = models.DateField(help_text="the day of it in the city's own time")
    topic_code = models.CharField(max_length=60, blank=True)
    street = models.CharField(max_length=120, blank=True, help_text="in comparable form (pulse.scopes.street_key)")
    messages = models.PositiveIntegerField(default=0)
    voices = models.PositiveIntegerField(default=0, help_text="different people who ask or complain")
    requests = models.PositiveIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)
    ideas = models.PositiveIntegerField(default=0)
    thanks = models.PositiveIntegerField(default=0)
    venting = models.PositiveIntegerField(default=0)
    abuse = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "hour", "topic_code", "street"], name="tally_once")
        ]
        indexes = [
            models.Index(fields=["municipality", "day"], condition=Q(street=""), name="tally_of_days"),
            models.Index(fields=["municipality", "street", "hour"], condition=~Q(street=""), name="tally_of_street"),
        ]
        verbose_name_plural = "tallies"


class Voice(TenantModel):
    """That a person spoke about something in an hour, so that ten messages of one person stay one voice.

    `scope` is what about (pulse.scopes). Forgotten after a day.
    """

    scope = models.CharField(max_length=200)
    hour = models.DateTimeField()
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+", db_index=False)
    times = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "scope", "hour", "identity"], name="voice_once_an_hour")
        ]
        indexes = [models.Index(fields=["hour"], name="voice_to_forget")]


class SurgeSettings(TenantModel):
    """When many voices are a surge: a city's own thresholds. No row: the defaults hold."""

    is_on = models.BooleanField(default=True)
    voices = models.PositiveSmallIntegerField(default=10, help_text="people in an hour about one topic or place")
    times_usual = models.PositiveSmallIntegerField(default=4, help_text="times what is usual at this hour of the day")
    post_voices = models.PositiveSmallIntegerField(default=30, help_text="people in an hour under one post")
    quiet_minutes = models.PositiveSmallIntegerField(default=60, help_text="after so long without a voice it is over")
    acknowledge_once = models.BooleanField(default=True, help_text="under a post say it once, not to each")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality"], name="surge_settings_once"),
            # Quieter than the hour that voices are counted in, or what ended would be raised again by the same voices.
            models.CheckConstraint(
                condition=Q(quiet_minutes__gte=60, voices__gte=3, post_voices__gte=3, times_usual__gte=1),
                name="surge_settings_sane",
            ),
        ]


class Surge(TenantModel):
    """Many people speak of one thing at once. One row while it lasts; over by itself when it is quiet."""

    kind = models.CharField(max_length=10, choices=SurgeKind.choices)
    scope = models.CharField(max_length=200)
    topic_code = models.CharField(max_length=60, blank=True, help_text="what most of them speak of")
    street = models.CharField(max_length=120, blank=True, help_text="where it is, as people read it")
    thread = models.ForeignKey(
        Thread, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    words = models.JSONField(default=list, help_text="what many of them say, strongest first")
    voices = models.PositiveIntegerField(default=0)
    first_message_id = models.BigIntegerField(default=0, help_text="its messages have no smaller id")
    usual = models.FloatField(default=0, help_text="people in this hour of an ordinary day")
    first_voice_at = models.DateTimeField()
    last_voice_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "scope"], condition=Q(ended_at=None), name="surge_once_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["municipality", "-id"], name="surge_newest"),
            models.Index(fields=["last_voice_at"], condition=Q(ended_at=None), name="surge_going_on"),
        ]


class SurgeEntry(TenantModel):
    """One line of a surge's journal; append-only."""

    surge = models.ForeignKey(Surge, on_delete=models.CASCADE, related_name="journal")
    at = models.DateTimeField()
    actor = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    deed = models.CharField(max_length=12, choices=SurgeDeed.choices)
    detail = models.JSONField(default=dict)
