"""Odnoklassniki: what its bot webhooks say, as far as we read it, and the form in which polled comments are kept.

Source: https://apiok.ru/dev/graph_api/bot_api (webhooks; the older example has no `webhookType`).
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

import msgspec

from otklik.connectors.base import Malformed

T = TypeVar("T")

Number = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]

_NAME = re.compile(r"[\w:.=-]{1,110}", re.ASCII)


class Unexpected(Malformed):
    """Sound JSON, but not what Odnoklassniki documents."""


def read(body: bytes | msgspec.Raw, kind: type[T], what: str) -> T:
    """Return the body as `kind`. Raises Unexpected for other fields, Malformed for what is no JSON at all."""
    # The words of an error quote where and which type, never a resident; a UnicodeDecodeError would carry the body.
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Unexpected(f"ok: not {what}: {error}"[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"ok: not {what} ({type(error).__name__})") from None


def is_name(value: str | None) -> bool:
    """Return whether this can be an id of Odnoklassniki's: it becomes a part of addresses and of our keys."""
    return value is not None and _NAME.fullmatch(value) is not None


def named(value: str | int | None, prefix: str) -> str:
    """Return an id without its kind ("user:123" is 123), or nothing where it is none.

    Webhooks write ids with their kind, the REST methods without; a person is the same in both.
    """
    text = "" if value is None else str(value).removeprefix(f"{prefix}:")
    return text if is_name(text) else ""


class Sender(msgspec.Struct):
    """Who wrote."""

    user_id: str | int | None = None
    name: str | None = None


class Recipient(msgspec.Struct):
    """The conversation."""

    chat_id: str | None = None


class Payload(msgspec.Struct):
    """What is inside an attachment."""

    url: str | None = None


class Attached(msgspec.Struct):
    """A file of a message."""

    type: str = ""
    payload: Payload | None = None


class Said(msgspec.Struct):
    """The words of a message."""

    text: str | None = None
    seq: msgspec.Raw = msgspec.Raw(b"")
    mid: str | None = None
    reply_to: str | None = None
    attachments: list[msgspec.Raw] | None = None


class Hooked(msgspec.Struct):
    """One webhook. Without `webhookType` it is a message, as in the older example."""

    recipient: Recipient | None = None
    sender: Sender | None = None
    message: Said | None = None
    timestamp: Number | None = None
    webhookType: str | None = None  # noqa: N815 - Odnoklassniki's own name


class Kind(msgspec.Struct):
    """What any object of theirs may tell of itself."""

    webhookType: str | int | None = None  # noqa: N815 - Odnoklassniki's own name
    recipient: msgspec.Raw = msgspec.Raw(b"")
    message: msgspec.Raw = msgspec.Raw(b"")
    polled: str | None = None


class Comment(msgspec.Struct):
    """A comment of discussions.getComments. `date` is the local time of Moscow, in words, or Unix milliseconds."""

    id: str | int
    text: str | None = None
    date: str | int | None = None
    date_ms: Number | None = None
    author_id: str | int | None = None
    author_name: str | None = None
    reply_to_comment_id: str | int | None = None
    attachments: list[msgspec.Raw] | None = None


class Media(msgspec.Struct):
    """One part of a topic."""

    type: str = ""
    text: str | None = None


class Topic(msgspec.Struct):
    """A post of the group."""

    id: str | int
    media: list[Media] | None = None
    created_ms: Number | None = None


class Polled(msgspec.Struct):
    """What polling brought, in the form in which we keep it: whose group, under which topic, what it was."""

    polled: str
    group_id: str
    topic_id: str
    thing: msgspec.Raw
