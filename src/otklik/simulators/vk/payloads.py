"""VK's callbacks as bytes. Pure: the same arguments give the same bytes, so a replay repeats itself exactly.

Source: https://dev.vk.com/api/callback/getting-started and callback/objects.json of the API's schema, version 5.199.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

VERSION = "5.199"


def callback(kind: str, thing: Mapping[str, Any] | None, *, event_id: str, group_id: int, secret: str) -> bytes:
    """Return one callback: the envelope around a thing. The handshake has no thing."""
    body: dict[str, Any] = {"group_id": group_id, "type": kind, "event_id": event_id, "v": VERSION}
    if thing is not None:
        body["object"] = thing
    if secret:
        body["secret"] = secret
    return msgspec.json.encode(body)


def comment_callback(
    *, event_id: str, group_id: int, secret: str, comment_id: int, post_id: int, from_id: int, text: str, date: int
) -> bytes:
    """Return `wall_reply_new`: a person's comment under a post of the community. `date` is in Unix seconds."""
    comment = comment_thing(
        owner_id=-group_id, post_id=post_id, comment_id=comment_id, from_id=from_id, text=text, date=date
    )
    return callback("wall_reply_new", comment, event_id=event_id, group_id=group_id, secret=secret)


def message_callback(
    *, event_id: str, group_id: int, secret: str, message_id: int, from_id: int, text: str, date: int
) -> bytes:
    """Return `message_new`: a person's message to the community; `message_id` is its number in the conversation too."""
    message = message_thing(
        message_id=message_id, number=message_id, peer_id=from_id, from_id=from_id, text=text, date=date
    )
    told = {"message": message, "client_info": CLIENT_INFO}
    return callback("message_new", told, event_id=event_id, group_id=group_id, secret=secret)


CLIENT_INFO: Mapping[str, Any] = {
    "button_actions": ["text", "open_link"],
    "keyboard": True,
    "inline_keyboard": True,
    "carousel": True,
    "lang_id": 0,
}
"""What the person's program can show; VK sends it with every new message."""


def comment_thing(
    *,
    owner_id: int,
    post_id: int,
    comment_id: int,
    from_id: int,
    text: str,
    date: int,
    answers: tuple[int, int] | None = None,
    top: int | None = None,
) -> dict[str, Any]:
    """Return a comment as VK describes it. `answers`: the (comment, author) it answers; `top`: the thread it is in."""
    comment: dict[str, Any] = {
        "id": comment_id,
        "from_id": from_id,
        "date": date,
        "text": text,
        "post_id": post_id,
        "owner_id": owner_id,
        "parents_stack": [] if top is None else [top],
    }
    if answers is not None:
        comment["reply_to_comment"], comment["reply_to_user"] = answers
    return comment


def message_thing(
    *, message_id: int, number: int, peer_id: int, from_id: int, text: str, date: int, random_id: int = 0
) -> dict[str, Any]:
    """Return a direct message as VK describes it; `number` is its place in the conversation."""
    return {
        "id": message_id,
        "date": date,
        "peer_id": peer_id,
        "from_id": from_id,
        "conversation_message_id": number,
        "text": text,
        "out": int(from_id < 0),
        "version": 10_000 + message_id,
        "random_id": random_id,
        "attachments": [],
        "fwd_messages": [],
        "important": False,
        "is_hidden": False,
    }


def post_thing(*, owner_id: int, post_id: int, from_id: int, text: str, date: int) -> dict[str, Any]:
    """Return a post as VK describes it."""
    return {
        "inner_type": "wall_wallpost",
        "id": post_id,
        "owner_id": owner_id,
        "from_id": from_id,
        "date": date,
        "text": text,
        "post_type": "post",
        "attachments": [],
        "comments": {"count": 0, "can_post": 1},
    }
