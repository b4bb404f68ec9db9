"""Other words for an answer that residents have: proposed, approved by another person, brought to where the answer is.

The answer holds the words that hold now; what it said before stands here, so that nobody rewrites what a city has said.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.cases.enums import CorrectionState
from otklik.channels.models import Outgoing
from otklik.org.models import Official, TenantModel


class Correction(TenantModel):
    """One change of an answer that was sent. Its photos stay as they are. Approved, it never changes any more."""

    answer = models.ForeignKey("cases.Answer", on_delete=models.CASCADE, related_name="corrections", db_index=False)
    text = models.TextField()
    before = models.TextField(help_text="what the answer said until then")
    reason = models.CharField(max_length=300, help_text="why; colleagues read it, residents don't")
    hides_before = models.BooleanField(default=False, help_text="what it said before held somebody's personal data")
    state = models.CharField(max_length=10, choices=CorrectionState.choices, default=CorrectionState.SUBMITTED)
    author = models.ForeignKey(Official, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(Official, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    remark = models.TextField(blank=True, help_text="why it was sent back")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "answer"], condition=Q(state="submitted"), name="one_correction_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["answer", "id"], name="corrections_of_answer")]
        ordering = ["id"]


class CorrectionSend(TenantModel):
    """One conversation that a correction goes to: in place of what was sent, or in a message of its own below it."""

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="sends")
    sent = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="+", db_index=False)
    outgoing = models.OneToOneField(Outgoing, on_delete=models.CASCADE, related_name="correction_send")
