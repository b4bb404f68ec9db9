"""Telegram's objects and updates, built from the fields of its reference. Pure: the same arguments, the same bytes.

Source: https://core.telegram.org/bots/api#available-types
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

Json = dict[str, Any]

SERVICE_ACCOUNT = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""Who stands as `from` of an automatic forward."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Telegram account."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""


def person(who: Person) -> Json:
    """Return a User."""
    found: Json = {"id": who.id, "is_bot": False, "first_name": who.first_name, "language_code": "ru"}
    return found | {name: value for name in ("last_name", "username") if (value := getattr(who, name))}


def private_chat(who: Person) -> Json:
    """Return the Chat of somebody's direct messages with the bot: its id is the person's."""
    found = person(who) | {"type": "private"}
    return {name: value for name, value in found.items() if name not in {"is_bot", "language_code"}}


def chat(chat_id: int, kind: str, title: str, username: str = "") -> Json:
    """Return the Chat of a channel or a group."""
    return {"id": chat_id, "type": kind, "title": title} | ({"username": username} if username else {})


def message(message_id: int, date: int, where: Json, **fields: Any) -> Json:
    """Return a Message; `sender` becomes `from`, fields that are None are left out, as Telegram does."""
    sender = fields.pop("sender", None)
    found = {"message_id": message_id, "date": date, "chat": where, "from": sender, **fields}
    return {name: value for name, value in found.items() if value is not None}


def automatic_forward(message_id: int, group: Json, post: Json) -> Json:
    """Return how a channel's post shows in the linked group, where comments answer it."""
    origin = {"type": "channel", "date": post["date"], "chat": post["chat"], "message_id": post["message_id"]}
    content = {name: post[name] for name in ("text", "caption", "photo", "media_group_id") if name in post}
    return message(
        message_id,
        post["date"],
        group,
        sender=SERVICE_ACCOUNT,
        sender_chat=post["chat"],
        is_automatic_forward=True,
        forward_origin=origin,
        **content,
    )


def quoted(answered: Json) -> Json:
    """Return a message as it stands inside another one: without the message that it answers itself."""
    return {name: value for name, value in answered.items() if name != "reply_to_message"}


def photo(file_id: str, size: int) -> list[Json]:
    """Return a photo in two sizes; the last is the original."""
    small = {"file_id": f"{file_id}-s", "file_unique_id": f"u{file_id}-s", "width": 90, "height": 67, "file_size": 1200}
    return [
        small,
        {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": 1280, "height": 960, "file_size": size},
    ]


def update(update_id: int, kind: str, content: Mapping[str, Any]) -> Json:
    """Return an Update with one thing in it."""
    return {"update_id": update_id, kind: dict(content)}


def encode(payload: Mapping[str, Any]) -> bytes:
    """Return the JSON as it goes over the wire."""
    return msgspec.json.encode(payload)


def headers(secret: str) -> dict[str, str]:
    """Return the headers of a webhook call that holds the secret it was set with."""
    return {"content-type": "application/json", "x-telegram-bot-api-secret-token": secret}


def comment_update(
    *,
    update_id: int,
    message_id: int,
    text: str,
    user_id: int,
    user_name: str,
    chat_id: int,
    thread_id: int,
    date: int,
) -> bytes:
    """Return the whole webhook body of one comment under the post whose automatic forward is `thread_id`."""
    group = chat(chat_id, "supergroup", "")
    first_name, _, last_name = user_name.partition(" ")
    return encode(
        update(
            update_id,
            "message",
            message(
                message_id,
                date,
                group,
                sender=person(Person(user_id, first_name, last_name)),
                message_thread_id=thread_id,
                reply_to_message=message(
                    thread_id, date, group, sender=SERVICE_ACCOUNT, is_automatic_forward=True, text="…"
                ),
                text=text,
            ),
        )
    )
