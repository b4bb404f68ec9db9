"""The Bot API's methods, over a simulator's state.

Source: https://dev.max.ru/docs-api/methods; the wording of refusals is general knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from otklik.simulators.max.delivery import Subscription
from otklik.simulators.max.faults import Refusal
from otklik.simulators.max.payloads import Json
from otklik.simulators.max.town import COMMENT_EDITABLE_MS, Town

TEXT_LIMIT = 4000
MOST_PHOTOS = 12
MOST_AT_ONCE = 100
_SECRET = re.compile(r"[A-Za-z0-9-]{5,256}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the parts of its address that name things, its query and its body."""

    named: tuple[str, ...]
    query: dict[str, str]
    body: Json

    def number(self, name: str) -> int | None:
        """Return a number of the query. Raises Refusal."""
        value = self.query.get(name, "")
        if not value:
            return None
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise Refusal(400, "proto.payload", f"Invalid {name}")
        return int(value)


def get_me(town: Town, _: Call) -> Json:
    """Return the bot itself."""
    return {"user_id": town.bot.id, "first_name": town.bot.first_name, "username": town.bot.username, "is_bot": True}


def get_chat(town: Town, call: Call) -> Json:
    """Return the channel."""
    if call.named[0] != str(town.channel_id):
        raise Refusal(404, "chat.not.found", "Chat not found")
    counts: Json = {"status": "active", "is_public": True} | town.counted
    if "participants_count" not in counts:
        counts["participants_count"] = len(town.people) + 1
    if counts["participants_count"] is None:
        del counts["participants_count"]
    return {"chat_id": town.channel_id, "type": "channel", "title": town.title, **counts}


def get_membership(town: Town, call: Call) -> Json:
    """Return what the bot is in the channel."""
    get_chat(town, call)
    member = get_me(town, call) | {"is_owner": False, "is_admin": town.is_admin}
    return member | ({"permissions": list(town.rights)} if town.is_admin else {})


def get_subscriptions(town: Town, _: Call) -> Json:
    """Return where updates go."""
    return {"subscriptions": [one.describe() for one in town.deliveries.subscriptions.values()]}


def subscribe(town: Town, call: Call) -> Json:
    """Add an address. Plain http is taken for loopback only, where the real thing insists on https at port 443."""
    url, secret = str(call.body.get("url", "")), str(call.body.get("secret", ""))
    address = urlsplit(url)
    is_loopback = address.scheme == "http" and address.hostname in {"127.0.0.1", "localhost", "::1"}
    if not is_loopback and (address.scheme != "https" or address.port not in (None, 443)):
        return {"success": False, "message": "The URL must be https at port 443"}
    if secret and not _SECRET.fullmatch(secret):
        raise Refusal(400, "proto.payload", "secret: must match [A-Za-z0-9-]{5,256}")
    kinds = tuple(call.body.get("update_types") or ())
    town.deliveries.subscriptions[url] = Subscription(url, secret, kinds, town.now_ms())
    return {"success": True}


def unsubscribe(town: Town, call: Call) -> Json:
    """Take an address away."""
    found = town.deliveries.subscriptions.pop(call.query.get("url", ""), None)
    return {"success": found is not None, "message": "" if found is not None else "No such subscription"}


def send_message(town: Town, call: Call) -> Json:
    """Publish a message in a dialog, or a post in the channel."""
    where = town.place(call.number("chat_id"), call.number("user_id"))
    photos = _photos(town, call)
    made = town.bot_says(where, _text(call, or_photos=bool(photos)), answers=_answered(town, call), photos=photos)
    return {"message": made}


def get_messages(town: Town, call: Call) -> Json:
    """Return messages of a chat, newest first, or those named."""
    if "message_ids" in call.query:
        named = call.query["message_ids"].split(",")
        return {"messages": [town.messages[mid] for mid in named if mid in town.messages]}
    chat_id, until = call.number("chat_id"), call.number("to") or town.now_ms() + 1
    there = [
        one
        for one in town.messages.values()
        if one["recipient"]["chat_id"] == chat_id and "post_id" not in one["recipient"] and one["timestamp"] <= until
    ]
    return {"messages": there[::-1][: _count(call)]}


def get_message(town: Town, call: Call) -> Json:
    """Return one message."""
    return town.found(call.named[0])


def edit_message(town: Town, call: Call) -> Json:
    """Change the bot's own message, or a post."""
    return _edit(town, call, town.found(call.query.get("message_id", "")))


def delete_message(town: Town, call: Call) -> Json:
    """Delete a message, or somebody's, as an administrator."""
    town.messages.pop(town.found(call.query.get("message_id", ""))["body"]["mid"])
    return {"success": True}


def send_comment(town: Town, call: Call) -> Json:
    """Comment under a post; where comments are off, MAX breaks."""
    where = town.under(call.named[0])
    if call.body.get("attachments"):
        raise Refusal(400, "proto.payload", "Comments carry no attachments")
    return {"message": town.bot_says(where, _text(call), answers=_answered(town, call))}


def get_comments(town: Town, call: Call) -> Json:
    """Return the comments of a post, newest first: those named, or those before and after an instant."""
    post = town.found(call.named[0])["body"]["mid"]
    there = [one for one in town.messages.values() if one["recipient"].get("post_id") == post]
    if "comment_ids" in call.query:
        named = call.query["comment_ids"].split(",")
        return {"messages": [one for one in there if one["body"]["mid"] in named]}
    since, until = call.number("after") or 0, call.number("before") or town.now_ms() + 1
    there = [one for one in there if since <= one["timestamp"] < until]
    return {"messages": there[::-1][: _count(call)]}


def edit_comment(town: Town, call: Call) -> Json:
    """Change the bot's own comment, for 26 hours."""
    found = town.found(call.query.get("comment_id", ""))
    if found["timestamp"] < town.now_ms() - COMMENT_EDITABLE_MS:
        raise Refusal(422, "comments.timeout_exceeded", "The comment can't be edited any more")
    return _edit(town, call, found)


def delete_comment(town: Town, call: Call) -> Json:
    """Delete a comment."""
    town.messages.pop(town.found(call.query.get("comment_id", ""))["body"]["mid"])
    return {"success": True}


def begin_upload(town: Town, call: Call) -> Json:
    """Return where a file goes."""
    if call.query.get("type") not in {"image", "video", "audio", "file"}:
        raise Refusal(400, "proto.payload", "type: image, video, audio or file")
    return {"url": f"{town.base_url}/uploads/here"}


def _edit(town: Town, call: Call, found: Json) -> Json:
    sender = found.get("sender", {}).get("user_id", town.bot.id)
    if sender != town.bot.id:
        raise Refusal(403, "chat.denied", "errors.edit.message.not.own")
    found["body"] = found["body"] | {"text": _text(call)}
    return {"success": True}


def _text(call: Call, *, or_photos: bool = False) -> str:
    text = call.body.get("text") or ""
    if not isinstance(text, str) or len(text) > TEXT_LIMIT:
        raise Refusal(400, "proto.payload", "text: size must be between 0 and 4000")
    if not text.strip() and not or_photos:
        raise Refusal(400, "proto.payload", "text: must not be empty")
    return text


def _photos(town: Town, call: Call) -> tuple[str, ...]:
    found = []
    for one in call.body.get("attachments") or []:
        token = (one.get("payload") or {}).get("token", "")
        if one.get("type") != "image" or token not in town.files:
            raise Refusal(400, "proto.payload", "attachments: not an uploaded image")
        found.append(token)
    if len(found) > MOST_PHOTOS:
        raise Refusal(400, "proto.payload", "attachments: too many")
    return tuple(found)


def _answered(town: Town, call: Call) -> str:
    link = call.body.get("link") or {}
    if not link:
        return ""
    if link.get("type") != "reply":
        raise Refusal(400, "proto.payload", "link: only reply")
    return str(town.found(str(link.get("mid", "")))["body"]["mid"])


def _count(call: Call) -> int:
    return min(call.number("count") or 50, MOST_AT_ONCE)


ROUTES: tuple[tuple[str, re.Pattern[str], str, Callable[[Town, Call], Any]], ...] = (
    ("GET", re.compile(r"/me"), "look", get_me),
    ("GET", re.compile(r"/chats/(-?\d+)"), "look", get_chat),
    ("GET", re.compile(r"/chats/(-?\d+)/members/me"), "look", get_membership),
    ("GET", re.compile(r"/subscriptions"), "look", get_subscriptions),
    ("POST", re.compile(r"/subscriptions"), "subscribe", subscribe),
    ("DELETE", re.compile(r"/subscriptions"), "subscribe", unsubscribe),
    ("POST", re.compile(r"/messages"), "publish", send_message),
    ("GET", re.compile(r"/messages"), "read", get_messages),
    ("GET", re.compile(r"/messages/([\w.-]+)"), "read", get_message),
    ("PUT", re.compile(r"/messages"), "edit", edit_message),
    ("DELETE", re.compile(r"/messages"), "delete", delete_message),
    ("POST", re.compile(r"/messages/([\w.-]+)/comments"), "publish", send_comment),
    ("GET", re.compile(r"/messages/([\w.-]+)/comments"), "read", get_comments),
    ("PUT", re.compile(r"/messages/([\w.-]+)/comments"), "edit", edit_comment),
    ("DELETE", re.compile(r"/messages/([\w.-]+)/comments"), "delete", delete_comment),
    ("POST", re.compile(r"/uploads"), "upload", begin_upload),
)
"""Method, address, by which name faults are planned for it, and what it does."""
