"""Instagram: what it tells in numbers of the account, of its posts and of the comments under them.

Source: https://developers.facebook.com/docs/instagram-platform/insights: `impressions` has become `views`; counts
below five come as -1 or not at all; of an audience of fewer than a hundred nothing is told, and its
`dimension_values` may begin with a time frame, so the last of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from otklik.connectors.base import SendFailed
from otklik.connectors.figures import AccountFigures, Count, Figure, Share, Tells, Trait, shares_of, told
from otklik.connectors.instagram.account import Account
from otklik.connectors.instagram.comments import COMMENTS
from otklik.connectors.instagram.graph import Gone
from otklik.connectors.instagram.payloads import Id
from otklik.connectors.instagram.reading import number_of
from otklik.connectors.said import words_of

ACCOUNT = frozenset({Figure.FOLLOWERS, Figure.REACH, Figure.VIEWS})
POSTS = frozenset({Figure.VIEWS, Figure.REACH, Figure.LIKES, Figure.COMMENTS, Figure.SHARES, Figure.SAVES})
AT_ONCE = 8
"""Two calls each."""
PAGE = 50

_OF_POSTS = {
    "views": Figure.VIEWS,
    "reach": Figure.REACH,
    "saved": Figure.SAVES,
    "shares": Figure.SHARES,
    "likes": Figure.LIKES,
    "comments": Figure.COMMENTS,
}
_OF_ACCOUNT = {"reach": Figure.REACH, "views": Figure.VIEWS}
_BREAKDOWNS = {"age": Trait.AGE, "gender": Trait.SEX, "city": Trait.CITY}


class _Profile(msgspec.Struct):
    followers_count: Count | None = None


class _Result(msgspec.Struct):
    dimension_values: list[str] = []
    value: Count = 0


class _Breakdown(msgspec.Struct):
    results: list[_Result] = []


class _Total(msgspec.Struct):
    value: Count | None = None
    breakdowns: list[_Breakdown] = []


class _Value(msgspec.Struct):
    value: msgspec.Raw = msgspec.Raw(b"null")


class _Metric(msgspec.Struct):
    name: str
    values: list[_Value] = []
    total_value: _Total | None = None


class _Metrics(msgspec.Struct):
    data: list[_Metric] = []


class _Media(msgspec.Struct):
    like_count: Count | None = None
    comments_count: Count | None = None


class _Answers(msgspec.Struct):
    data: list[_Comment] = []


class _Comment(msgspec.Struct):
    id: Id
    like_count: Count | None = None
    replies: _Answers | None = None


def tells() -> Tells:
    """Return what an account is told; whether its token has the right shows when it is asked."""
    return Tells(ACCOUNT, POSTS)


def account_figures(account: Account) -> AccountFigures:
    """Return followers, this day's reach and views, and who the followers are: five calls.

    Raises SendFailed, SendUnknown.
    """
    profile = account.graph.get(account.id, {"fields": "followers_count"}, _Profile)
    params = {"metric": ",".join(_OF_ACCOUNT), "period": "day", "metric_type": "total_value"}
    counts: dict[Figure, int | None] = {Figure.FOLLOWERS: profile.followers_count}
    try:
        metrics = account.graph.get(f"{account.id}/insights", params, _Metrics).data
    except SendFailed as error:
        if not error.permanent:
            raise
        return AccountFigures(told(counts), refused=words_of(error))
    return AccountFigures(told(counts | _read(metrics, _OF_ACCOUNT)), _audience(account))


def _audience(account: Account) -> tuple[Share, ...] | None:
    found: list[Share] = []
    was_told = False
    for breakdown, trait in _BREAKDOWNS.items():
        params = {
            "metric": "follower_demographics",
            "period": "lifetime",
            "metric_type": "total_value",
            "breakdown": breakdown,
        }
        try:
            metrics = account.graph.get(f"{account.id}/insights", params, _Metrics).data
        except SendFailed as error:
            if not error.permanent:
                raise
            return None  # fewer than a hundred followers, or no right to it
        for metric in metrics:
            if metric.name == "follower_demographics" and metric.total_value is not None:
                was_told = True
                results = [one for broken in metric.total_value.breakdowns for one in broken.results]
                named = [(one.dimension_values[-1].lower(), one.value) for one in results if one.dimension_values]
                if trait is Trait.CITY:
                    named = [(one.dimension_values[-1], one.value) for one in results if one.dimension_values]
                found += shares_of(trait, named)
    return tuple(found) if was_told else None


def post_figures(account: Account, posts: Sequence[str]) -> dict[str, dict[Figure, int]]:
    """Return the figures of posts by their number: two calls each. Raises SendFailed, SendUnknown.

    Insights that are refused (a post from before the account was a professional one) are missing.
    """
    found = {}
    for post in posts:
        if not post.isdecimal():
            continue
        try:
            media = account.graph.get(post, {"fields": "like_count,comments_count"}, _Media)
        except Gone:
            continue
        counts = {Figure.LIKES: media.like_count, Figure.COMMENTS: media.comments_count, **_insights(account, post)}
        found[post] = told(counts)
    return found


def _insights(account: Account, post: str) -> dict[Figure, int | None]:
    try:
        metrics = account.graph.get(f"{post}/insights", {"metric": "views,reach,saved,shares"}, _Metrics).data
    except SendFailed as error:
        if not error.permanent:
            raise
        return {}
    return _read(metrics, _OF_POSTS)


def _read(metrics: Sequence[_Metric], named: Mapping[str, Figure]) -> dict[Figure, int | None]:
    """Return the metrics that we know; a value may be told as one of a series, or as a total."""
    found: dict[Figure, int | None] = {}
    for metric in metrics:
        figure = named.get(metric.name)
        if figure is None:
            continue
        if metric.total_value is not None:
            found[figure] = metric.total_value.value
        elif metric.values:
            found[figure] = _number(metric.values[-1].value)
    return found


def _number(raw: msgspec.Raw) -> int | None:
    try:
        return msgspec.json.decode(raw, type=Count)
    except msgspec.MsgspecError:
        return None  # told by parts: no figure of ours


def reactions_under(account: Account, post: str) -> Mapping[str, Mapping[str, int]]:
    """Return the likes of a post's newest comments, by the comment's key. Raises SendFailed, SendUnknown."""
    if not post.isdecimal():
        return {}
    params = {"fields": f"id,like_count,replies.limit({PAGE}){{id,like_count}}", "limit": str(PAGE)}
    tops = account.graph.get(f"{post}/comments", params, _Answers).data
    every = [one for top in tops for one in (top, *(top.replies.data if top.replies is not None else ()))]
    counted = {f"{COMMENTS}:{number_of(one.id)}": one.like_count for one in every}
    return {key: {"like": count} if count else {} for key, count in counted.items() if count is not None and count >= 0}
