"""What is owed: a tracked problem with its messages, deadline, answers and history."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from otklik.cases.control import Checkpoint, ControlReport, PersonalControl  # noqa: F401 - Django finds models here
from otklik.cases.corrections import Correction, CorrectionSend  # noqa: F401 - Django finds models through this module
from otklik.cases.enums import (
    OPEN_STATUSES,
    AnswerKind,
    AnswerState,
    BulkKind,
    CaseKind,
    Outcome,
    Sharing,
    Status,
    SuggestionState,
    Verdict,
)
from otklik.cases.fieldwork import FieldDeed  # noqa: F401 - Django finds models through this module
from otklik.cases.formal import Appeal, AppealRules  # noqa: F401 - Django finds models through this module
from otklik.cases.jottings import AnswerTemplate, Note  # noqa: F401 - Django finds models through this module
from otklik.cases.ladder import Escalation  # noqa: F401 - Django finds models through this module
from otklik.cases.links import CaseLink  # noqa: F401 - Django finds models through this module
from otklik.cases.macros import Macro  # noqa: F401 - Django finds models through this module
from otklik.cases.moves import DeadlineMove  # noqa: F401 - Django finds models through this module
from otklik.cases.openness import Appraisal, SameHere, Showing  # noqa: F401 - the same
from otklik.cases.photos import CasePhoto, ShownPhoto  # noqa: F401 - Django finds models through this module
from otklik.cases.presences import Presence  # noqa: F401 - Django finds models through this module
from otklik.cases.rules import AssignmentRule, Shift  # noqa: F401 - Django finds models through this module
from otklik.cases.sendtimes import AnswerSettings  # noqa: F401 - Django finds models through this module
from otklik.cases.snoozes import Snooze  # noqa: F401 - Django finds models through this module
from otklik.cases.walking import OPEN_ENTRY
from otklik.channels.models import Channel, Identity, Message, Outgoing, Resident, Thread
from otklik.org.models import Department, Official, OutsideBody, Place, TenantModel, Topic

_OPEN = Q(is_owed=True)


class Case(TenantModel):
    """One problem of one or many residents. `number` is public, `code` private: who has it may act for the resident."""

    number = models.PositiveIntegerField()
    code = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=10, choices=CaseKind.choices, default=CaseKind.REQUEST)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NEW)
    # Computed by the database. The indexes of what is open hang on it: SQLite can't match a list of statuses, given as
    # parameters, with the list in an index's condition, and would walk through every case.
    is_owed = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(status__in=sorted(OPEN_STATUSES)), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="the city still owes something",
    )
    correction_waits = models.BooleanField(default=False, help_text="other words for a sent answer wait for approval")
    to_approve = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(status=Status.APPROVAL) | Q(correction_waits=True), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="something of it waits for a signature: an answer, or other words for a sent one",
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    urgency = models.PositiveSmallIntegerField(default=0, help_text="0 not an incident … 4 danger to life")
    summary = models.CharField(max_length=160, help_text="the first words of the first message")
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="where it came first"
    )
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    executor = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    resident = models.ForeignKey(
        Resident, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    place_text = models.CharField(max_length=200, blank=True)
    place_key = models.CharField(max_length=120, blank=True, help_text="street and house in comparable form")
    message_count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    answer_due_at = models.DateTimeField(null=True, blank=True)
    solve_due_at = models.DateTimeField(null=True, blank=True)
    postponed_until = models.DateField(null=True, blank=True)
    promise_reason = models.CharField(max_length=300, blank=True)
    interim_answered_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True, help_text="the clock stands still since then")
    due_before_wait = models.DateTimeField(null=True, blank=True, help_text="the deadline that the clock stopped at")
    clock_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="how long the present deadline is")
    warned = models.PositiveSmallIntegerField(default=0, help_text="percent of the time that officials were told of")
    wakes_at = models.DateTimeField(null=True, blank=True, help_text="when time next has something to say about it")
    calendar_version = models.CharField(max_length=40, blank=True)
    repeat_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeats", db_index=False
    )
    redirected_to = models.ForeignKey(
        OutsideBody, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    personal_control = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False, help_text="an operator cleared it for the public page")
    resident_agreed = models.BooleanField(default=False, help_text="the resident let it be public")
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5, by the resident")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "number"], name="case_number"),
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__range=(1, 5)), name="case_rating"),
        ]
        indexes = [
            models.Index(fields=["municipality", "-id"], name="case_newest"),
            # What stands behind the id lets a list leave out a case without reading it (cases.walking).
            models.Index(fields=["municipality", "status", "-id", "department", "channel"], name="case_by_status"),
            models.Index(fields=["municipality", "department", "-id", "status", "channel"], name="case_by_department"),
            models.Index(
                fields=["municipality", "topic", "-id", "department", "status", "channel"], name="case_by_topic"
            ),
            models.Index(fields=["municipality", "channel", "-id", "department", "status"], name="case_by_channel"),
            models.Index(fields=OPEN_ENTRY, name="case_open"),
            models.Index(fields=["municipality", "answer_due_at", "id"], condition=_OPEN, name="case_due"),
            models.Index(
                fields=["municipality", "department", "answer_due_at"], condition=_OPEN, name="case_due_there"
            ),
            # The desk counts what waits in each view on every page: no count may walk through all that is open.
            models.Index(fields=["municipality", "department", "status"], name="case_waiting"),
            models.Index(fields=["executor", "-id"], condition=_OPEN, name="case_mine"),
            models.Index(fields=["executor", "-id"], condition=Q(executor__isnull=False), name="case_of_executor"),
            models.Index(fields=["municipality", "topic", "place_key"], condition=_OPEN, name="case_same_problem"),
            models.Index(fields=["municipality", "-id"], condition=Q(personal_control=True), name="case_control"),
            models.Index(
                fields=["municipality", "-id", "department", "topic", "channel"],
                condition=Q(to_approve=True),
                name="case_to_approve",
            ),
            models.Index(fields=["municipality", "-id"], condition=Q(is_public=True), name="case_public"),
            models.Index(fields=["municipality", "closed_at"], condition=Q(verdict="solved"), name="case_confirmed"),
            models.Index(fields=["answered_at"], condition=Q(status="answered"), name="case_silent"),
            models.Index(fields=["wakes_at"], condition=Q(wakes_at__isnull=False), name="case_wakes"),
            models.Index(fields=["repeat_of"], condition=Q(repeat_of__isnull=False), name="case_repeats"),
            models.Index(fields=["municipality", "place_key", "topic"], name="case_same_place"),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether the city still owes something."""
        return self.status in OPEN_STATUSES


class CaseMessage(TenantModel):
    """A message told about this case. A message belongs to at most one case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="case_messages")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="case_message")
    identity = models.ForeignKey(
        Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["municipality", "thread", "identity"], name="case_of_conversation")]


class Acknowledgement(TenantModel):
    """That we told a person we have it: once per person and thread, whatever else they write there."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+", db_index=False)
    outgoing = models.OneToOneField(Outgoing, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "thread", "identity"], name="acknowledged_once")]


class Answer(TenantModel):
    """What the city says to a case: written by one person, approved by another."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    text = models.TextField()
    kind = models.CharField(max_length=10, choices=AnswerKind.choices, default=AnswerKind.FINAL)
    state = models.CharField(max_length=10, choices=AnswerState.choices, default=AnswerState.DRAFT)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.EXPLAINED)
    promised_on = models.DateField(null=True, blank=True, help_text="of a promise")
    reason = models.CharField(max_length=300, blank=True, help_text="of a promise: why it takes until then")
    body = models.ForeignKey(OutsideBody, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    in_heads_name = models.BooleanField(default=False)
    author = models.ForeignKey(Official, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(Official, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    remark = models.TextField(blank=True, help_text="why it was sent back")
    source_message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.SET_NULL, help_text="when it was typed in the network's app"
    )
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    send_at = models.DateTimeField(null=True, blank=True, help_text="approved to be sent then; empty: at once")
    sent_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True, help_text="since when it has other words than at first")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "case"],
                condition=Q(state__in=["draft", "submitted", "approved"]),
                name="one_answer_at_a_time",
            )
        ]
        ordering = ["id"]


class AnswerSend(TenantModel):
    """One thread that an answer goes to."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="sends")
    outgoing = models.OneToOneField(Outgoing, on_delete=models.CASCADE, related_name="answer_send")


class CaseReturn(TenantModel):
    """A case that a department gave back as not its own, and whose it is in its eyes. Counted per department."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="returns")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=300)
    official = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True, help_text="the case went where it was proposed to")
    is_final = models.BooleanField(default=False, help_text="a curator decided for good, after it went to and fro")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "case"], condition=Q(decided_at=None), name="one_return_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["municipality", "department", "at"], name="returns_of_department")]
        ordering = ["id"]


class JournalEntry(TenantModel):
    """One line of a case's history. Append-only: neither changed nor removed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="journal", db_index=False)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    action = models.CharField(max_length=30)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="journal_of_case")]
        ordering = ["id"]
        verbose_name_plural = "journal entries"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new line. Raises TypeError for one that is already there."""
        if not self._state.adding:
            raise TypeError("the journal is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise TypeError: history stays."""
        raise TypeError("the journal is append-only")


class Trace(TenantModel):
    """By what a told problem is recognised when it is told again: one of the keys of its message (intake.recognising).

    A key leads to one message, whose case was open when the key was set; a closed case's keys go to the next one that
    has them. So a lookup reads at most as many rows as it asks for, however many messages there are.
    """

    key = models.BigIntegerField()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "key"], name="trace_once")]


class Suggestion(TenantModel):
    """That a message, or the case it opened, is possibly about the same as an open case; a person decides."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.CASCADE, related_name="suggestions", help_text="that it opened"
    )
    candidate = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="resembled_by")
    score = models.FloatField()
    reasons = models.JSONField(default=list, help_text="[rule, what it speaks of], as triage.alike tells them")
    state = models.CharField(max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN)
    decided_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "message", "candidate"], name="suggested_once"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="suggestion_score"),
        ]


class Merger(TenantModel):
    """That a case is a duplicate of another, and what it takes to split them again."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="mergers")
    into = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="merged")
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    status_before = models.CharField(max_length=20, choices=Status.choices)
    moved = models.JSONField(default=list, help_text="the messages that went along")
    inherited = models.JSONField(default=dict, help_text="field of the other case → [before, after]")
    wakes_at = models.DateTimeField(null=True, blank=True, help_text="the duplicate's own, as it was")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "case"], condition=Q(undone_at=None), name="merged_once")
        ]


class CaseTally(TenantModel):
    """How many more, or fewer, cases there are of one sort: a note of a change, or many added up (cases.tallies).

    Written by triggers: a column more in `Case` needs nothing here, one more to count by needs all of it.
    """

    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=20)
    personal_control = models.BooleanField()
    to_approve = models.BooleanField(db_default=False)
    is_urgent = models.BooleanField()
    amount = models.IntegerField()
    is_folded = models.BooleanField(db_default=False)

    class Meta:
        indexes = [models.Index(fields=["municipality", "department"], name="tally_of_department")]
        verbose_name_plural = "case tallies"


class SavedView(TenantModel):
    """A list that somebody keeps: what narrows it, for oneself, for a department or for the whole city."""

    owner = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+")
    sharing = models.CharField(max_length=10, choices=Sharing.choices, default=Sharing.OWN)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict, help_text="view, status, department, topic, channel, due, control, mine")
    position = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["municipality", "position", "id"], name="saved_view_order")]

    def __str__(self) -> str:
        return self.name


class BulkAction(TenantModel):
    """One thing done to many cases at once, so that it can be taken back."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=BulkKind.choices)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)


class BulkStep(TenantModel):
    """What a bulk action changed in one case: as it was before."""

    action = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="steps")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    before = models.JSONField(default=dict)
