"""MAX: messages to the city's bot, comments under the posts of its channel, and those posts.

Source: https://dev.max.ru/docs-api; README.md beside this file says what is documented and what is not.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self

from otklik.connectors.base import (
    Capabilities,
    ChannelConfig,
    Finding,
    Malformed,
    NotAuthentic,
    Round,
    SendFailed,
    SendUnknown,
    SettingField,
    body_digest,
)
from otklik.connectors.events import Draft, DraftKind, Event, Fetched, HookReply, Polled, Receipt, Webhook
from otklik.connectors.fetching import download
from otklik.connectors.figures import AccountFigures, Figure, Tells
from otklik.connectors.keeping import SUBSCRIPTION, SUBSCRIPTION_EVERY_S, keep_subscribed
from otklik.connectors.max import asking, deleting, editing, figuring, finding, sending, subscription
from otklik.connectors.max.account import Account
from otklik.connectors.max.api import Api
from otklik.connectors.max.fields import FIELDS
from otklik.connectors.max.parsing import delivery_key_of, events_of
from otklik.connectors.said import said
from otklik.connectors.splitting import split_text

SECRET_HEADER = "x-max-bot-api-secret"  # noqa: S105 - a header's name
TEXT_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class Max:
    """A bot of MAX with its channel."""

    network: ClassVar[str] = "max"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        closes_to_people=True,
        publish=True,
        edit_events=True,
        delete_events=True,
        can_find_sent=True,
        edits_comments=True,
        edits_messages=True,
        edits_posts=True,
        deletes_posts=True,
        text_limit=TEXT_LIMIT,
        photos_in_messages=10,
        photos_in_posts=10,
        account_figures=figuring.ACCOUNT,
        post_figures=figuring.POSTS,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS
    posts_at_once: ClassVar[int] = figuring.AT_ONCE

    account: Account
    webhook_secret: str = field(repr=False)

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        settings, secrets = config.settings, config.secrets
        token = secrets.get("access_token", "").strip()
        if not token or not token.isascii() or not token.isprintable():
            raise ValueError("access_token: missing, or with letters that no token has")
        secret = secrets.get("webhook_secret", "").strip()
        if not re.fullmatch(r"[A-Za-z0-9-]{5,256}", secret):
            raise ValueError("webhook_secret: 5 to 256 Latin letters, digits and hyphens")
        channel = settings.get("channel_id", "").strip()
        if channel and not re.fullmatch(r"-[1-9][0-9]{0,17}", channel):
            raise ValueError("channel_id: the channel's number, which is negative")
        api_base = settings.get("api_base", "").strip().rstrip("/") or "https://platform-api2.max.ru"
        if not api_base.startswith(("https://", "http://")):
            raise ValueError("api_base must begin with https://")
        return cls(Account(Api(api_base, token, config.http), int(channel or 0), config.hook_url), secret)

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless the secret we subscribed with came back."""
        sent = hook.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(sent.encode(errors="replace"), self.webhook_secret.encode()):
            raise NotAuthentic("max: wrong secret")

    def delivery_key(self, hook: Webhook) -> str:
        """Return what MAX repeats on redelivery: the kind and the message; a digest of the body for the rest."""
        try:
            return delivery_key_of(hook)
        except Malformed:
            return body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200: any other status is repeated."""
        return HookReply()

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened: one event. Raises Malformed if the body is not an update."""
        return events_of(hook, self.account.channel_id)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into parts that MAX takes."""
        return split_text(text, TEXT_LIMIT, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return whether photos can be sent: comments of MAX carry none."""
        return self.capabilities.photos_in(kind) > 0

    def send(self, draft: Draft) -> Receipt:
        """Publish one part. Raises SendFailed, SendUnknown; MAX keeps no key, so a doubt is read up, not repeated."""
        _check_length(draft)
        return sending.send(self.account, draft)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Read whether the draft is there. None: certainly not. Raises SendUnknown where it can't be told."""
        try:
            return finding.find_sent(self.account, draft)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return whether words can be changed: never beside photos, of which it isn't certain that they would stay."""
        return not with_photos and self.capabilities.edits(kind)

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Give a message, comment or post other words. Raises SendFailed, SendUnknown; safe to repeat."""
        _check_length(draft)
        if draft.photos:
            raise SendFailed(said("MAX doesn't let words beside photos be changed safely"), permanent=True)
        editing.edit(self.account, draft, sent)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Read whether it has these words now. Raises SendUnknown."""
        try:
            return finding.find_edit(self.account, draft, sent)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def takes_deletion(self) -> bool:
        """Return whether there is a channel: its posts can be deleted."""
        return bool(self.account.channel_id)

    def delete(self, sent: Receipt) -> None:
        """Take a post out of the channel. Raises SendFailed, SendUnknown; what is gone already is no error."""
        deleting.delete(self.account, sent)

    def find_deletion(self, sent: Receipt) -> bool:
        """Read whether a post is gone. Raises SendUnknown."""
        try:
            return deleting.is_gone(self.account, sent)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file by the address that came with it, which may expire. Raises SendFailed."""
        if not url:
            raise SendFailed(said("MAX gave no address of the file"), permanent=True)
        return Fetched(download(self.account.api.http, url, most=most))

    def subscribe(self, hook_url: str) -> None:
        """Have MAX deliver here. Safe to repeat. Raises SendFailed, SendUnknown."""
        subscription.subscribe(self.account, hook_url, secret=self.webhook_secret)

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether MAX delivers here; it forgets an address silent for 8 h. Raises SendFailed, SendUnknown."""
        return subscription.is_subscribed(self.account, hook_url)

    def rounds(self) -> tuple[Round, ...]:
        """Return two questions: whether MAX still delivers here, and what webhooks missed in the channel."""
        missed = (Round("channel", asking.EVERY_S),) if self.account.channel_id else ()
        return (Round(SUBSCRIPTION, SUBSCRIPTION_EVERY_S), *missed)

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Read the channel's latest posts and comments, as webhooks, or mend the subscription.

        Raises SendFailed, SendUnknown.
        """
        if name == SUBSCRIPTION:
            return keep_subscribed(self, self.account.hook_url, cursor)
        return asking.ask(self.account, cursor, now=now)

    def tells(self) -> Tells:
        """Return which figures this account can be told."""
        return figuring.tells(self.account)

    def account_figures(self) -> AccountFigures:
        """Ask what the account's figures are now. Raises SendFailed, SendUnknown."""
        return figuring.account_figures(self.account)

    def post_figures(self, posts: Sequence[str]) -> Mapping[str, Mapping[Figure, int]]:
        """Ask for the figures of posts; one that is gone is missing. Raises SendFailed, SendUnknown."""
        return figuring.post_figures(self.account, posts)

    def check(self) -> list[Finding]:
        """Look at the bot, the subscription and the channel as they are now."""
        return subscription.check(self.account)


def _check_length(draft: Draft) -> None:
    if not draft.text.strip() and not draft.photos:
        raise SendFailed(said("there are no words to send"), permanent=True)
    if len(draft.text) > TEXT_LIMIT:
        raise SendFailed(said("the text is longer than %(limit)s characters", limit=TEXT_LIMIT), permanent=True)
