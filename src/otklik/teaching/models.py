"""What people taught, and what was learnt of it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from otklik.channels.models import Message
from otklik.org.models import Official, TenantModel
from otklik.teaching.enums import About, RefitState, Source, Stage, VersionState


class Label(TenantModel):
    """What a person said a message is. Append-only; the newest of a message counts; an empty value takes it back."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="labels", db_index=False)
    about = models.CharField(max_length=10, choices=About.choices)
    value = models.CharField(max_length=60, blank=True, help_text="a topic's or department's code, a kind, a place")
    source = models.CharField(max_length=12, choices=Source.choices)
    by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["municipality", "-id"], name="label_newest"),
            models.Index(fields=["message", "about", "-id"], name="label_of_message"),
            models.Index(fields=["municipality", "by", "at"], name="label_by_person"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new label. Raises TypeError for one that is already there."""
        if not self._state.adding:
            raise TypeError("labels are append-only: add another one")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise TypeError: what was said stays; add an empty label to take it back."""
        raise TypeError("labels are append-only: add an empty one")


class Version(TenantModel):
    """What one refit learnt, with how good it was found to be. The bytes of old ones go, their figures stay."""

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices)
    reason = models.JSONField(default=dict, help_text="why it was accepted or refused: a code and its figures")
    learnt = models.BinaryField(null=True, help_text="triage.learnt.Learnt; none for a refused or an old one")
    card = models.JSONField(default=dict, help_text="teaching.cards.Card as it was then")
    labels = models.PositiveIntegerField(help_text="labelled messages it learnt from")
    frozen = models.PositiveIntegerField(help_text="labelled messages it was checked on")
    took_s = models.FloatField(default=0)
    made_at = models.DateTimeField()
    asked_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"№ {self.number}"


class Learning(TenantModel):
    """How a city's triage learns: which version is in use, how sure it must be, when it learns next."""

    in_use = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    group_precision = models.FloatField(default=0.90)
    topic_precision = models.FloatField(default=0.85)
    refit_due_at = models.DateTimeField(help_text="the next night's turn")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality"], name="learning_once"),
            models.CheckConstraint(
                condition=Q(group_precision__range=(0.5, 0.99), topic_precision__range=(0.5, 0.99)),
                name="learning_precision",
            ),
        ]
        indexes = [models.Index(fields=["refit_due_at"], name="learning_due")]


class Refit(TenantModel):
    """One learning anew: asked for by a person or the night, carried by a worker."""

    state = models.CharField(max_length=10, choices=RefitState.choices, default=RefitState.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    asked_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    note = models.JSONField(default=dict, help_text="what came of it, where no version did: a code and its figures")
    version = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(state__in=["queued", "running"]), name="one_refit_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["queued", "running"]), name="refit_due"),
            models.Index(fields=["municipality", "-id"], name="refit_newest"),
        ]
