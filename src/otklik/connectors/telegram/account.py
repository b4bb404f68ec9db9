"""Which chats and which sender are ours: what parsing needs to know of the connected account."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.common.text import storable
from otklik.connectors.events import Author
from otklik.connectors.telegram.updates import Chat, User


@dataclass(frozen=True, slots=True)
class Account:
    """The bot, its channel and the channel's discussion group (0: the channel has no comments)."""

    bot_id: int
    channel: int
    discussion: int

    def author(self, user: User | None, chat: Chat | None, *, is_private: bool = False) -> Author | None:
        """Return who speaks. Behind a `chat` (a channel, an anonymous administrator) the person is hidden.

        Our channel, and our discussion group as an anonymous administrator, are ourselves.
        """
        if chat is not None and not is_private:
            return Author(
                external_id=str(chat.id),
                display_name=clean(chat.title, 200),
                handle=clean(chat.username, 120),
                url=profile_url(chat.username),
                is_self=chat.id in {self.channel, self.discussion},
                is_anonymous=chat.id == self.discussion,
            )
        if user is None:
            return None
        return Author(
            external_id=str(user.id),
            display_name=clean(" ".join(filter(None, (user.first_name, user.last_name))), 200),
            handle=clean(user.username, 120),
            url=profile_url(user.username),
            is_self=user.id == self.bot_id,
            is_bot=user.is_bot,
        )


def clean(text: str | None, limit: int) -> str:
    """Return a short field as it may be stored."""
    return storable(text or "")[:limit]


def profile_url(username: str | None) -> str:
    """Return the public page of a user, group or channel, empty if it has no name."""
    return f"https://t.me/{clean(username, 120)}" if username else ""


def message_url(chat: Chat, message_id: int) -> str:
    """Return the link to a message. Without a public name only members can follow it; private chats have none.

    Source: https://core.telegram.org/api/links#message-links
    """
    if chat.username and chat.type != "private":
        return f"{profile_url(chat.username)}/{message_id}"
    number = str(chat.id)
    return f"https://t.me/c/{number[4:]}/{message_id}" if number.startswith("-100") else ""
