"""MAX: what its webhooks and its API say, as far as we read it.

Source: https://dev.max.ru/docs-api (objects Update, Message, Subscription); which parts of it were read where is in
README.md. Whatever MAX may leave out is optional here: absent is not an error.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

import msgspec

from otklik.connectors.base import Malformed

T = TypeVar("T")

Id = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""Numbers of people and chats; those of channels and groups are negative."""

_MID = re.compile(r"[\w.-]{1,110}", re.ASCII)


class Unexpected(Malformed):
    """Sound JSON, but not what MAX documents."""


def read(body: bytes | msgspec.Raw, kind: type[T], what: str) -> T:
    """Return the body as `kind`. Raises Unexpected for other fields, Malformed for what is no JSON at all."""
    # The words of an error quote where and which type, never a resident; a UnicodeDecodeError would carry the body.
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Unexpected(f"max: not {what}: {error}"[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"max: not {what} ({type(error).__name__})") from None


def is_mid(value: str | None) -> bool:
    """Return whether this can be the id of a message: it becomes a part of addresses and of our keys."""
    return value is not None and _MID.fullmatch(value) is not None


class User(msgspec.Struct):
    """A person or a bot."""

    user_id: Id | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    username: str | None = None
    is_bot: bool = False


class Recipient(msgspec.Struct):
    """Where it was written: `chat_type` is dialog, chat or channel; `post_id` for a comment."""

    chat_id: Id | None = None
    chat_type: str | None = None
    user_id: Id | None = None
    post_id: str | None = None


class Body(msgspec.Struct):
    """The words of a message. `seq` may exceed what floating point keeps, so it stays as it was written."""

    mid: str | None = None
    seq: msgspec.Raw = msgspec.Raw(b"")
    text: str | None = None
    attachments: list[msgspec.Raw] | None = None


class Linked(msgspec.Struct):
    """The message that another one answers (`reply`) or passes on (`forward`)."""

    type: str = ""
    message: Body | None = None


class Message(msgspec.Struct):
    """A message, a post of a channel, or a comment. `sender` may lack: MAX hides who commented."""

    recipient: Recipient
    sender: User | None = None
    timestamp: Id | None = None
    link: Linked | None = None
    body: Body | None = None
    url: str | None = None


class Update(msgspec.Struct):
    """One webhook: what happened, and the fields that some kinds carry beside or instead of a message."""

    update_type: str
    timestamp: Id | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    message_id: str | None = None
    post_id: str | None = None
    chat_id: Id | None = None
    user_id: Id | None = None
    user: User | None = None


class Named(msgspec.Struct):
    """The part of a webhook that tells it from another one."""

    update_type: str
    timestamp: Id | None = None
    message_id: str | None = None
    message: Message | None = None


class Contained(msgspec.Struct):
    """What is inside an attachment: each type fills a part of these."""

    url: str | None = None
    token: str | None = None
    photo_id: Id | None = None
    code: str | None = None


class Attached(msgspec.Struct):
    """An attachment of any type."""

    type: str
    payload: Contained | None = None
    filename: str | None = None
    size: Id | None = None
    title: str | None = None
    latitude: float | None = None
    longitude: float | None = None
