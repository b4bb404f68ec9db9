"""What everybody sees of a case, and what they say to it without writing: "me too", and how the answer was.

Tables of their own: most cases are never shown, and nothing that opens a case has to fill them in.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.cases.enums import Withdrawal
from otklik.channels.models import Message
from otklik.org.models import Official, TenantModel


class Showing(TenantModel):
    """The words of a case that an operator cleared for everybody; a tombstone without words once they were taken off.

    Only these words are ever shown: a message edited later doesn't change them, a deleted one takes them along.
    """

    case = models.OneToOneField("cases.Case", on_delete=models.CASCADE, related_name="showing")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", help_text="whose words they are")
    title = models.CharField(max_length=160, blank=True)
    text = models.TextField(blank=True)
    hidden = models.JSONField(default=list, help_text="which words of the message are hidden, by their numbers")
    stems = models.TextField(blank=True, help_text="the words to be found by, between spaces")
    cleared_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    cleared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Empty where its author deleted the message.
    withdrawal = models.CharField(max_length=10, choices=Withdrawal.choices, blank=True)
    same_here = models.PositiveIntegerField(default=0, help_text="how many said that they have it too")


class SameHere(TenantModel):
    """That somebody has the same problem: one browser, one voice. Nothing else is known of them."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    visitor = models.CharField(max_length=64, help_text="digest of the number in the browser's signed cookie")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "case", "visitor"], name="same_here_once")]
        verbose_name_plural = "same here"


class Appraisal(TenantModel):
    """How the resident found the answer: how they were treated, and what came of it, each from 1 to 5."""

    case = models.OneToOneField("cases.Case", on_delete=models.CASCADE, related_name="appraisal")
    attitude = models.PositiveSmallIntegerField()
    result = models.PositiveSmallIntegerField()
    given_at = models.DateTimeField(help_text="the first time: it may be changed for a day")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attitude__range=(1, 5)) & Q(result__range=(1, 5)), name="appraisal_from_one_to_five"
            )
        ]
