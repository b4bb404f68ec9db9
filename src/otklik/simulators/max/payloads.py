"""MAX's objects and updates, built from documented fields. Pure: the same arguments, the same bytes.

Source: the fields of Update, Message, MessageBody and User as https://dev.max.ru/docs-api names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account of MAX."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""

    @property
    def dialog(self) -> int:
        """The number of this person's dialog with the bot: another one than the person's."""
        return 10_000_000_000 + self.id


def user(who: Person, *, is_bot: bool = False) -> Json:
    """Return a User."""
    found: Json = {"user_id": who.id, "first_name": who.first_name, "is_bot": is_bot}
    return found | {name: value for name in ("last_name", "username") if (value := getattr(who, name))}


def message(
    mid: str,
    seq: int,
    at_ms: int,
    recipient: Json,
    text: str,
    *,
    sender: Json | None = None,
    link: Json | None = None,
    attachments: list[Json] | None = None,
    url: str = "",
) -> Json:
    """Return a Message; a sender that is hidden is left out."""
    body: Json = {"mid": mid, "seq": seq, "text": text} | ({"attachments": attachments} if attachments else {})
    found: Json = {"recipient": recipient, "timestamp": at_ms, "body": body}
    optional = {"sender": sender, "link": link, "url": url}
    return found | {name: value for name, value in optional.items() if value}


def linked(kind: str, answered: Json) -> Json:
    """Return what a message says of the one that it answers (`reply`) or passes on (`forward`)."""
    found: Json = {"type": kind, "chat_id": answered["recipient"].get("chat_id"), "message": answered["body"]}
    return found | ({"sender": answered["sender"]} if "sender" in answered else {})


def image(photo_id: int, url: str) -> Json:
    """Return the attachment of a picture."""
    return {"type": "image", "payload": {"photo_id": photo_id, "url": url, "token": f"t{photo_id}"}}


def update(kind: str, at_ms: int, **fields: Any) -> Json:
    """Return an Update: what a webhook's body holds, bare."""
    return {"update_type": kind, "timestamp": at_ms, **fields}


def encode(thing: Json) -> bytes:
    """Return the bytes of a webhook's body."""
    return msgspec.json.encode(thing)


def headers(secret: str) -> dict[str, str]:
    """Return the headers of a webhook."""
    found = {"content-type": "application/json; charset=utf-8", "user-agent": "max-bot-api"}
    return found | ({"x-max-bot-api-secret": secret} if secret else {})


def comment_update(*, mid: str, seq: int, text: str, post: str, chat_id: int, at_ms: int, who: Person | None) -> bytes:
    """Return the whole webhook body of one comment; `who` is None where MAX hides the resident."""
    where = {"chat_type": "channel", "chat_id": chat_id, "post_id": post}
    sender = user(who) if who is not None else None
    return encode(update("comment_created", at_ms, message=message(mid, seq, at_ms, where, text, sender=sender)))
