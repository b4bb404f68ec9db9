"""VK: the community's wall from its newest post back, and the comments under each post with their threads.

Source: wall.get and wall.getComments of API 5.199; both are opened to a person's token only. Pages are counted by
offset, so each overlaps the one before: what was deleted meanwhile moves the rest up, and a few such are caught.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Webhook
from otklik.connectors.past import PastPage, PastPost
from otklik.connectors.said import said
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import WallCommentsAsTold, WallCommentTold
from otklik.connectors.vk.api import REFUSALS, Refused
from otklik.connectors.vk.figuring import CountedPost, figures_of
from otklik.connectors.vk.polling import as_callback

POSTS, COMMENTS = 20, 100
"""So many in one page. Of posts fewer than VK gives: each becomes a signed one, in one transaction."""
OVERLAP = 5
SHOWN_ANSWERS = 10
PAUSE_S = 0.4
"""VK lets a person's token call three times a second."""
NOT_THIS_POST = frozenset({15, 210, 211, 212, 213})
"""Refusals that are about one post: its comments are closed, or it is gone."""


class Left(msgspec.Struct):
    """How far the wall was walked, and whose comments are still to be read: (post, thread or 0, offset)."""

    offset: int = 0
    last: int = 0
    walked: bool = False
    places: list[tuple[int, int, int]] = []


class _Wall(msgspec.Struct):
    items: list[msgspec.Raw]


class _Post(CountedPost):
    from_id: int = 0
    date: int = 0
    text: str = ""
    is_pinned: bool | int = False
    is_deleted: bool | int = False
    attachments: list[msgspec.Raw] | None = None


def past(account: Account, since: datetime | None, cursor: str, *, now: datetime) -> PastPage:
    """Return a page of posts, or of the comments under one of them. Raises SendFailed, SendUnknown."""
    if not account.user_token:
        raise SendFailed(REFUSALS[27].reason, permanent=True)
    left = _read(cursor)
    if left.places:
        return _comments(account, left, now)
    return _posts(account, left, since, now)


def _posts(account: Account, left: Left, since: datetime | None, now: datetime) -> PastPage:
    start = max(left.offset - OVERLAP, 0)
    params = {"owner_id": str(account.owner_id), "count": str(POSTS), "offset": str(start)}
    pairs = _opened(account.call_as_person("wall.get", params, _Wall).items)
    oldest = int(since.timestamp()) if since is not None else 0
    fresh = [(post, raw) for post, raw in pairs if not post.is_deleted and (not left.last or post.id < left.last)]
    wanted = [(post, raw) for post, raw in fresh if post.date >= oldest]
    in_order = [post for post, _ in pairs if not post.is_pinned]
    left.offset, left.last = start + len(pairs), min([post.id for post in in_order], default=left.last)
    left.walked = len(pairs) < POSTS or (bool(in_order) and in_order[-1].date < oldest)
    left.places = [(p.id, 0, 0) for p, _ in wanted if p.comments is None or p.comments.count != 0]
    told = tuple(_post(account, post) for post, _ in wanted if post.from_id == account.owner_id)
    hooks = tuple(as_callback(account, "wall_post_new", raw, {}, now) for _, raw in wanted)
    return _page(told, hooks, left)


def _opened(items: list[msgspec.Raw]) -> list[tuple[_Post, msgspec.Raw]]:
    try:
        return [(msgspec.json.decode(raw, type=_Post), raw) for raw in items]
    except msgspec.MsgspecError as error:
        raise SendUnknown(said("VK's answer can't be read")) from error


def _post(account: Account, post: _Post) -> PastPost:
    name = f"{account.owner_id}_{post.id}"
    return PastPost(
        external_id=name,
        text=storable(post.text),
        at=datetime.fromtimestamp(post.date, UTC),
        permalink=f"https://vk.com/wall{name}",
        figures=figures_of(post, None),
        has_files=bool(post.attachments),
    )


def _comments(account: Account, left: Left, now: datetime) -> PastPage:
    (post, comment, offset), left.places = left.places[0], left.places[1:]
    start = max(offset - OVERLAP, 0)
    items = _asked(account, post, comment, start)
    hooks: list[Webhook] = []
    for raw in items:
        try:
            told = WallCommentTold.of(raw)
        except msgspec.MsgspecError as error:
            raise SendUnknown(said("VK's answer can't be read")) from error
        hooks += [as_callback(account, "wall_reply_new", one, {"post_id": post}, now) for one in told.since(0)]
        if told.has_more_answers and not comment:
            left.places.append((post, told.id, 0))
    if len(items) >= COMMENTS:
        left.places.insert(0, (post, comment, start + len(items)))
    return _page((), tuple(hooks), left)


def _asked(account: Account, post: int, comment: int, start: int) -> list[msgspec.Raw]:
    params = {
        "owner_id": str(account.owner_id),
        "post_id": str(post),
        "sort": "asc",
        "count": str(COMMENTS),
        "offset": str(start),
        "preview_length": "0",
        "thread_items_count": "0" if comment else str(SHOWN_ANSWERS),
        **({"comment_id": str(comment)} if comment else {}),
    }
    try:
        return account.call_as_person("wall.getComments", params, WallCommentsAsTold).items
    except Refused as error:
        if error.code in NOT_THIS_POST:
            return []
        raise


def _page(posts: tuple[PastPost, ...], hooks: tuple[Webhook, ...], left: Left) -> PastPage:
    more = bool(left.places) or not left.walked
    return PastPage(posts, hooks, msgspec.json.encode(left).decode(), more)


def _read(cursor: str) -> Left:
    try:
        return msgspec.json.decode(cursor, type=Left) if cursor else Left()
    except msgspec.MsgspecError:
        return Left()
