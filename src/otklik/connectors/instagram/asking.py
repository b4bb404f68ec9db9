"""Asking Instagram for comments of recent posts, to fill what its webhooks have missed: each as its webhook would be.

Meta repeats a webhook for hours and then drops it, and switches an app off that was away for long.
Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/comments
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from otklik.connectors.base import Round, SendFailed
from otklik.connectors.events import Polled, Webhook
from otklik.connectors.instagram.account import Account
from otklik.connectors.instagram.answers import ListedComment, ListedComments, ListedMedia
from otklik.connectors.instagram.reading import instant_of, number_of

COMMENTS = Round("comments", 900.0, fills_gaps=True)
POSTS = 10
"""Posts whose comments are looked through; older ones are rarely answered."""
POSTS_AT_ONCE = 3
PAGE = 50
MOST_REMEMBERED = 1500

FIELDS_OF_REPLY = "id,text,timestamp,from"
FIELDS = f"{FIELDS_OF_REPLY},replies.limit({PAGE}){{{FIELDS_OF_REPLY}}}"


class Left(msgspec.Struct):
    """What is still to be looked through: posts, and what was brought already.

    `since`: when we began to look, in Unix seconds. What was said before is history, not a gap.
    """

    since: int
    posts: list[str] = []
    brought: list[str] = []


def ask_comments(account: Account, cursor: str, *, now: datetime) -> Polled:
    """Return comments of a few of the newest posts that weren't brought yet. Raises SendFailed, SendUnknown."""
    left = _read(cursor) or Left(int(now.timestamp()))
    posts = left.posts or _newest_posts(account)
    todo, further = posts[:POSTS_AT_ONCE], posts[POSTS_AT_ONCE:]
    brought = set(left.brought)
    fresh = [
        (post, parent, one)
        for post in todo
        for parent, one in _comments(account, post)
        if number_of(one.id) not in brought and _is_since(one, left.since)
    ]
    fresh.sort(key=lambda found: str(found[2].timestamp))
    remembered = [*left.brought, *(number_of(one.id) for _, _, one in fresh)][-MOST_REMEMBERED:]
    hooks = tuple(as_webhook(account, post, parent, one, now) for post, parent, one in fresh)
    return Polled(hooks, msgspec.json.encode(Left(left.since, further, remembered)).decode(), more=bool(further))


def _newest_posts(account: Account) -> list[str]:
    found = account.graph.get(f"{account.id}/media", {"fields": "id", "limit": str(POSTS)}, ListedMedia).data
    return [number for one in found if (number := number_of(one.id)).isdecimal()]


def _comments(account: Account, post: str) -> list[tuple[str, ListedComment]]:
    """Return the newest comments of a post and the answers to them, each with the comment it answers."""
    if not post.isdecimal():
        return []
    try:
        found = account.graph.get(f"{post}/comments", {"fields": FIELDS, "limit": str(PAGE)}, ListedComments).data
    except SendFailed as error:
        if not error.permanent:
            raise
        return []  # the post is gone or its comments are off: nothing was missed there
    answers = [(number_of(top.id), one) for top in found if top.replies is not None for one in top.replies.data]
    return [*(("", top) for top in found), *answers]


def _is_since(one: ListedComment, since: int) -> bool:
    instant = instant_of(one.timestamp) if one.timestamp is not None else None
    return instant is not None and instant.timestamp() >= since


def as_webhook(account: Account, post: str, parent: str, one: ListedComment, now: datetime) -> Webhook:
    """Return a comment that was read as the webhook that would have told it."""
    who = {"id": one.sender.id, "username": one.sender.username} if one.sender is not None else None
    value = {"id": one.id, "text": one.text, "from": who, "media": {"id": post}, "timestamp": one.timestamp}
    value |= {"parent_id": parent} if parent else {}
    body = {"object": "instagram", "entry": [{"id": account.id, "changes": [{"field": "comments", "value": value}]}]}
    return Webhook({"content-type": "application/json"}, msgspec.json.encode(body), now)


def _read(cursor: str) -> Left | None:
    try:
        return msgspec.json.decode(cursor, type=Left)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
