"""Telegram: how many are in the channel. Of posts a bot is told reactions only, and they come by themselves.

Source: https://core.telegram.org/bots/api#getchatmembercount; views and the audience are told to no bot.
"""

from __future__ import annotations

from otklik.connectors.figures import AccountFigures, Count, Figure, Tells, told
from otklik.connectors.telegram.bot_api import BotApi

ACCOUNT = frozenset({Figure.FOLLOWERS})
POSTS = frozenset({Figure.REACTIONS})


def tells() -> Tells:
    """Return what every bot is told."""
    return Tells(ACCOUNT, POSTS)


def account_figures(api: BotApi, channel: int) -> AccountFigures:
    """Return how many read the channel: one call. Raises SendFailed, SendUnknown."""
    return AccountFigures(told({Figure.FOLLOWERS: api.call("getChatMemberCount", Count, chat_id=channel)}))
