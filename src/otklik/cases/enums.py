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
_ENDS = frozenset({S.DUPLICATE, S.REJECTED})
"""A person may end it so without an answer. Everything else that ends it is told to the resident first."""

TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.NEW: frozenset({S.TRIAGE, S.ASSIGNED, S.DRAFTING}) | _ENDS,
    S.TRIAGE: frozenset({S.ASSIGNED, S.DRAFTING}) | _ENDS,
    S.ASSIGNED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.RETURNED}) | _ENDS,
    S.IN_PROGRESS: frozenset({S.ASSIGNED, S.DRAFTING, S.RETURNED}) | _ENDS,
    S.DRAFTING: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.APPROVAL, S.RETURNED}) | _ENDS,
    # What was approved says where the case goes on: answered, or a question, a promise, an interim word, another body.
    S.APPROVAL: frozenset(
        {S.DRAFTING, S.ANSWERED, S.IN_PROGRESS, S.WAITING_RESIDENT, S.POSTPONED, S.REDIRECTED},
    ),
    S.ANSWERED: frozenset({S.CLOSED, S.REOPENED}),
    S.CLOSED: frozenset({S.REOPENED}),
    S.RETURNED: frozenset({S.TRIAGE, S.ASSIGNED, S.DRAFTING}) | _ENDS,
    S.WAITING_RESIDENT: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.CLOSED}),
    S.POSTPONED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING}),
    S.REOPENED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.DRAFTING, S.DUPLICATE}),
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


EMERGENCY = 4
"""The urgency at which the clock runs around the clock and the acknowledgement names the emergency number."""


class Outcome(models.TextChoices):
    """How it ended, apart from where it stands."""

    RESOLVED = "resolved", _("Solved")
    EXPLAINED = "explained", _("Explained")
    POSTPONED = "postponed", _("Promised for later")
    REFUSED = "refused", _("Refused")
    REDIRECTED = "redirected", _("Passed to another body")
    NO_REPLY = "no_reply", _("No word from the resident")


ANSWER_OUTCOMES = (Outcome.RESOLVED, Outcome.EXPLAINED, Outcome.REFUSED)
"""What a final answer may come to; the others follow from what is said: a promise, another body, silence."""


class CaseKind(models.TextChoices):
    """What the resident came with."""

    REQUEST = "request", _("Request")
    QUESTION = "question", _("Question")
    IDEA = "idea", _("Idea")


class AnswerKind(models.TextChoices):
    """What an answer is, and so where the case goes when it is sent. Every kind is approved by another person."""

    FINAL = "final", _("Answer")
    INTERIM = "interim", _("Interim answer")
    QUESTION = "question", _("Question to the resident")
    PROMISE = "promise", _("Promise with a date")
    REDIRECT = "redirect", _("Passing on to another body")


class AnswerState(models.TextChoices):
    """A draft's way to the resident."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved, being sent")
    SENT = "sent", _("Sent")
    DECLINED = "declined", _("Sent back to the author")


class CorrectionState(models.TextChoices):
    """How far other words for a sent answer got."""

    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Sent back to the author")
    WITHDRAWN = "withdrawn", _("Taken back")


class Verdict(models.TextChoices):
    """What the resident says of it."""

    SOLVED = "solved", _("Solved")
    NOT_SOLVED = "not_solved", _("Not solved")


class SuggestionState(models.TextChoices):
    """What a person made of "possibly the same"."""

    OPEN = "open", _("Not decided")
    ACCEPTED = "accepted", _("The same")
    DECLINED = "declined", _("Not the same")


class Sharing(models.TextChoices):
    """Who works with a saved view."""

    OWN = "own", _("Only me")
    DEPARTMENT = "department", _("My department")
    CITY = "city", _("The whole city")


class BulkKind(models.TextChoices):
    """What can be done to many cases at once."""

    ASSIGN = "assign", _("Pass to a department")
    TOPIC = "topic", _("Correct the topic")
    CONTROL = "control", _("Take under personal control")
    REJECT = "reject", _("Reject as spam or abuse")
    SNOOZE = "snooze", _("Put out of my sight for a while")
    MACRO = "macro", _("Run a macro")


class CheckpointState(models.TextChoices):
    """What became of a checkpoint of personal control."""

    AHEAD = "ahead", _("Ahead")
    DUE = "due", _("Report asked for")
    REPORTED = "reported", _("Reported")
    MISSED = "missed", _("No report")
    DROPPED = "dropped", _("Not needed any more")


CHECKPOINTS = (25, 50, 75)
"""Percent of the time to the deadline when the head hears how it goes (domain reference, Default SLA)."""


class ControlState(models.TextChoices):
    """How a case under personal control stands, worst first."""

    MISSED = "missed", _("No report")
    LATE = "late", _("Overdue")
    REPORT = "report", _("Report asked for")
    RELEASE = "release", _("Waits for your word")
    QUIET = "quiet", _("On its way")


class Withdrawal(models.TextChoices):
    """Why something is no longer on the public page."""

    RESIDENT = "resident", _("The resident asked for it")
    PERSONAL = "personal", _("It held somebody's personal data")
    MISTAKE = "mistake", _("It was shown by mistake")


class PhotoUse(models.TextChoices):
    """What an official put a photo to a case for."""

    ANSWER = "answer", _("With the answer")
    REPORT = "report", _("With a report to the head")
    EVIDENCE = "evidence", _("Before or after")


class PhotoSide(models.TextChoices):
    """Which side of the work a photo shows."""

    NONE = "", ""
    BEFORE = "before", _("Before")
    AFTER = "after", _("After")


class MoveKind(models.TextChoices):
    """How a deadline came to be another one."""

    DEADLINE = "deadline", _("Deadline moved")
    PROMISE = "promise", _("Another day promised")
