"""Telegram: a channel's posts, the comments in its discussion group, and direct messages to the bot.

Source: https://core.telegram.org/bots/api (Bot API 10.3); how to set it up: README.md beside this file.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from otklik.connectors.base import (
    Capabilities,
    ChannelConfig,
    Finding,
    NotAuthentic,
    Round,
    SendFailed,
    SendUnknown,
    SettingField,
    body_digest,
)
from otklik.connectors.delivery import is_polled
from otklik.connectors.events import Draft, DraftKind, Event, Fetched, HookReply, Polled, Receipt, Webhook
from otklik.connectors.figures import AccountFigures, Figure, Tells
from otklik.connectors.splitting import split_text, utf16_units
from otklik.connectors.telegram import deleting, editing, figuring, polling
from otklik.connectors.telegram.account import Account, message_url
from otklik.connectors.telegram.bot_api import BotApi
from otklik.connectors.telegram.checking import findings, is_subscribed
from otklik.connectors.telegram.fields import FIELDS
from otklik.connectors.telegram.parsing import SUBSCRIBED, delivery_key_of, events_of
from otklik.connectors.telegram.photos import send_photos
from otklik.connectors.telegram.updates import Message

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
MOST_PHOTOS = 10
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
MAX_CONNECTIONS = 40

_TOKEN = re.compile(r"\d+:[\w-]{20,}", re.ASCII)
_SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)
_CHAT_ID = re.compile(r"-\d{1,15}")


@dataclass(frozen=True, slots=True)
class Telegram:
    """One bot, administrator of one channel and of the channel's discussion group."""

    network: ClassVar[str] = "telegram"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        closes_to_people=True,
        publish=True,
        edit_events=True,
        edits_comments=True,
        edits_messages=True,
        edits_posts=True,
        edits_captions=True,
        deletes_posts=True,
        text_limit=TEXT_LIMIT,
        text_unit="UTF-16 units",
        photos_in_comments=MOST_PHOTOS,
        photos_in_messages=MOST_PHOTOS,
        photos_in_posts=MOST_PHOTOS,
        caption_limit=CAPTION_LIMIT,
        account_figures=figuring.ACCOUNT,
        post_figures=figuring.POSTS,
        reaction_counts=True,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS
    posts_at_once: ClassVar[int] = 0

    api: BotApi
    account: Account
    webhook_secret: str = field(repr=False)
    polled: bool = False

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        token = config.secrets.get("bot_token", "").strip()
        if not _TOKEN.fullmatch(token):
            raise ValueError("bot_token: the token that @BotFather gave looks like 123456789:AAE…")
        secret = config.secrets.get("webhook_secret", "")
        if not _SECRET.fullmatch(secret):
            raise ValueError("webhook_secret: 1 to 256 of A-Z, a-z, 0-9, _ and -")
        base = (config.settings.get("api_base") or "https://api.telegram.org").rstrip("/")
        address = urlsplit(base)
        if address.scheme not in {"https", "http"} or not address.hostname or address.query or address.fragment:
            raise ValueError("api_base: an address such as https://api.telegram.org")
        account = Account(
            bot_id=int(token.partition(":")[0]),
            channel=_chat_id(config, "channel_chat_id"),
            discussion=_chat_id(config, "discussion_chat_id", required=False),
        )
        return cls(BotApi(base, token, config.http), account, secret, is_polled(config.settings))

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless the secret we registered came back."""
        sent = hook.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(sent.encode(errors="replace"), self.webhook_secret.encode()):
            raise NotAuthentic("telegram: wrong secret token")

    def delivery_key(self, hook: Webhook) -> str:
        """Return the update's number, unique per bot, or a digest of the body where there is none. Never raises."""
        return delivery_key_of(hook.body) or body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200: anything else is repeated, and a body would be taken for a method call."""
        return HookReply()

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened in this update, oldest first.

        A photo without words is an event too: a pothole needs none. The automatic forward of a channel's post is how
        comments find their post. A kind we don't know becomes an UNKNOWN event, never a loss. Raises Malformed if
        the body is not a Telegram update.
        """
        return events_of(hook, self.account)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into messages of at most 4096 UTF-16 units, as Telegram counts."""
        return split_text(text, TEXT_LIMIT, utf16_units, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return True: wherever a bot may write, it may show."""
        return self.capabilities.photos_in(kind) > 0

    def send(self, draft: Draft) -> Receipt:
        """Send one message as plain text, or photos with a caption.

        Raises SendFailed (certainly not sent) or SendUnknown (it may be there).

        A reply to a comment that is gone is refused, not sent: without the reply it would land outside its post's
        comments, where nobody asked. People see the refusal and decide.
        """
        _check_length(draft)
        where = self._where(draft)
        if draft.photos:
            message, *further = send_photos(self.api, draft, where)
        else:
            message, further = self.api.call("sendMessage", Message, text=draft.text, **where), []
        return Receipt(
            external_id=str(message.message_id),
            container=str(message.chat.id),
            thread_key=draft.target.thread_key,
            permalink=message_url(message.chat, message.message_id),
            post_external_id=f"{message.chat.id}:{message.message_id}" if draft.kind is DraftKind.POST else "",
            further=tuple(str(one.message_id) for one in further),
        )

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file by its id: links hold the bot's token, so none is ever kept. Raises SendFailed, SendUnknown."""
        return self.api.fetch(source_ref, most=most)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Raise SendUnknown always: a bot can't read a chat's history, so a person has to look."""
        raise SendUnknown("a Telegram bot can't read what it has sent: look in the chat")

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return True: a bot may change its own messages, however old they are."""
        return self.capabilities.edits(kind)

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Change the words of a message, or those beside its photos. Raises SendFailed, SendUnknown."""
        _check_length(draft)
        editing.edit(self.api, draft, sent)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Raise SendUnknown always, as `find_sent`; the edit may be repeated: Telegram says what is unchanged."""
        raise SendUnknown("a Telegram bot can't read what it has sent")

    def takes_deletion(self) -> bool:
        """Return True: what is too old for the bot's rights, Telegram refuses itself."""
        return True

    def delete(self, sent: Receipt) -> None:
        """Delete a post, with its whole album. Raises SendFailed, SendUnknown; what is gone already is no error."""
        deleting.delete(self.api, sent)

    def find_deletion(self, sent: Receipt) -> bool:
        """Raise SendUnknown always, as `find_sent`; deleting may be repeated: Telegram says what is gone."""
        raise SendUnknown("a Telegram bot can't read what it has sent")

    def rounds(self) -> tuple[Round, ...]:
        """Return that updates are asked for, where the city has chosen that."""
        return (polling.UPDATES,) if self.polled else ()

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Return the updates behind the cursor, waiting a few seconds for one. Raises SendFailed, SendUnknown."""
        return polling.ask(self.api, cursor, now=now)

    def tells(self) -> Tells:
        """Return which figures a bot is told."""
        return figuring.tells()

    def account_figures(self) -> AccountFigures:
        """Ask how many read the channel. Raises SendFailed, SendUnknown."""
        return figuring.account_figures(self.api, self.account.channel)

    def post_figures(self, posts: Sequence[str]) -> Mapping[str, Mapping[Figure, int]]:
        """Return nothing: what a bot is told of posts comes by itself."""
        return {}

    def subscribe(self, hook_url: str) -> None:
        """Have updates delivered to `hook_url` with our secret, or to nobody where we ask for them; safe to repeat.

        Raises SendFailed or SendUnknown.
        """
        if self.polled:
            polling.forget_webhook(self.api)
            return
        self.api.call(
            "setWebhook",
            bool,
            url=hook_url,
            secret_token=self.webhook_secret,
            allowed_updates=list(SUBSCRIBED),
            max_connections=MAX_CONNECTIONS,
        )

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether Telegram delivers here all we want to hear, or to nobody where we ask for it.

        Raises SendFailed, SendUnknown.
        """
        return is_subscribed(self.api, "" if self.polled else hook_url)

    def check(self) -> list[Finding]:
        """Look at the token, the channel, the group, the bot's rights and the webhook as they are now."""
        return findings(self.api, self.account, polled=self.polled)

    def _where(self, draft: Draft) -> dict[str, Any]:
        target = draft.target
        match draft.kind:
            case DraftKind.POST:
                return {"chat_id": self.account.channel}
            case DraftKind.DIRECT_MESSAGE:
                chat = target.peer or target.thread_key.removeprefix("dm:") or target.container
                return {
                    "chat_id": _number(chat, "who to write to"),
                    **_reply(target.reply_to_external_id, lenient=True),
                }
            case DraftKind.COMMENT_REPLY:
                chat, _, thread = target.thread_key.partition(":")
                # Where no comment is named, the answer goes under the post: its automatic forward is the thread's root.
                return {
                    "chat_id": _number(target.container or chat, "the discussion group"),
                    **_reply(target.reply_to_external_id or thread, lenient=False),
                }


def _check_length(draft: Draft) -> None:
    if not draft.text.strip() and not draft.photos:
        raise SendFailed("there is no text to send", permanent=True)
    limit = CAPTION_LIMIT if draft.photos else TEXT_LIMIT
    if utf16_units(draft.text) > limit:
        raise SendFailed(f"the text is longer than {limit} characters", permanent=True)


def _reply(message_id: str, *, lenient: bool) -> dict[str, Any]:
    if not message_id:
        return {}
    number = _number(message_id, "the message to answer")
    return {"reply_parameters": {"message_id": number, "allow_sending_without_reply": lenient}}


def _number(value: str, what: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise SendFailed(f"{what} isn't known: {value[:40]!r}", permanent=True)
    return int(value)


def _chat_id(config: ChannelConfig, name: str, *, required: bool = True) -> int:
    value = config.settings.get(name, "").strip()
    if not value and not required:
        return 0
    if not _CHAT_ID.fullmatch(value):
        raise ValueError(f"{name}: the chat's number, such as -1001234567890")
    return int(value)
