"""Asking VK: its long poll in place of callbacks, and the comments of recent posts, to fill what callbacks have missed.

Source: https://dev.vk.com/api/bots-long-poll/getting-started (`failed`: 1 a new ts, 2 a new key, 3 both) and
wall.getComments of API 5.199. The key is asked for anew each time and never kept; only `ts` is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import msgspec

from otklik.connectors.base import Malformed, Round, SendFailed, SendUnknown
from otklik.connectors.events import Polled, Webhook
from otklik.connectors.hushing import hush
from otklik.connectors.said import said
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import LongPollAnswer, LongPollServer, Wall, WallCommentsAsTold, WallCommentTold
from otklik.connectors.vk.api import VERSION, refuse_status
from otklik.connectors.vk.payloads import read

EVENTS = Round("events", 1.0)
COMMENTS = Round("comments", 300.0, fills_gaps=True)
WAIT_S = 10
"""How long VK holds the question open while nothing happens; less than our patience with an answer."""
POSTS = 20
"""Posts whose comments are looked through; older ones are rarely answered."""
PLACES_AT_ONCE = 3
"""Walls of comments in one question: VK lets a person's token call three times a second."""
PAGE = 100
SHOWN_ANSWERS = 10
"""VK shows at most so many answers beside the comment that they answer; longer threads are asked for by themselves."""

_HEADERS = {"content-type": "application/json"}

hush(r"([?&]key=)[^&\s]+", r"\1…")


class Left(msgspec.Struct):
    """What is still to be looked through: (post, comment whose thread it is, or 0).

    `since`: when we began to look, in Unix seconds. What was said before is history, not a gap.
    """

    since: int
    places: list[tuple[int, int]] = []


def ask_events(account: Account, cursor: str, *, now: datetime) -> Polled:
    """Return the events behind `ts`, each as its callback would be. Raises SendFailed, SendUnknown."""
    server = account.call("groups.getLongPollServer", {"group_id": str(account.group_id)}, LongPollServer)
    asked = {"act": "a_check", "key": server.key, "ts": cursor or str(server.ts), "wait": str(WAIT_S)}
    answer = _long_poll(account, server.server, asked)
    match answer.failed:
        case 0:
            hooks = tuple(Webhook(_HEADERS, bytes(one), now) for one in answer.updates)
            return Polled(hooks, str(answer.ts or asked["ts"]), more=bool(hooks))
        case 1:
            return Polled((), str(answer.ts or server.ts), more=True)
        case _:  # the key was new, so the history is gone: `comments` finds what was said meanwhile
            return Polled((), str(server.ts))


def ask_comments(account: Account, cursor: str, *, now: datetime) -> Polled:
    """Return new comments of a few of the newest posts, each as its callback would be.

    Raises SendFailed, SendUnknown.
    """
    left = _read(cursor) or Left(int(now.timestamp()))
    places = left.places or [(post, 0) for post in _newest_posts(account)]
    todo, further = places[:PLACES_AT_ONCE], places[PLACES_AT_ONCE:]
    hooks: list[Webhook] = []
    for post, comment in todo:
        for told in _comments(account, post, comment):
            hooks += [
                as_callback(account, "wall_reply_new", raw, {"post_id": post}, now) for raw in told.since(left.since)
            ]
            if told.has_more_answers and not comment:
                further.append((post, told.id))
    return Polled(tuple(hooks), msgspec.json.encode(Left(left.since, further)).decode(), more=bool(further))


def _long_poll(account: Account, url: str, asked: dict[str, str]) -> LongPollAnswer:
    if not url.startswith(("https://", "http://")):
        raise SendFailed(said("VK named no server to ask"), permanent=False)
    try:
        with account.api.http() as client:
            response = client.get(url, params=asked)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SendFailed(said("no answer from VK (%(error)s)", error=type(error).__name__), permanent=False) from error
    refuse_status(response)
    try:
        return read(response.content, LongPollAnswer, "an answer of the long poll")
    except Malformed as error:
        raise SendUnknown(said("VK's answer can't be read")) from error


def _newest_posts(account: Account) -> list[int]:
    params = {"owner_id": str(account.owner_id), "count": str(POSTS)}
    return [post.id for post in account.call_as_person("wall.get", params, Wall).items]


def _comments(account: Account, post: int, comment: int) -> list[WallCommentTold]:
    params = {
        "owner_id": str(account.owner_id),
        "post_id": str(post),
        "sort": "desc",
        "count": str(PAGE),
        "preview_length": "0",
        "thread_items_count": "0" if comment else str(SHOWN_ANSWERS),
        **({"comment_id": str(comment)} if comment else {}),
    }
    try:
        told = account.call_as_person("wall.getComments", params, WallCommentsAsTold).items
    except SendFailed as error:
        if not error.permanent:
            raise
        return []  # comments are closed, or the post is gone: nothing was missed there
    try:
        return [WallCommentTold.of(item) for item in told]
    except msgspec.MsgspecError as error:
        raise SendUnknown(said("VK's answer can't be read")) from error


def as_callback(account: Account, kind: str, raw: msgspec.Raw, place: dict[str, int], now: datetime) -> Webhook:
    """Return a comment or a post that was read as the callback that would have told it."""
    thing: dict[str, Any] = msgspec.json.decode(raw)
    thing |= {"owner_id": account.owner_id, **place}
    thing.pop("thread", None)
    body = {"type": kind, "group_id": account.group_id, "v": VERSION, "object": thing}
    return Webhook(_HEADERS, msgspec.json.encode(body), now)


def _read(cursor: str) -> Left | None:
    try:
        return msgspec.json.decode(cursor, type=Left)
    except msgspec.MsgspecError:
        return None
