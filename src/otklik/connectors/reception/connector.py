"""The reception: what people tell the city by phone, on paper, in person, taken down by an official.

The desk signs what was typed with the channel's own secret and stores it like any webhook, so that a call goes the way
of every message. Nothing leaves by it: an answer waits until a person has told it (`Capabilities.by_hand`).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from enum import StrEnum
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
    SendFailed,
    SendUnknown,
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


class Way(StrEnum):
    """How somebody told the city."""

    PHONE = "phone"
    PAPER = "paper"
    IN_PERSON = "in_person"
    PASTED = "pasted"


class Paper(msgspec.Struct):
    """A scan or photo that was taken in already, by the key under which the city keeps it."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
    kind: Annotated[str, msgspec.Meta(max_length=20)] = "photo"
    mime: Annotated[str, msgspec.Meta(max_length=60)] = ""
    filename: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Entry(msgspec.Struct):
    """What was taken down, who told it, and which official wrote it (`taken_by`, an id)."""

    entry_id: Key
    way: Annotated[str, msgspec.Meta(max_length=20)]
    text: str
    told_at: datetime
    taken_by: int
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    contact: Annotated[str, msgspec.Meta(max_length=200)] = ""
    consents: bool = False
    source: Annotated[str, msgspec.Meta(max_length=500)] = ""
    may_publish: bool = False
    files: Annotated[list[Paper], msgspec.Meta(max_length=MOST_FILES)] = []


_BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def sign(secret: str, body: bytes) -> str:
    """Return the signature header's value for a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def entry_in(body: bytes) -> Entry | None:
    """Return what was taken down; None for anything else."""
    try:
        return msgspec.json.decode(body, type=Entry)
    except _BROKEN:
        return None


def contact_in(body: bytes) -> str:
    """Return how the person wants to be reached, as it was written; nothing for anything but an entry."""
    entry = entry_in(body)
    return entry.contact if entry is not None else ""


class Reception:
    """What officials take down, as a channel."""

    network: ClassVar[str] = "reception"
    capabilities: ClassVar[Capabilities] = Capabilities(
        direct_messages=True, by_hand=True, text_limit=TEXT_LIMIT, photos_in_messages=MOST_FILES
    )
    fields: ClassVar[tuple[SettingField, ...]] = (
        SettingField(
            "webhook_secret",
            "Ключ подписи",
            "Signing key",
            help_ru="Создаётся сам: им подписано всё, что записали сотрудники.",
            help_en="Made by itself: it signs whatever officials take down.",
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
        """Raise NotAuthentic unless the desk has signed the body."""
        sent = hook.headers.get(SIGNATURE_HEADER, "")
        if not hmac.compare_digest(sent.encode(), sign(self._secret, hook.body).encode()):
            raise NotAuthentic("reception: wrong signature")

    def delivery_key(self, hook: Webhook) -> str:
        """Return the form's own id: a second press is the same delivery."""
        entry = entry_in(hook.body)
        return f"entry:{entry.entry_id}" if entry is not None else body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200."""
        return HookReply()

    def parse(self, hook: Webhook) -> list[Event]:
        """Return the one message. Raises Malformed if it isn't an entry."""
        try:
            entry = msgspec.json.decode(hook.body, type=Entry)
        except _BROKEN as error:
            raise Malformed("reception: not an entry") from error
        return [_event(entry, hook)]

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Return the text in parts; a person tells them as one."""
        return split_text(text, TEXT_LIMIT, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return True: they are printed, or shown at the desk."""
        return self.capabilities.photos_in(kind) > 0

    def send(self, draft: Draft) -> Receipt:
        """Raise SendFailed: only a person can tell it."""
        raise SendFailed("a person tells this answer: by phone, on paper or in person", permanent=True)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Raise SendUnknown: who told it knows."""
        raise SendUnknown("only who told it knows")

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return False: what was said is said."""
        return False

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Raise SendFailed: what was said is said."""
        raise SendFailed("what was told can't be changed", permanent=True)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Return False: what was said is said."""
        return False

    def subscribe(self, hook_url: str) -> None:
        """Do nothing: the desk needs no subscription."""

    def check(self) -> list[Finding]:
        """Return that there is nothing outside to go wrong."""
        return [Finding(said("the reception is ours: nothing to connect"), ok=True)]


def _event(entry: Entry, hook: Webhook) -> Event:
    notes = _notes(entry, hook)
    way = entry.way if entry.way in set(Way) else Way.PASTED.value
    place = f"{way}:{entry.entry_id}"
    name = storable(entry.name).strip()
    known = name or entry.contact
    return Event(
        dedup_key=f"entry:{entry.entry_id}",
        kind=EventKind.REPORT,
        action=Action.CREATED,
        occurred_at=hook.received_at if _is_impossible(entry, hook) else entry.told_at.astimezone(UTC),
        container=way,
        external_id=entry.entry_id,
        thread_key=place,
        visibility=Visibility.PRIVATE,
        # Never known by name or number: one person has several phones, and one phone several people.
        author=Author(external_id=place, display_name=name) if known else None,
        text=storable(entry.text)[:MAX_TEXT_CHARS],
        attachments=tuple(
            Attachment(kind=one.kind, source_ref=one.key, mime=one.mime, filename=one.filename) for one in entry.files
        ),
        permalink=entry.source if entry.source.startswith("https://") else "",
        parse_status=ParseStatus.PARTIAL if notes else ParseStatus.OK,
        note="; ".join(notes),
        extra={"may_publish": "1"} if entry.may_publish else {},
    )


def _is_impossible(entry: Entry, hook: Webhook) -> bool:
    return entry.told_at.tzinfo is None or entry.told_at > hook.received_at


def _notes(entry: Entry, hook: Webhook) -> list[str]:
    """Return what of an entry can't be as it stands."""
    return [
        words
        for words, holds in (
            ("nobody tells the city by this way", entry.way not in set(Way)),
            ("told at a moment that can't be", _is_impossible(entry, hook)),
            ("no words and no files", not entry.text.strip() and not entry.files),
            ("the text was cut", len(entry.text) > MAX_TEXT_CHARS),
        )
        if holds
    ]
