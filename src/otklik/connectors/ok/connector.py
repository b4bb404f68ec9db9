"""Odnoklassniki: messages to the group, comments under its topics, and those topics.

Source: https://apiok.ru/dev; README.md beside this file says what is documented and what is not.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from otklik.connectors.ok import asking, figuring, sending, subscription
from otklik.connectors.ok.account import Account
from otklik.connectors.ok.api import Graph, Rest
from otklik.connectors.ok.fields import FIELDS
from otklik.connectors.ok.parsing import delivery_key_of, events_of
from otklik.connectors.ok.payloads import Kind, read
from otklik.connectors.said import said
from otklik.connectors.splitting import split_text

TEXT_LIMIT = 4000
"""Odnoklassniki name no limit; this is what messengers of their kind take."""

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Odnoklassniki:
    """A group of Odnoklassniki. `networks`: where webhooks may come from; None: from anywhere."""

    network: ClassVar[str] = "ok"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        closes_to_people=True,
        publish=True,
        edit_events=True,
        text_limit=TEXT_LIMIT,
        signs=False,
        comments_answered_if="answers_comments",
        account_figures=figuring.ACCOUNT,
        post_figures=figuring.POSTS,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS
    posts_at_once: ClassVar[int] = figuring.AT_ONCE

    account: Account
    networks: Networks | None

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        settings, secrets = config.settings, config.secrets
        group = settings.get("group_id", "").strip()
        if not (group.isascii() and group.isdigit() and len(group) <= 20):
            raise ValueError("group_id: the group's number, digits only")
        key = secrets.get("group_key", "").strip()
        if not key or not key.isascii() or not key.isprintable():
            raise ValueError("group_key: missing, or with letters that no key has")
        api_base = settings.get("api_base", "").strip().rstrip("/") or "https://api.ok.ru"
        if not api_base.startswith(("https://", "http://")):
            raise ValueError("api_base must begin with https://")
        answers = settings.get("answers_comments", "").strip().lower() or "off"
        if answers not in ("on", "off"):
            raise ValueError("answers_comments: on or off")
        statistics = settings.get("statistics", "").strip().lower() or "off"
        if statistics not in ("on", "off"):
            raise ValueError("statistics: on or off")
        account = Account(
            group_id=group,
            graph=Graph(api_base, key, config.http),
            rest=_rest(api_base, settings, secrets, config),
            answers_comments=answers == "on",
            tells_statistics=statistics == "on",
            hook_url=config.hook_url,
        )
        return cls(account, _networks(settings.get("source_networks", "")))

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless it came from Odnoklassniki's networks, where they are named.

        Odnoklassniki sign nothing: the address of our webhook is the secret (the gate finds the channel by it). What
        only polling brings is never taken from outside.
        """
        if self.networks is not None and not _is_in(hook.remote, self.networks):
            raise NotAuthentic("ok: from another network")
        try:
            polled = read(hook.body, Kind, "a webhook").polled
        except Malformed:
            return
        if polled is not None:
            raise NotAuthentic("ok: only polling brings this")

    def delivery_key(self, hook: Webhook) -> str:
        """Return the message's id, or what a polled thing is called, with its words; else a digest of the body."""
        try:
            return delivery_key_of(hook)
        except Malformed:
            return body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200; it must come within five seconds, or the webhook is repeated."""
        return HookReply()

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened: one event. Raises Malformed if the body is not Odnoklassniki's."""
        return events_of(hook)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into parts."""
        return split_text(text, TEXT_LIMIT, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return False: how photos are sent isn't documented."""
        return False

    def send(self, draft: Draft) -> Receipt:
        """Publish one part. Raises SendFailed, SendUnknown."""
        if not draft.text.strip():
            raise SendFailed(said("there are no words to send"), permanent=True)
        if len(draft.text) > TEXT_LIMIT:
            raise SendFailed(said("the text is longer than %(limit)s characters", limit=TEXT_LIMIT), permanent=True)
        match draft.kind:
            case DraftKind.DIRECT_MESSAGE:
                return sending.send_message(self.account, draft)
            case DraftKind.POST:
                return sending.send_post(self.account, draft)
            case DraftKind.COMMENT_REPLY:
                return sending.send_comment(self.account, draft)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Raise SendUnknown always: how to read what was sent isn't documented, so a person has to look."""
        raise SendUnknown(said("what was sent in Odnoklassniki can't be read from here: look there"))

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return False: how words are changed isn't documented."""
        return False

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Raise SendFailed always."""
        raise SendFailed(said("words in Odnoklassniki can't be changed from here"), permanent=True)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Raise SendUnknown always."""
        raise SendUnknown(said("what was sent in Odnoklassniki can't be read from here: look there"))

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file by the address that came with it. Raises SendFailed."""
        if not url:
            raise SendFailed(said("Odnoklassniki gave no address of the file"), permanent=True)
        return Fetched(download(self.account.graph.http, url, most=most))

    def subscribe(self, hook_url: str) -> None:
        """Have messages delivered here. Safe to repeat. Raises SendFailed, SendUnknown."""
        subscription.subscribe(self.account, hook_url)

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether messages are delivered to this address. Raises SendFailed, SendUnknown."""
        return subscription.is_subscribed(self.account, hook_url)

    def rounds(self) -> tuple[Round, ...]:
        """Return what is asked: whether we are still subscribed, and, with a person's token, for comments."""
        comments = (Round("comments", asking.EVERY_S),) if self.account.rest is not None else ()
        return (Round(SUBSCRIPTION, SUBSCRIPTION_EVERY_S), *comments)

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Read new comments, or mend the subscription. Raises SendFailed, SendUnknown."""
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
        """Look at the keys and the subscription as they are now."""
        return subscription.check(self.account)


def _rest(api_base: str, settings: Mapping[str, str], secrets: Mapping[str, str], config: ChannelConfig) -> Rest | None:
    """Return the signed methods, or None where none of their three keys is set. Raises ValueError for some of them."""
    keys = {
        "application_key": settings.get("application_key", "").strip(),
        "application_secret": secrets.get("application_secret", "").strip(),
        "access_token": secrets.get("access_token", "").strip(),
    }
    missing = [name for name, value in keys.items() if not value]
    if len(missing) == len(keys):
        return None
    if missing:
        raise ValueError(f"{missing[0]}: posts and comments need all three keys")
    return Rest(api_base, keys["application_key"], keys["access_token"], keys["application_secret"], config.http)


def _networks(written: str) -> Networks | None:
    if written.strip().lower() == "off":
        return None
    names = [one.strip() for one in (written.strip() or _default_networks()).split(",")]
    try:
        return tuple(ipaddress.ip_network(name) for name in names)
    except ValueError as error:
        raise ValueError(f"source_networks: {error}") from error


def _default_networks() -> str:
    return next(one.default for one in FIELDS if one.name == "source_networks")


def _is_in(remote: str, networks: Networks) -> bool:
    try:
        address = ipaddress.ip_address(remote.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
