"""Odnoklassniki: how many are in the group, and, where an administrator has tried it, reach and its topics' figures.

Source: group.getCounters (https://apiok.ru/dev/methods/rest/group/group.getCounters). group.getStatTrends and the
summaries of mediatopic.getByIds are general knowledge, so they are asked only with the setting `statistics`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from otklik.connectors.base import SendFailed
from otklik.connectors.figures import AccountFigures, Count, Figure, Tells, told
from otklik.connectors.ok.account import Account
from otklik.connectors.ok.payloads import named
from otklik.connectors.ok.sending import rest_of
from otklik.connectors.said import words_of

FOLLOWERS = frozenset({Figure.FOLLOWERS})
ACCOUNT = frozenset({Figure.FOLLOWERS, Figure.REACH, Figure.VIEWS})
POSTS = frozenset({Figure.VIEWS, Figure.LIKES, Figure.COMMENTS, Figure.SHARES})
AT_ONCE = 20
_TRENDS = {"reach": Figure.REACH, "renderings": Figure.VIEWS}


class _Counters(msgspec.Struct):
    members: Count | None = None


class _Counted(msgspec.Struct):
    counters: _Counters = msgspec.field(default_factory=_Counters)


class _Point(msgspec.Struct):
    value: Count | None = None
    time: Count = 0


class _Summary(msgspec.Struct):
    count: Count | None = None


class _Discussion(msgspec.Struct):
    comments_count: Count | None = None


class _Topic(msgspec.Struct):
    id: str | int
    views_count: Count | None = None
    like_summary: _Summary | None = None
    reshare_summary: _Summary | None = None
    discussion_summary: _Discussion | None = None


class _Topics(msgspec.Struct):
    media_topics: list[_Topic] = []


def tells(account: Account) -> Tells:
    """Return what is told with the keys and the setting as they are."""
    if account.rest is None:
        return Tells()
    return Tells(ACCOUNT, POSTS) if account.tells_statistics else Tells(FOLLOWERS)


def account_figures(account: Account) -> AccountFigures:
    """Return how many are in the group, and the newest day's reach: two calls. Raises SendFailed, SendUnknown."""
    rest = rest_of(account)
    counted = rest.call("group.getCounters", _Counted, group_id=account.group_id, counterTypes="MEMBERS")
    counts = {Figure.FOLLOWERS: counted.counters.members}
    if not account.tells_statistics:
        return AccountFigures(told(counts))
    try:
        trends = rest.call(
            "group.getStatTrends", dict[str, list[_Point]], gid=account.group_id, fields=",".join(_TRENDS)
        )
    except SendFailed as error:
        if not error.permanent:
            raise
        return AccountFigures(told(counts), refused=words_of(error))
    for name, figure in _TRENDS.items():
        newest = max(trends.get(name, []), key=lambda point: point.time, default=None)
        counts[figure] = newest.value if newest is not None else None
    return AccountFigures(told(counts))


def post_figures(account: Account, posts: Sequence[str]) -> dict[str, dict[Figure, int]]:
    """Return the figures of topics by their number: one call. Raises SendFailed, SendUnknown."""
    if not account.tells_statistics:
        return {}
    topics = rest_of(account).call("mediatopic.getByIds", _Topics, topic_ids=",".join(posts)).media_topics
    return {named(one.id, "topic"): _figures(one) for one in topics if named(one.id, "topic") in posts}


def _figures(topic: _Topic) -> dict[Figure, int]:
    counts = {
        Figure.VIEWS: topic.views_count,
        Figure.LIKES: topic.like_summary.count if topic.like_summary is not None else None,
        Figure.SHARES: topic.reshare_summary.count if topic.reshare_summary is not None else None,
        Figure.COMMENTS: topic.discussion_summary.comments_count if topic.discussion_summary is not None else None,
    }
    return told(counts)
