"""What reaches us and what we send: accounts, raw deliveries, people, threads, messages, outgoing rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.channels.acceptances import Acceptance  # noqa: F401 - Django finds models through this module
from otklik.channels.applications import Application  # noqa: F401 - Django finds models through this module
from otklik.channels.backfills import Backfill  # noqa: F401 - Django finds models through this module
from otklik.channels.blocks import Block  # noqa: F401 - Django finds models through this module
from otklik.channels.enums import (
    Decision,
    DeliveryState,
    FetchState,
    MessageKind,
    Network,
    OutgoingState,
    SecurityEventKind,
    Visibility,
)
from otklik.channels.fediverse import (  # noqa: F401 - Django finds models through this module
    Dispatch,
    Follower,
    Parcel,
    Signer,
    Unproven,
)
from otklik.channels.figures import (  # noqa: F401 - Django finds models through this module
    AccountFigure,
    Audience,
    MeasuredPost,
    Measuring,
    PostFigure,
    Reaction,
    ReactionMark,
)
from otklik.channels.health import ChannelHealth, ChannelHour  # noqa: F401 - Django finds models through this module
from otklik.channels.hidings import Hiding  # noqa: F401 - Django finds models through this module
from otklik.channels.lookups import LookUp  # noqa: F401 - Django finds models through this module
from otklik.channels.polls import Poll  # noqa: F401 - Django finds models through this module
from otklik.media.models import StoredFile
from otklik.org.models import Official, TenantModel


class Channel(TenantModel):
    """One connected account. Its secrets are sealed (common.vault); `hook_token` makes its webhook's address."""

    name = models.SlugField(max_length=60)
    network = models.CharField(max_length=20, choices=Network.choices)
    title = models.CharField(max_length=200, blank=True)
    hook_token = models.CharField(max_length=64, unique=True)
    settings = models.JSONField(default=dict)
    sealed_secrets = models.BinaryField(default=bytes)
    is_enabled = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=300, blank=True, help_text="why it is switched off, in somebody's words")
    off_at = models.DateTimeField(null=True, blank=True)
    off_by = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    accepted = models.JSONField(
        default=list, help_text="what the law restricts and an administrator has acknowledged (services.accepting)"
    )
    revision = models.PositiveIntegerField(default=1, help_text="grows with every change; the gate reloads by it")
    last_delivery_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="channel_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title or self.name


class Delivery(TenantModel):
    """One inbound payload as it came; append-only but for its state. Written before the network hears 200."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    dedup_key = models.CharField(max_length=200)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.RECEIVED)
    note = models.TextField(blank=True)
    parsed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "channel", "dedup_key"], name="delivery_once"),
        ]
        indexes = [
            models.Index(fields=["channel", "id"], condition=Q(state="received"), name="delivery_due"),
            models.Index(
                fields=["municipality", "-id"], condition=Q(state__in=["failed", "partial"]), name="delivery_trouble"
            ),
        ]
        verbose_name_plural = "deliveries"


class SecurityEvent(TenantModel):
    """Refusals at the door, counted by the hour: a flood of forgeries costs one row."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=20, choices=SecurityEventKind.choices)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "channel", "kind", "hour"], name="security_event_hour")
        ]


class Resident(TenantModel):
    """A person behind one or more identities; joined only by the person's own proof or an operator's link."""

    display_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()


class Identity(TenantModel):
    """One account of a person in one network."""

    network = models.CharField(max_length=20, choices=Network.choices)
    external_id = models.CharField(max_length=120)
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="identities")
    display_name = models.CharField(max_length=200, blank=True)
    handle = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=500, blank=True)
    is_bot = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    wave_at = models.DateTimeField(null=True, blank=True, help_text="since when its messages are counted (flooding)")
    wave_count = models.PositiveIntegerField(default=0, db_default=0)
    blocked_until = models.DateTimeField(
        null=True, blank=True, help_text="no case opens of what it writes before (residents.services.blocking)"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "network", "external_id"], name="identity_once")]
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        # A network's number means nothing to a reader: a nameless person has no name, and templates say so.
        return self.display_name or self.handle


class Thread(TenantModel):
    """A place where people talk: the comments of one post, or one person's direct messages."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=200)
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    post_external_id = models.CharField(max_length=200, blank=True, db_default="")
    permalink = models.CharField(max_length=500, blank=True, db_default="")
    subject = models.CharField(max_length=200, blank=True, db_default="", help_text="its own title, of letters")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "key"], name="thread_once")]
        indexes = [models.Index(fields=["municipality", "channel", "post_external_id"], name="thread_of_post")]


class Message(TenantModel):
    """What was said. `object_key` names the thing in its network; `root_key` the first words of its conversation.

    A deleted message keeps a tombstone: its text goes, the row and its place in the conversation stay.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages", db_index=False)
    identity = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.SET_NULL)
    object_key = models.CharField(max_length=240)
    external_id = models.CharField(max_length=120)
    external_version = models.BigIntegerField(default=0)
    parent_key = models.CharField(max_length=240, blank=True)
    root_key = models.CharField(max_length=240)
    kind = models.CharField(max_length=20, choices=MessageKind.choices)
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    is_ours = models.BooleanField(default=False)
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    is_automated = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    permalink = models.CharField(max_length=500, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(Delivery, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    # What triage made of it.
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.PENDING)
    decision_reason = models.CharField(max_length=300, blank=True)
    speech = models.CharField(max_length=12, blank=True, help_text="triage's kind: request, question, thanks, …")
    topic_code = models.CharField(max_length=60, blank=True)
    urgency = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=5, blank=True)
    verdict = models.JSONField(default=dict, help_text="confidences, reasons, place and personal data spans")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "object_key"], name="message_once")]
        indexes = [
            models.Index(fields=["thread", "occurred_at", "id"], name="message_in_thread"),
            models.Index(fields=["thread", "root_key"], name="message_conversation"),
            models.Index(fields=["municipality", "-id"], name="message_newest"),
            models.Index(fields=["municipality", "-id"], condition=Q(decision="operator"), name="message_operator"),
            models.Index(fields=["id"], condition=Q(decision="pending"), name="message_due"),
            models.Index(fields=["id"], condition=Q(decision="joined", speech=""), name="message_not_read"),
            models.Index(fields=["municipality", "occurred_at"], condition=Q(decision="spam"), name="message_spam"),
        ]

    @property
    def is_public(self) -> bool:
        """Whether everybody could read it where it was written."""
        return self.visibility == Visibility.PUBLIC


class MessageVersion(TenantModel):
    """What a message said before it was edited."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="versions")
    external_version = models.BigIntegerField()
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "message", "external_version"], name="message_version")
        ]


class MessageFile(TenantModel):
    """One file that came with a message. Only messages that have files have such rows.

    `source_ref` and `url` are the network's; the worker fetches the file by them, outside the way of the message.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    source_ref = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    filename = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=FetchState.choices, default=FetchState.DUE)
    trouble = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    alt = models.CharField(max_length=300, blank=True, help_text="what it shows, in words, by a person of the city")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "message", "position"], name="message_file_once")
        ]
        indexes = [
            models.Index(fields=["message", "position"], name="files_of_message"),
            models.Index(fields=["due_at", "id"], condition=Q(state="due"), name="message_file_due"),
        ]


class Outgoing(TenantModel):
    """One thing we send, with its state. `idempotency_key` is unique: asking twice queues once."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    thread = models.ForeignKey(Thread, null=True, blank=True, on_delete=models.SET_NULL)
    reply_to = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    idempotency_key = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    target = models.JSONField(default=dict)
    text = models.TextField()
    official = models.ForeignKey(
        Official, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    is_automated = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=OutgoingState.choices, default=OutgoingState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    window_expires_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    receipts = models.JSONField(default=list, help_text="one per part the network took")
    edits = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        help_text="what was sent and gets these words in place of its own",
    )
    removes = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        help_text="what was sent and is taken away again",
    )
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "idempotency_key"], name="outgoing_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="outgoing_due"),
            models.Index(fields=["id"], condition=Q(state__in=["sending", "unknown"]), name="outgoing_in_doubt"),
            models.Index(
                fields=["municipality", "-id"], condition=Q(state__in=["failed", "unknown"]), name="outgoing_trouble"
            ),
            models.Index(fields=["municipality", "-id"], condition=Q(state="by_hand"), name="outgoing_by_hand"),
        ]

    @property
    def changes_sent(self) -> bool:
        """Whether it corrects or takes away what was sent, and says nothing new."""
        return self.edits_id is not None or self.removes_id is not None


class OutgoingFile(TenantModel):
    """A photo that goes along with what we send. Which ones go, and in what order, never changes once it is queued."""

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="files", db_index=False)
    position = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    alt = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "outgoing", "position"], name="outgoing_file_once")
        ]
        indexes = [models.Index(fields=["outgoing", "position"], name="files_of_outgoing")]


class SearchEntry(TenantModel):
    """The words of one thing that can be found: a message with its author's name, or an answer.

    The triggers and the generated column that make it searchable are in migration 0005: whoever changes this table on
    SQLite makes them anew. `case_ref` and `answer_ref` are ids that `cases` keeps: channels don't know what a case is.
    """

    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="search_entry"
    )
    case_ref = models.BigIntegerField(null=True, blank=True)
    answer_ref = models.BigIntegerField(null=True, blank=True)
    scope = models.CharField(max_length=24)
    stems = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "answer_ref"], condition=Q(answer_ref__isnull=False), name="search_answer_once"
            )
        ]
        indexes = [
            models.Index(fields=["case_ref"], condition=Q(case_ref__isnull=False), name="search_of_case"),
        ]
        verbose_name_plural = "search entries"
