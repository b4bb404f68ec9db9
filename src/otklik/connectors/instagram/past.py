"""Instagram: the account's posts from the newest back, and the comments under each with the answers to them.

Source: the edges /media of the account, /comments of a post and /replies of a comment; pages by `paging.cursors.after`,
which stays in its place whatever comes and goes.
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from otklik.common.text import storable
from otklik.connectors.events import Webhook
from otklik.connectors.figures import Figure, told
from otklik.connectors.instagram.account import Account
from otklik.connectors.instagram.answers import ListedComments, Paging
from otklik.connectors.instagram.asking import FIELDS, FIELDS_OF_REPLY, PAGE, as_webhook
from otklik.connectors.instagram.graph import Gone
from otklik.connectors.instagram.payloads import Id, Stamp
from otklik.connectors.instagram.reading import instant_of, number_of
from otklik.connectors.past import PastPage, PastPost

POSTS = 20
PAUSE_S = 2.0
"""Meta counts the calls of an hour, for all that the app asks; a blog of years is read overnight."""
_FIELDS = "id,caption,timestamp,permalink,like_count,comments_count,media_type"


class Place(msgspec.Struct, array_like=True):
    """A list of comments that is still to be read: under a post, or of the answers to one of them."""

    post: str
    comment: str = ""
    after: str = ""


class Left(msgspec.Struct):
    """How far the account was walked, and whose comments are still to be read."""

    after: str = ""
    walked: bool = False
    places: list[Place] = []


class _Post(msgspec.Struct):
    id: Id
    caption: str | None = None
    timestamp: Stamp | None = None
    permalink: str | None = None
    like_count: int | None = None
    comments_count: int | None = None


class _Posts(msgspec.Struct):
    data: list[_Post]
    paging: Paging | None = None


def past(account: Account, since: datetime | None, cursor: str, *, now: datetime) -> PastPage:
    """Return a page of posts, or of the comments under one of them. Raises SendFailed, SendUnknown."""
    left = _read(cursor)
    return _comments(account, left, now) if left.places else _posts(account, left, since)


def _posts(account: Account, left: Left, since: datetime | None) -> PastPage:
    params = {"fields": _FIELDS, "limit": str(POSTS)} | ({"after": left.after} if left.after else {})
    found = account.graph.get(f"{account.id}/media", params, _Posts)
    dated = [
        (one, at) for one in found.data if one.timestamp is not None and (at := instant_of(one.timestamp)) is not None
    ]
    wanted = [(one, at) for one, at in dated if since is None or at >= since]
    left.after, more = _further(found.paging)
    left.walked = not more or len(wanted) < len(dated)
    left.places = [Place(number_of(one.id)) for one, _ in wanted if one.comments_count != 0]
    return _page(tuple(_post(one, at) for one, at in wanted), (), left)


def _post(one: _Post, at: datetime) -> PastPost:
    return PastPost(
        external_id=number_of(one.id),
        text=storable(one.caption or ""),
        at=at,
        permalink=one.permalink or "",
        figures=told({Figure.LIKES: one.like_count, Figure.COMMENTS: one.comments_count}),
        has_files=True,  # there is no post without a photo or a video there
    )


def _comments(account: Account, left: Left, now: datetime) -> PastPage:
    place, left.places = left.places[0], left.places[1:]
    edge = f"{place.comment}/replies" if place.comment else f"{place.post}/comments"
    params = {"fields": FIELDS_OF_REPLY if place.comment else FIELDS, "limit": str(PAGE)}
    try:
        found = account.graph.get(edge, params | ({"after": place.after} if place.after else {}), ListedComments)
    except Gone:
        return _page((), (), left)
    hooks: list[Webhook] = []
    for one in found.data:
        number = number_of(one.id)
        hooks.append(as_webhook(account, place.post, place.comment, one, now))
        if one.replies is not None:
            hooks += [as_webhook(account, place.post, number, answer, now) for answer in one.replies.data]
            after, more = _further(one.replies.paging)
            if more:
                left.places.append(Place(place.post, number, after))
    after, more = _further(found.paging)
    if more:
        left.places.insert(0, Place(place.post, place.comment, after))
    return _page((), tuple(hooks), left)


def _further(paging: Paging | None) -> tuple[str, bool]:
    """Return where the next page begins, and whether there is one."""
    after = paging.cursors.after if paging is not None and paging.cursors is not None else ""
    return after, bool(after and paging is not None and paging.next)


def _page(posts: tuple[PastPost, ...], hooks: tuple[Webhook, ...], left: Left) -> PastPage:
    return PastPage(posts, hooks, msgspec.json.encode(left).decode(), more=bool(left.places) or not left.walked)


def _read(cursor: str) -> Left:
    try:
        return msgspec.json.decode(cursor, type=Left) if cursor else Left()
    except msgspec.MsgspecError:
        return Left()
