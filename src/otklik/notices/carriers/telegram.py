"""Letters through a bot of the city's own for officials, and linking it by a code.

Source: https://core.telegram.org/bots/api#getupdates, https://core.telegram.org/bots/features#deep-linking.
It is another bot than the one that residents write to: that one has a webhook, and then updates can't be asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import msgspec

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.telegram.bot_api import BotApi
from otklik.notices.carriers.outcome import NotSent, PerhapsSent


class _Me(msgspec.Struct):
    username: str = ""


class _Chat(msgspec.Struct):
    id: int
    type: str = ""


class _Message(msgspec.Struct):
    chat: _Chat
    text: str = ""


class _Update(msgspec.Struct):
    update_id: int
    message: _Message | None = None


class _Sent(msgspec.Struct):
    message_id: int


@dataclass(frozen=True, slots=True)
class Started:
    """Somebody began a private chat with the bot by a code."""

    chat: int
    code: str


@dataclass(frozen=True, slots=True)
class Bot:
    """The city's bot for officials."""

    base: str
    http: Callable[[], httpx.Client] = field(repr=False)
    token: str = field(default="", repr=False)

    @property
    def _api(self) -> BotApi:
        return BotApi(self.base.rstrip("/"), self.token, self.http)

    def send(self, chat: int, text: str) -> None:
        """Send a text to a chat. Raises NotSent, PerhapsSent."""
        options = {"link_preview_options": {"is_disabled": True}}
        try:
            self._api.call("sendMessage", _Sent, chat_id=chat, text=text, **options)
        except SendFailed as error:
            raise NotSent(str(error), permanent=error.permanent, wait_s=error.retry_after_s) from error
        except SendUnknown as error:
            raise PerhapsSent(str(error)) from error

    def name(self) -> str:
        """Return the bot's user name. Raises NotSent."""
        try:
            return self._api.call("getMe", _Me).username
        except (SendFailed, SendUnknown) as error:
            raise NotSent(str(error), permanent=False) from error

    def started(self, offset: int) -> tuple[list[Started], int]:
        """Return who began with a code since `offset`, and the offset to go on from. Raises NotSent."""
        try:
            updates = self._api.call(
                "getUpdates", list[_Update], offset=offset, limit=100, timeout=0, allowed_updates=["message"]
            )
        except (SendFailed, SendUnknown) as error:
            raise NotSent(str(error), permanent=False) from error
        found = []
        for update in updates:
            said = update.message
            if said is not None and said.chat.type == "private" and said.text.startswith("/start "):
                found.append(Started(said.chat.id, said.text.removeprefix("/start ").strip()[:40]))
        return found, max((update.update_id + 1 for update in updates), default=offset)
