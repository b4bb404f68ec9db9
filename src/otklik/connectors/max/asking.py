"""MAX: asking for what its webhooks missed: the channel's latest posts, and the comments under them.

What is found is told as a webhook tells it, so its key is the webhook's, and whichever comes second changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from otklik.connectors.events import Polled, Webhook
from otklik.connectors.max.account import Account
from otklik.connectors.max.payloads import Id, Message, Unexpected, is_mid, read

EVERY_S = 600.0
POSTS = 10
"""How many of the latest posts are read for comments: each costs a call."""
COMMENTS = 100
FIRST = timedelta(days=1)
"""How far back the first question looks."""
OVERLAP_MS = 3_600_000
"""What MAX shows late by less than this is still found."""


class _Listed(msgspec.Struct):
    """A list of messages or comments, each as it came."""

    messages: list[msgspec.Raw] | None = None
    comments: list[msgspec.Raw] | None = None


class _Timed(msgspec.Struct):
    timestamp: Id = 0


def ask(account: Account, cursor: str, *, now: datetime) -> Polled:
    """Return posts and comments since `cursor` (Unix milliseconds), oldest first. Raises SendFailed, SendUnknown."""
    since = int(cursor) if cursor.isdigit() else int((now - FIRST).timestamp() * 1000) + OVERLAP_MS
    query = {"chat_id": str(account.channel_id), "count": str(POSTS)}
    posts = account.api.call("GET", "/messages", _Listed, query=query).messages or []
    found = [("message_created", raw) for raw in posts]
    for mid in _mids(posts):
        listed = account.api.call("GET", f"/messages/{mid}/comments", _Listed, query={"count": str(COMMENTS)})
        found += [("comment_created", raw) for raw in listed.comments or listed.messages or []]
    timed = sorted(((_time(raw), kind, raw) for kind, raw in found), key=lambda one: one[0])
    hooks = [_webhook(kind, at, raw, now) for at, kind, raw in timed if at > since - OVERLAP_MS]
    latest = max([since, *(at for at, _, _ in timed)])
    return Polled(tuple(hooks), str(min(latest, int(now.timestamp() * 1000))))


def _mids(posts: list[msgspec.Raw]) -> list[str]:
    found = []
    for raw in posts:
        try:
            body = read(raw, Message, "a message").body
        except Unexpected:
            continue  # told as it came: whoever reads it says what is odd
        if body is not None and body.mid is not None and is_mid(body.mid):
            found.append(body.mid)
    return found


def _time(raw: msgspec.Raw) -> int:
    try:
        return read(raw, _Timed, "a message").timestamp
    except Unexpected:
        return 0


def _webhook(kind: str, at: int, raw: msgspec.Raw, now: datetime) -> Webhook:
    body = msgspec.json.encode({"update_type": kind, "timestamp": at, "message": raw})
    return Webhook({"content-type": "application/json"}, body, now)
