"""Telegram: taking a post of the channel away again.

Source: https://core.telegram.org/bots/api#deletemessage: a message not older than 48 hours; an administrator who may
delete messages isn't held to that. Which it is, Telegram says, not we. Photos of an album are messages of their own.
"""

from __future__ import annotations

from otklik.connectors.base import SendFailed
from otklik.connectors.events import Receipt
from otklik.connectors.telegram.bot_api import BotApi
from otklik.connectors.telegram.editing import place_of

GONE = "message to delete not found"
"""The refusal that proves that it is gone already."""


def delete(api: BotApi, sent: Receipt) -> None:
    """Delete a message and the others of its album. Raises SendFailed, SendUnknown; safe to repeat."""
    where = place_of(sent)
    further = [int(number) for number in sent.further if number.isascii() and number.isdigit()]
    for number in (where["message_id"], *further):
        try:
            api.call("deleteMessage", bool, chat_id=where["chat_id"], message_id=number)
        except SendFailed as error:
            if GONE not in str(error):
                raise
