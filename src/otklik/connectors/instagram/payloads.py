"""Instagram: what its webhooks send, as far as we read it.

Sources: https://developers.facebook.com/docs/instagram-platform/webhooks and the messaging webhooks beside it. Every
field may be absent, ids come as strings or numbers, instants as seconds, milliseconds or ISO text.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from otklik.connectors.base import Malformed

T = TypeVar("T")

Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Id = str | Number
Stamp = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)] | float | str


class Unexpected(Malformed):
    """Sound JSON, but not what Meta documents."""


def read(body: bytes | msgspec.Raw, kind: type[T], what: str) -> T:
    """Return the body as `kind`. Raises Unexpected for other fields, Malformed for what is no JSON at all."""
    # The words of an error say where and which type, never what a resident wrote.
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Unexpected(f"instagram: not {what}: {error}"[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"instagram: not {what} ({type(error).__name__})") from None


class Change(msgspec.Struct):
    """One of `changes[]`: what it is about, and the thing itself, read by `field`."""

    field: str
    value: msgspec.Raw = msgspec.Raw(b"{}")


class Envelope(msgspec.Struct):
    """Every body: a batch of entries, or (as the dashboard's test sends it) one flat `field` and `value`."""

    object: str | None = None
    entry: list[msgspec.Raw] | None = None
    field: str | None = None
    value: msgspec.Raw = msgspec.Raw(b"{}")


class Entry(msgspec.Struct):
    """What happened in one account: changes, messages, messages of a conversation that another app has, or one flat."""

    id: Id = ""
    time: Stamp | None = None
    changes: list[msgspec.Raw] | None = None
    messaging: list[msgspec.Raw] | None = None
    standby: list[msgspec.Raw] | None = None
    field: str | None = None
    value: msgspec.Raw = msgspec.Raw(b"{}")


class Person(msgspec.Struct):
    """Who wrote. `self_ig_scoped_id` is the account's own number among people."""

    id: Id = ""
    username: str | None = None
    self_ig_scoped_id: Id | None = None


class Media(msgspec.Struct):
    """The post that a comment is under. Of a boosted one `original_media_id` is the post that people know."""

    id: Id = ""
    media_product_type: str | None = None
    ad_id: Id | None = None
    original_media_id: Id | None = None


class Comment(msgspec.Struct):
    """A comment; the reference calls its number `id`, some payloads `comment_id`."""

    id: Id = ""
    comment_id: Id = ""
    parent_id: Id | None = None
    text: str | None = None
    sender: Person | None = msgspec.field(name="from", default=None)
    media: Media | None = None
    timestamp: Stamp | None = None


class Found(msgspec.Struct):
    """A comment or a caption in which we were named, read by its number after the webhook."""

    id: Id = ""
    text: str | None = None
    caption: str | None = None
    username: str | None = None
    timestamp: Stamp | None = None
    permalink: str | None = None
    media: Media | None = None


class Mention(msgspec.Struct):
    """Where somebody named us: numbers only. The rest is what we read of it, beside them in the same shape."""

    media_id: Id = ""
    comment_id: Id | None = None
    mentioned_comment: Found | None = None
    mentioned_media: Found | None = None
    unread: str | None = None


class Party(msgspec.Struct):
    """One side of a conversation."""

    id: Id = ""


class Payload(msgspec.Struct):
    """Where a file lies; Meta's address of it dies."""

    url: str | None = None
    title: str | None = None


class Attached(msgspec.Struct):
    """A file, a shared post or a story."""

    type: str = ""
    payload: Payload | None = None


class Story(msgspec.Struct):
    """A story of ours that a message answers."""

    id: Id = ""
    url: str | None = None


class Answered(msgspec.Struct):
    """What a message answers."""

    mid: str | None = None
    story: Story | None = None


class Message(msgspec.Struct):
    """A direct message, theirs or (`is_echo`) ours; `is_deleted`: it was taken back."""

    mid: str = ""
    text: str | None = None
    attachments: list[msgspec.Raw] | None = None
    reply_to: Answered | None = None
    is_echo: bool = False
    is_deleted: bool = False
    is_self: bool = False
    is_unsupported: bool = False


class Reaction(msgspec.Struct):
    """An emoji put on a message, or taken back."""

    mid: str = ""
    action: str = ""
    reaction: str | None = None
    emoji: str | None = None


class Edit(msgspec.Struct):
    """Other words in place of a message's; `num_edit` grows."""

    mid: str = ""
    text: str | None = None
    num_edit: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0


class Exchange(msgspec.Struct):
    """One of `messaging[]` or `standby[]`: what passed between two sides."""

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: Stamp | None = None
    message: Message | None = None
    reaction: Reaction | None = None
    message_edit: Edit | None = None
    read: msgspec.Raw = msgspec.Raw(b"null")
