"""MAX: asking for what its webhooks missed: the channel's latest posts, and the comments under them.

What is found is told as a webhook tells it, so its key is the webhook's, and whichever comes second changes nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

import msgspec

from otklik.connectors.events import Polled, Webhook
from otklik.connectors.max.account import Account
from otklik.connectors.max.payloads import Id, Message, Unexpected, is_mid, read

EVERY_S = 600.0
POSTS = 8
"""How many of the latest posts are read for comments: each costs a call."""
COMMENTS = 100
MOST_AT_ONCE = 400
FIRST_MS = 86_400_000
"""How far back the first question looks."""
OVERLAP_MS = 3_600_000
"""What MAX shows late by less than this is still found."""


class Cursor(msgspec.Struct):
    """Up to when everything was told, in Unix milliseconds, and what was told of the last hour before that."""

    since: Id
    seen: list[str] = []


class _Listed(msgspec.Struct):
    """A list of messages or comments, each as it came."""

    messages: list[msgspec.Raw] | None = None
    comments: list[msgspec.Raw] | None = None


class _Timed(msgspec.Struct):
    timestamp: Id = 0


class _Found(NamedTuple):
    at: int
    mark: str
    kind: str
    raw: msgspec.Raw


def ask(account: Account, cursor: str, *, now: datetime) -> Polled:
    """Return posts and comments since `cursor`, oldest first, each once. Raises SendFailed, SendUnknown."""
    until = int(now.timestamp() * 1000)
    known = _cursor(cursor, until)
    recent = [one for one in _found(account) if one.at > known.since - OVERLAP_MS]
    fresh = [one for one in recent if one.mark not in known.seen]
    brought = fresh[:MOST_AT_ONCE]
    since = min(max([known.since, *(one.at for one in brought)]), until)
    told = {one.mark for one in brought}.union(known.seen)
    seen = [one.mark for one in recent if one.mark in told and one.at > since - OVERLAP_MS]
    hooks = tuple(_webhook(one, now) for one in brought)
    return Polled(hooks, msgspec.json.encode(Cursor(since, seen)).decode(), more=len(fresh) > len(brought))


def _cursor(cursor: str, until: int) -> Cursor:
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except msgspec.DecodeError:
        return Cursor(until - FIRST_MS + OVERLAP_MS)


def _found(account: Account) -> list[_Found]:
    """Return the latest posts and what is under them, oldest first."""
    query = {"chat_id": str(account.channel_id), "count": str(POSTS)}
    posts = account.api.call("GET", "/messages", _Listed, query=query).messages or []
    found = [_told("message_created", raw) for raw in posts]
    for mid in filter(None, map(_mid, posts)):
        listed = account.api.call("GET", f"/messages/{mid}/comments", _Listed, query={"count": str(COMMENTS)})
        found += [_told("comment_created", raw) for raw in listed.comments or listed.messages or []]
    return sorted(found, key=lambda one: one.at)


def _told(kind: str, raw: msgspec.Raw) -> _Found:
    """What can't be read is told as it came: whoever reads it says what is odd."""
    try:
        at = read(raw, _Timed, "a message").timestamp
    except Unexpected:
        at = 0
    name = _mid(raw).encode() or bytes(raw)
    return _Found(at, hashlib.sha256(name).hexdigest()[:12], kind, raw)


def _mid(raw: msgspec.Raw) -> str:
    try:
        body = read(raw, Message, "a message").body
    except Unexpected:
        return ""
    return body.mid if body is not None and body.mid is not None and is_mid(body.mid) else ""


def _webhook(one: _Found, now: datetime) -> Webhook:
    body = msgspec.json.encode({"update_type": one.kind, "timestamp": one.at, "message": one.raw})
    return Webhook({"content-type": "application/json"}, body, now)
