"""Rows of what officials, and the one-time word, hold to be one person's."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from otklik.cases.models import Case
from otklik.channels.models import Identity
from otklik.org.models import Official, TenantModel


class IdentityLink(TenantModel):
    """That an official takes two accounts in networks for one person's: a note for the desk, with its reason.

    It gives no resident anything: who is whose by proof is a Tie. Undone, the row stays. `one` has the smaller id.
    """

    one = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="+", db_index=False, help_text="on whose screen it was done"
    )
    with_case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=300)
    linked_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    linked_at = models.DateTimeField()
    unlinked_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    unlinked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "one", "other"], condition=Q(unlinked_at=None), name="identities_linked_once"
            ),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="identity_link_order"),
        ]


class LinkQuestion(TenantModel):
    """That a one-time word came from an account in a network, and its author was asked whether they mean it.

    Nothing is tied before the author sends back what the question brought them. Kept for a day, to count them.
    """

    account = models.ForeignKey("residents.Account", on_delete=models.CASCADE, related_name="link_questions")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    code_digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "identity"], condition=Q(answered_at=None), name="one_link_question"
            )
        ]
        indexes = [models.Index(fields=["asked_at"], name="link_question_age")]
