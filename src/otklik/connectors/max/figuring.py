"""MAX: how many read the channel, and how often its posts were seen.

Source: https://dev.max.ru/docs-api: `participants_count` of a chat, `stat.views` of a channel's message.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from otklik.connectors.figures import AccountFigures, Count, Figure, Tells, told
from otklik.connectors.max.account import Account
from otklik.connectors.max.payloads import is_mid

ACCOUNT = frozenset({Figure.FOLLOWERS})
POSTS = frozenset({Figure.VIEWS})
AT_ONCE = 50


class _Chat(msgspec.Struct):
    participants_count: Count | None = None


class _Body(msgspec.Struct):
    mid: str = ""


class _Stat(msgspec.Struct):
    views: Count | None = None


class _Message(msgspec.Struct):
    body: _Body | None = None
    stat: _Stat | None = None


class _Messages(msgspec.Struct):
    messages: list[_Message] = []


def tells(account: Account) -> Tells:
    """Return what is told of the channel; nothing where there is none."""
    return Tells(ACCOUNT, POSTS) if account.channel_id else Tells()


def account_figures(account: Account) -> AccountFigures:
    """Return how many read the channel: one call. Raises SendFailed, SendUnknown."""
    chat = account.api.call("GET", f"/chats/{account.channel_id}", _Chat)
    return AccountFigures(told({Figure.FOLLOWERS: chat.participants_count}))


def post_figures(account: Account, posts: Sequence[str]) -> dict[str, dict[Figure, int]]:
    """Return how often posts were seen, by their mid: one call. Raises SendFailed, SendUnknown."""
    wanted = [post for post in posts if is_mid(post)]
    if not wanted:
        return {}
    found = account.api.call("GET", "/messages", _Messages, query={"message_ids": ",".join(wanted)}).messages
    return {
        one.body.mid: told({Figure.VIEWS: one.stat.views if one.stat is not None else None})
        for one in found
        if one.body is not None and one.body.mid in wanted
    }
