"""The words of a case's life, and which step may follow which."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a case stands (domain reference, Statuses)."""

    NEW = "new", _("New")
    TRIAGE = "triage", _("Being sorted")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    DRAFTING = "drafting", _("Answer being written")
    APPROVAL = "approval", _("Waits for approval")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")
    RETURNED = "returned", _("Returned")
    WAITING_RESIDENT = "waiting_resident", _("Waits for the resident")
    POSTPONED = "postponed", _("Postponed")
    REOPENED = "reopened", _("Reopened")
    DUPLICATE = "duplicate", _("Duplicate")
    REJECTED = "rejected", _("Rejected")
    REDIRECTED = "redirected", _("Passed on")


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.NEW: frozenset({S.TRIAGE, S.ASSIGNED, S.DUPLICATE, S.REJECTED, S.REDIRECTED}),
    S.TRIAGE: frozenset({S.ASSIGNED, S.DUPLICATE, S.REJECTED, S.REDIRECTED}),
    S.ASSIGNED: frozenset(
        {S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.RETURNED, S.WAITING_RESIDENT, S.POSTPONED}
        | {S.DUPLICATE, S.REJECTED, S.REDIRECTED}
    ),
    S.IN_PROGRESS: frozenset(
        {S.ASSIGNED, S.DRAFTING, S.RETURNED, S.WAITING_RESIDENT, S.POSTPONED, S.DUPLICATE, S.REJECTED, S.REDIRECTED}
    ),
    S.DRAFTING: frozenset(
        {S.ASSIGNED, S.IN_PROGRESS, S.APPROVAL, S.RETURNED, S.WAITING_RESIDENT, S.POSTPONED}
        | {S.DUPLICATE, S.REJECTED, S.REDIRECTED}
    ),
    S.APPROVAL: frozenset({S.DRAFTING, S.ANSWERED}),
    S.ANSWERED: frozenset({S.CLOSED, S.REOPENED}),
    S.CLOSED: frozenset({S.REOPENED}),
    S.RETURNED: frozenset({S.TRIAGE, S.ASSIGNED, S.DUPLICATE, S.REJECTED, S.REDIRECTED}),
    S.WAITING_RESIDENT: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.CLOSED}),
    S.POSTPONED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.POSTPONED}),
    S.REOPENED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.DUPLICATE, S.REDIRECTED}),
    S.DUPLICATE: frozenset(),
    S.REJECTED: frozenset(),
    S.REDIRECTED: frozenset(),
}
"""The whole life of a case: what isn't here can't happen (services.moving refuses it)."""

OPEN_STATUSES = frozenset(
    {S.NEW, S.TRIAGE, S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.APPROVAL}
    | {S.RETURNED, S.WAITING_RESIDENT, S.POSTPONED, S.REOPENED}
)
"""The city still owes something."""

WORKED_STATUSES = frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.POSTPONED, S.WAITING_RESIDENT, S.REOPENED})
"""An executor may write an answer."""


class Outcome(models.TextChoices):
    """How it ended, apart from where it stands."""

    RESOLVED = "resolved", _("Solved")
    EXPLAINED = "explained", _("Explained")
    POSTPONED = "postponed", _("Promised for later")
    REFUSED = "refused", _("Refused")


class CaseKind(models.TextChoices):
    """What the resident came with."""

    REQUEST = "request", _("Request")
    QUESTION = "question", _("Question")
    IDEA = "idea", _("Idea")


class AnswerState(models.TextChoices):
    """A draft's way to the resident."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved, being sent")
    SENT = "sent", _("Sent")
    DECLINED = "declined", _("Sent back to the author")


class Verdict(models.TextChoices):
    """What the resident says of it."""

    SOLVED = "solved", _("Solved")
    NOT_SOLVED = "not_solved", _("Not solved")
