"""VK: what it tells in numbers of the community, of its posts and of the comments under them.

Source: groups.getById (`members_count`), stats.get and stats.getPostReach, wall.getById and wall.getComments of API
5.199. Everything but the number of members is told to a person's token only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from otklik.connectors.base import SendFailed
from otklik.connectors.figures import AccountFigures, Count, Figure, Share, Tells, Trait, shares_of, told
from otklik.connectors.said import words_of
from otklik.connectors.vk.account import Account

ACCOUNT = frozenset({Figure.FOLLOWERS, Figure.REACH, Figure.VIEWS, Figure.LIKES, Figure.SHARES, Figure.COMMENTS})
POSTS = frozenset({Figure.VIEWS, Figure.REACH, Figure.LIKES, Figure.SHARES, Figure.COMMENTS})
AT_ONCE = 30
"""stats.getPostReach takes no more."""
COMMENTS = 100
ANSWERS = 10


class _Community(msgspec.Struct):
    members_count: Count | None = None


class _Communities(msgspec.Struct):
    groups: list[_Community] = []


class _Counted(msgspec.Struct):
    count: Count | None = None


class _Sorted(msgspec.Struct):
    value: str | int = ""
    name: str = ""
    count: Count = 0


class _Reach(msgspec.Struct):
    reach: Count | None = None
    cities: list[_Sorted] = []
    age: list[_Sorted] = []
    sex: list[_Sorted] = []
    sex_age: list[_Sorted] = []


class _Visitors(msgspec.Struct):
    views: Count | None = None


class _Activity(msgspec.Struct):
    likes: Count | None = None
    copies: Count | None = None
    comments: Count | None = None


class _Period(msgspec.Struct):
    reach: _Reach | None = None
    visitors: _Visitors | None = None
    activity: _Activity | None = None


class CountedPost(msgspec.Struct):
    """A post with what VK counts of it."""

    id: int
    owner_id: int = 0
    likes: _Counted | None = None
    reposts: _Counted | None = None
    comments: _Counted | None = None
    views: _Counted | None = None


class _Posts(msgspec.Struct):
    items: list[CountedPost] = []


class _PostReach(msgspec.Struct):
    post_id: int
    reach_total: Count | None = None


class _Thread(msgspec.Struct):
    items: list[_Comment] = []


class _Comment(msgspec.Struct):
    id: int
    likes: _Counted | None = None
    thread: _Thread | None = None


class _Comments(msgspec.Struct):
    items: list[_Comment] = []


def tells(account: Account) -> Tells:
    """Return what is told to the tokens that are set up."""
    return Tells(ACCOUNT, POSTS) if account.user_token else Tells(frozenset({Figure.FOLLOWERS}))


def account_figures(account: Account) -> AccountFigures:
    """Return members, and with a person's token this day's figures and this month's audience: three calls at most.

    Raises SendFailed, SendUnknown.
    """
    params = {"group_id": str(account.group_id), "fields": "members_count"}
    communities = account.call("groups.getById", params, _Communities).groups
    counts: dict[Figure, int | None] = {Figure.FOLLOWERS: communities[0].members_count if communities else None}
    if not account.user_token:
        return AccountFigures(told(counts))
    try:
        day, month = _period(account, "day"), _period(account, "month")
    except SendFailed as error:
        if not error.permanent:
            raise
        return AccountFigures(told(counts), refused=words_of(error))
    counts |= {
        Figure.REACH: day.reach.reach if day.reach is not None else None,
        Figure.VIEWS: day.visitors.views if day.visitors is not None else None,
        Figure.LIKES: day.activity.likes if day.activity is not None else None,
        Figure.SHARES: day.activity.copies if day.activity is not None else None,
        Figure.COMMENTS: day.activity.comments if day.activity is not None else None,
    }
    return AccountFigures(told(counts), _audience(month.reach) if month.reach is not None else None)


def _period(account: Account, interval: str) -> _Period:
    params = {"group_id": str(account.group_id), "interval": interval, "intervals_count": "1", "extended": "1"}
    found = account.call_as_person("stats.get", params, list[_Period])
    return found[0] if found else _Period()


def _audience(reach: _Reach) -> tuple[Share, ...]:
    """VK sorts by sex and age at once ("f;25-30"); where only that is told, each is summed up from it."""
    both = [(*str(one.value).partition(";")[::2], one.count) for one in reach.sex_age]
    ages = [(str(one.value), one.count) for one in reach.age] or [(age, count) for _, age, count in both]
    sexes = [(str(one.value), one.count) for one in reach.sex] or [(sex, count) for sex, _, count in both]
    cities = [(one.name, one.count) for one in reach.cities]
    return (*shares_of(Trait.AGE, ages), *shares_of(Trait.SEX, sexes), *shares_of(Trait.CITY, cities))


def post_figures(account: Account, posts: Sequence[str]) -> dict[str, dict[Figure, int]]:
    """Return the figures of posts by "owner_number": two calls. Raises SendFailed, SendUnknown.

    Reach is told only where VK shows statistics to this person: refused, it is missing.
    """
    ours = {post: post.partition("_")[2] for post in posts if post.startswith(f"{account.owner_id}_")}
    if not ours:
        return {}
    found = account.call_as_person("wall.getById", {"posts": ",".join(ours)}, _Posts).items
    reach = _reach(account, list(ours.values()))
    return {f"{account.owner_id}_{post.id}": figures_of(post, reach.get(post.id)) for post in found}


def figures_of(post: CountedPost, reach: int | None) -> dict[Figure, int]:
    """Return the figures of a post, those that were told."""
    counts = {
        Figure.VIEWS: post.views.count if post.views is not None else None,
        Figure.LIKES: post.likes.count if post.likes is not None else None,
        Figure.SHARES: post.reposts.count if post.reposts is not None else None,
        Figure.COMMENTS: post.comments.count if post.comments is not None else None,
        Figure.REACH: reach,
    }
    return told(counts)


def _reach(account: Account, numbers: Sequence[str]) -> dict[int, int | None]:
    params = {"owner_id": str(account.owner_id), "post_ids": ",".join(numbers)}
    try:
        found = account.call_as_person("stats.getPostReach", params, list[_PostReach])
    except SendFailed as error:
        if not error.permanent:
            raise
        return {}
    return {one.post_id: one.reach_total for one in found}


def reactions_under(account: Account, post: str) -> Mapping[str, Mapping[str, int]]:
    """Return the likes of a post's newest comments, by the comment's key. Raises SendFailed, SendUnknown."""
    owner, _, number = post.partition("_")
    params = {
        "owner_id": owner,
        "post_id": number,
        "need_likes": "1",
        "sort": "desc",
        "count": str(COMMENTS),
        "preview_length": "1",
        "thread_items_count": str(ANSWERS),
    }
    tops = account.call_as_person("wall.getComments", params, _Comments).items
    every = [one for top in tops for one in (top, *(top.thread.items if top.thread is not None else ()))]
    counted = {f"wall{post}:{one.id}": one.likes.count for one in every if one.likes is not None}
    return {key: {"like": count} if count else {} for key, count in counted.items() if count is not None and count >= 0}
