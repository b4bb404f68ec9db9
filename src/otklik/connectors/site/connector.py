"""The city's own site: comments under posts and the "write to the city" form, by the same door as every network.

The form's view signs what it takes with the channel's secret and stores it like any webhook; another site of the city
may post the same JSON to the channel's webhook address. Nothing is fetched from outside: sending means that our own
page shows it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import (
    MAX_TEXT_CHARS,
    Capabilities,
    ChannelConfig,
    Finding,
    Malformed,
    NotAuthentic,
    SettingField,
    body_digest,
)
from otklik.connectors.events import (
    Action,
    Attachment,
    Author,
    Draft,
    DraftKind,
    Event,
    EventKind,
    HookReply,
    ParseStatus,
    PostRef,
    Receipt,
    Visibility,
    Webhook,
)
from otklik.connectors.said import said
from otklik.connectors.splitting import split_text

SIGNATURE_HEADER = "x-otklik-signature"
TEXT_LIMIT = 8000
MOST_FILES = 10

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


class Upload(msgspec.Struct):
    """A file that the form has taken already, by the key under which the city keeps it."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
    kind: Annotated[str, msgspec.Meta(max_length=20)] = "photo"
    mime: Annotated[str, msgspec.Meta(max_length=60)] = ""
    filename: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Submission(msgspec.Struct):
    """What a visitor sent. `post` makes it a comment; without one it is a report to the city."""

    submission_id: Key
    text: str
    visitor: Annotated[str, msgspec.Meta(max_length=80)] = ""
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    contact: Annotated[str, msgspec.Meta(max_length=200)] = ""
    post: Annotated[str, msgspec.Meta(max_length=80)] = ""
    parent: Annotated[str, msgspec.Meta(max_length=80)] = ""
    may_publish: bool = False
    sent_at: datetime | None = None
    files: Annotated[list[Upload], msgspec.Meta(max_length=MOST_FILES)] = []


def sign(secret: str, body: bytes) -> str:
    """Return the signature header's value for a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def contact_in(body: bytes) -> str:
    """Return how its sender wants to be reached, as it was written; nothing for anything but a submission."""
    try:
        return msgspec.json.decode(body, type=Submission).contact
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


class Site:
    """The city's own site as a channel."""

    network: ClassVar[str] = "site"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        publish=True,
        idempotent_send=True,
        can_find_sent=True,
        edits_comments=True,
        edits_messages=True,
        edits_posts=True,
        edits_captions=True,
        text_limit=TEXT_LIMIT,
        photos_in_comments=MOST_FILES,
        photos_in_messages=MOST_FILES,
    )
    fields: ClassVar[tuple[SettingField, ...]] = (
        SettingField(
            "webhook_secret",
            "Ключ подписи",
            "Signing key",
            help_ru="Создаётся сам; нужен, только если форма стоит и на другом сайте города.",
            help_en="Made by itself; needed only if another site of the city has the form too.",
            secret=True,
        ),
    )

    def __init__(self, webhook_secret: str) -> None:
        self._secret = webhook_secret

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from settings. Raises ValueError without a signing key."""
        secret = config.secrets.get("webhook_secret", "")
        if len(secret) < 16:
            raise ValueError(f"channel {config.name}: webhook_secret must have at least 16 characters")
        return cls(secret)

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless the body is signed with our key."""
        sent = hook.headers.get(SIGNATURE_HEADER, "")
        if not hmac.compare_digest(sent.encode(), sign(self._secret, hook.body).encode()):
            raise NotAuthentic("site: wrong signature")

    def delivery_key(self, hook: Webhook) -> str:
        """Return the form's own submission id: a second click is the same delivery."""
        try:
            return f"submission:{msgspec.json.decode(hook.body, type=Submission).submission_id}"
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200."""
        return HookReply()

    def parse(self, hook: Webhook) -> list[Event]:
        """Return the one comment or report. Raises Malformed if it isn't a submission."""
        try:
            submission = msgspec.json.decode(hook.body, type=Submission)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed("site: not a submission") from error
        return [_event(submission, hook)]

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Return the text in parts that a page shows well."""
        return split_text(text, TEXT_LIMIT, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return True: our own page shows what we keep."""
        return self.capabilities.photos_in(kind) > 0

    def send(self, draft: Draft) -> Receipt:
        """Return the receipt of what our page will show; the same key gives the same id."""
        name = hashlib.sha256(draft.idempotency_key.encode()).hexdigest()[:20]
        container = "post" if draft.kind is DraftKind.POST else draft.target.container
        return Receipt(external_id=f"city-{name}", container=container, thread_key=draft.target.thread_key)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Return the same receipt: what we say on our own page is always there."""
        return self.send(draft)

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return True: our own page shows what we keep."""
        return self.capabilities.edits(kind)

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Do nothing: our page shows the new words as soon as we keep them."""

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Return True: our page shows what we keep."""
        return True

    def subscribe(self, hook_url: str) -> None:
        """Do nothing: our own site needs no subscription."""

    def check(self) -> list[Finding]:
        """Return that there is nothing outside to go wrong."""
        return [Finding(said("the site is ours: nothing to connect"), ok=True)]


def _event(submission: Submission, hook: Webhook) -> Event:
    sent_at = submission.sent_at
    if sent_at is None or sent_at.tzinfo is None or sent_at > hook.received_at:
        sent_at = hook.received_at
    visitor = storable(submission.visitor) or submission.submission_id
    text, contact = storable(submission.text), storable(submission.contact)
    extra = {"contact": contact} if contact else {}
    if submission.may_publish:
        extra["may_publish"] = "1"
    shared = {
        "dedup_key": f"submission:{submission.submission_id}",
        "action": Action.CREATED,
        "occurred_at": sent_at.astimezone(UTC),
        "external_id": submission.submission_id,
        "author": Author(external_id=f"visitor:{visitor}", display_name=storable(submission.name).strip()),
        "text": text[:MAX_TEXT_CHARS],
        "parse_status": ParseStatus.PARTIAL if len(text) > MAX_TEXT_CHARS else ParseStatus.OK,
        "note": "the text was cut" if len(text) > MAX_TEXT_CHARS else "",
        "attachments": tuple(
            Attachment(
                kind=storable(one.kind),
                source_ref=one.key,
                mime=storable(one.mime),
                filename=storable(one.filename),
            )
            for one in submission.files
        ),
        "extra": extra,
    }
    if submission.post:
        post = storable(submission.post)
        place = f"post:{post}"
        return Event(
            kind=EventKind.COMMENT,
            container=place,
            thread_key=place,
            visibility=Visibility.PUBLIC,
            post=PostRef(post),
            parent_external_id=storable(submission.parent),
            **shared,  # type: ignore[arg-type]  # one mapping for both kinds
        )
    place = f"report:{submission.submission_id}"
    return Event(
        kind=EventKind.REPORT,
        container=place,
        thread_key=place,
        visibility=Visibility.PRIVATE,
        **shared,  # type: ignore[arg-type]  # one mapping for both kinds
    )
