"""Telegram: giving a message of the bot's own other words.

Source: https://core.telegram.org/bots/api#editmessagetext and #editmessagecaption. The reference names a limit of 48
hours for messages of a business account only; a bot's own have none. What is there already is refused with words of its
own, and that refusal is the proof that an earlier, doubtful try went through.
"""

from __future__ import annotations

import re

import msgspec

from otklik.connectors.base import SendFailed
from otklik.connectors.events import Draft, Receipt
from otklik.connectors.telegram.bot_api import BotApi

UNCHANGED = "message is not modified"
_CHAT, _MESSAGE = re.compile(r"-?[0-9]{1,18}"), re.compile(r"[0-9]{1,18}")


def edit(api: BotApi, draft: Draft, sent: Receipt) -> None:
    """Change the text, or the caption where photos went along. Raises SendFailed, SendUnknown; safe to repeat."""
    where = place_of(sent)
    try:
        if draft.photos:
            api.call("editMessageCaption", msgspec.Raw, caption=draft.text, **where)
        else:
            api.call("editMessageText", msgspec.Raw, text=draft.text, **where)
    except SendFailed as error:
        if UNCHANGED not in str(error):
            raise


def place_of(sent: Receipt) -> dict[str, int]:
    """Return which message it is, as the methods name it. Raises SendFailed where nobody knows."""
    if not (_CHAT.fullmatch(sent.container) and _MESSAGE.fullmatch(sent.external_id)):
        raise SendFailed("it isn't known which message it is: somebody only told us that it is there", permanent=True)
    return {"chat_id": int(sent.container), "message_id": int(sent.external_id)}
