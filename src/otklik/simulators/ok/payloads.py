"""Odnoklassniki's webhooks, topics and comments, from documented fields. Pure: the same arguments, the same bytes.

Source: https://apiok.ru/dev/graph_api/bot_api; the fields of topics and comments are general knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a profile."""

    id: int
    name: str

    @property
    def chat(self) -> str:
        """This person's conversation with the group."""
        return f"chat:C{self.id:x}"


def message_hook(who: Person, text: str, *, number: int, at_ms: int, photo: str = "", with_kind: bool = True) -> Json:
    """Return the webhook of a message; without `webhookType`, as the older example has it."""
    said: Json = {"text": text, "seq": number, "mid": f"mid:{who.chat.removeprefix('chat:')}.{number:x}"}
    if photo:
        said["attachments"] = [{"type": "IMAGE", "payload": {"url": photo}}]
    found: Json = {
        "sender": {"user_id": f"user:{who.id}", "name": who.name},
        "recipient": {"chat_id": who.chat},
        "message": said,
        "timestamp": at_ms,
    }
    return ({"webhookType": "MESSAGE_CREATED"} if with_kind else {}) | found


def comment(number: str, who: Person, text: str, at_ms: int, answers: str = "") -> Json:
    """Return a comment of discussions.getComments."""
    moscow = datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=3)
    found: Json = {
        "id": number,
        "text": text,
        "date": f"{moscow:%Y-%m-%d %H:%M:%S}",
        "author_id": str(who.id),
        "author_name": who.name,
        "like_count": 0,
    }
    return found | ({"reply_to_comment_id": answers} if answers else {})


def topic(number: str, text: str, at_ms: int) -> Json:
    """Return a topic of mediatopic.getTopics."""
    return {"id": number, "media": [{"type": "text", "text": text}], "created_ms": at_ms}


def encode(thing: Json) -> bytes:
    """Return the bytes of a webhook's body."""
    return msgspec.json.encode(thing)


HEADERS = {"content-type": "application/json;charset=utf-8"}
"""The headers of a webhook: nothing in them proves anything."""
