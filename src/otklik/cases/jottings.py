"""What officials write for themselves: notes on a case that never leave the desk, and templates of answers."""

from __future__ import annotations

from django.db import models

from otklik.org.models import Department, Official, TenantModel, Topic


class Note(TenantModel):
    """A word between colleagues about a case. No resident ever sees it, and nothing that is sent is made of it."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notes", db_index=False)
    author = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    text = models.TextField()
    mentioned = models.JSONField(default=list, help_text="ids of the officials who were told")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="note_of_case")]


class AnswerTemplate(TenantModel):
    """Words to begin an answer with. A person reads, changes and hands them on: nothing is sent by itself.

    Bound to a department, a topic (or its group) and a status, each where it isn't empty.
    """

    name = models.CharField(max_length=80)
    text = models.TextField(help_text="with {name}, {number}, {address}, {department}, {promised}")
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=20, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["municipality", "name"], name="template_by_name")]

    def __str__(self) -> str:
        return self.name
