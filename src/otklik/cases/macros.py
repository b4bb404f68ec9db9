"""Macros: several things done to a case by one key, kept by those who keep the templates of answers."""

from __future__ import annotations

from django.db import models

from otklik.cases.jottings import AnswerTemplate
from otklik.org.models import Department, TenantModel, Topic


class Macro(TenantModel):
    """What is done together, each where it isn't empty. Nothing of it reaches a resident: a draft waits for a person.

    Bound to a topic (or its group) and a status, each where it isn't empty, like a template of answers.
    """

    name = models.CharField(max_length=80)
    for_topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    for_status = models.CharField(max_length=20, blank=True)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    template = models.ForeignKey(
        AnswerTemplate, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    control = models.BooleanField(default=False)
    snooze = models.CharField(max_length=10, blank=True, help_text="for how long (snoozing.SnoozeFor)")
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["municipality", "name"], name="macro_by_name")]

    def __str__(self) -> str:
        return self.name
