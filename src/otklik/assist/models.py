"""The city's own language model, where it has one: who let it be used for what, and what it was asked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.assist.enums import Trouble, Use, Wish
from otklik.cases.models import Case
from otklik.channels.models import Message
from otklik.org.models import Official, TenantModel


class ModelSettings(TenantModel):
    """Where a city's language model is and what it may be used for. No row, or off: nothing of it is on any screen."""

    is_on = models.BooleanField(default=False)
    base_url = models.CharField(
        max_length=300, blank=True, help_text="OpenAI-compatible, such as http://10.0.0.5:8080/v1"
    )
    model = models.CharField(max_length=120, blank=True)
    sealed_key = models.BinaryField(default=bytes)
    for_drafts = models.BooleanField(default=False)
    for_summaries = models.BooleanField(default=False)
    for_translation = models.BooleanField(default=False)
    masks = models.BooleanField(default=True, help_text="phones, addresses and numbers are hidden before a text leaves")
    timeout_s = models.PositiveSmallIntegerField(default=60)
    summary_from = models.PositiveSmallIntegerField(default=12, help_text="messages that make a conversation long")
    # Who said that texts may leave to this address, for these uses, masked or not; asked again when any of it changes.
    agreed_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality"], name="model_settings_once")]

    def allows(self, use: Use) -> bool:
        """Return whether the model may be asked for this."""
        chosen = {Use.DRAFT: self.for_drafts, Use.SUMMARY: self.for_summaries, Use.TRANSLATION: self.for_translation}
        return self.is_on and self.agreed_at is not None and chosen[use]


class MachineText(TenantModel):
    """One question to the model and what it wrote. Rows are the truth: a worker takes what is queued."""

    use = models.CharField(max_length=12, choices=Use.choices)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="machine_texts")
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    language = models.CharField(max_length=5, help_text="in which it is to be written")
    asked_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=Wish.choices, default=Wish.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    trouble = models.CharField(max_length=12, choices=Trouble.choices, blank=True)
    messages_read = models.PositiveIntegerField(default=0)
    has_strange_contacts = models.BooleanField(default=False, help_text="a link or number that the case doesn't hold")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "case", "use"],
                condition=Q(state__in=["queued", "working"], message=None),
                name="machine_text_once_a_case",
            ),
            models.UniqueConstraint(
                fields=["municipality", "message", "use"],
                condition=Q(state__in=["queued", "working"], message__isnull=False),
                name="machine_text_once_a_message",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state__in=["queued", "working"]), name="machine_text_due")]
