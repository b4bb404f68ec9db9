"""VK: comments under the community's posts, its messages, and its posts.

Source: https://dev.vk.com/api/callback/getting-started and the schema of API 5.199; README.md beside this file says
what is documented and what is not.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self

from otklik.common.text import storable
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
from otklik.connectors.delivery import is_polled
from otklik.connectors.events import Author, Draft, DraftKind, Event, Fetched, HookReply, Polled, Receipt, Webhook
from otklik.connectors.fetching import download
from otklik.connectors.figures import AccountFigures, Figure, Tells, Trait
from otklik.connectors.past import PastPage
from otklik.connectors.splitting import split_text
from otklik.connectors.vk import deleting, editing, figuring, past, polling, sending, subscription
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import Person
from otklik.connectors.vk.api import Api
from otklik.connectors.vk.fields import FIELDS
from otklik.connectors.vk.parsing import events_of
from otklik.connectors.vk.payloads import Credentials, Envelope, Unexpected, read
from otklik.connectors.vk.reading import delivery_key

NAMES_AT_ONCE = 1000
"""users.get takes no more ids in one call."""

SECRET_MAX_CHARS = 50
POST_MAX_CHARS = 15_000
"""VK documents no limit of a post; this is a little under what people report."""


@dataclass(frozen=True, slots=True)
class Vk:
    """A community of VK."""

    network: ClassVar[str] = "vk"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        closes_to_people=True,
        publish=True,
        edit_events=True,
        delete_events=True,
        idempotent_send=True,
        can_find_sent=True,
        edits_comments=True,
        edits_messages=True,
        edits_posts=True,
        deletes_posts=True,
        text_limit=4096,
        photos_in_comments=2,
        photos_in_messages=10,
        photos_in_posts=10,
        post_limit=POST_MAX_CHARS,
        account_figures=figuring.ACCOUNT,
        post_figures=figuring.POSTS,
        audience=frozenset(Trait),
        reaction_counts=True,
        reads_past=True,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS
    names_at_once: ClassVar[int] = 200
    posts_at_once: ClassVar[int] = figuring.AT_ONCE
    past_pause_s: ClassVar[float] = past.PAUSE_S

    account: Account
    callback_secret: str = field(repr=False)
    confirmation_code: str = ""
    polled: bool = False

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        settings, secrets = config.settings, config.secrets
        group_id = settings.get("group_id", "").strip()
        if not (group_id.isascii() and group_id.isdigit() and len(group_id) <= 18 and int(group_id) > 0):
            raise ValueError("vk: group_id must be the community's number, as in vk.com/club123 without 'club'")
        for name in ("token", "callback_secret"):
            if not secrets.get(name, "").strip():
                raise ValueError(f"vk: {name} is missing")
        secret = secrets["callback_secret"].strip()
        if len(secret) > SECRET_MAX_CHARS or not (secret.isascii() and secret.isalnum()):
            raise ValueError("vk: callback_secret must be up to 50 Latin letters and digits")
        api_base = settings.get("api_base", "").strip().rstrip("/") or "https://api.vk.ru"
        if not api_base.startswith(("https://", "http://")):
            raise ValueError("vk: api_base must begin with https://")
        user_token = secrets.get("user_token", "").strip()
        account = Account(int(group_id), secrets["token"].strip(), user_token, Api(api_base, config.http))
        return cls(account, secret, settings.get("confirmation_code", "").strip(), is_polled(settings))

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless the body holds our secret and our community.

        VK signs nothing: the secret is a field of the body. A body that is no JSON shows it as well, if it is there:
        whoever knows it is VK, and what VK sent is kept even where nobody can read it.
        """
        try:
            shown = read(hook.body, Credentials, "a callback")
        except Unexpected:
            raise NotAuthentic("vk: no secret can be read") from None
        except Malformed:
            return self._verify_broken(hook.body)
        if not hmac.compare_digest(shown.secret.encode(), self.callback_secret.encode()):
            raise NotAuthentic("vk: wrong secret")
        if shown.group_id != self.account.group_id:
            raise NotAuthentic("vk: another community")

    def _verify_broken(self, body: bytes) -> None:
        for name, ours in ((b"secret", self.callback_secret), (b"group_id", str(self.account.group_id))):
            shown = re.search(rb'"%s"\s*:\s*"?([0-9A-Za-z]{1,50})(?![0-9A-Za-z])' % name, body)
            if shown is None or not hmac.compare_digest(shown[1], ours.encode()):
                raise NotAuthentic(f"vk: no JSON, and not our {name.decode()}")

    def delivery_key(self, hook: Webhook) -> str:
        """Return `event_id`, which VK repeats on redelivery; what else serves where there is none."""
        try:
            return delivery_key(hook)
        except Malformed:
            return body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return the confirmation code to the handshake, and exactly `ok` to all else: other words make VK repeat."""
        try:
            is_handshake = read(hook.body, Envelope, "a callback").type == "confirmation"
        except Malformed:
            is_handshake = False
        return HookReply(body=self.confirmation_code.encode() if is_handshake else b"ok")

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened: one event, or none for the handshake. Raises Malformed if it isn't a callback."""
        return events_of(hook)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into parts that VK takes."""
        return split_text(text, self.capabilities.text_limit, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return whether photos can be sent: under posts only with a person's token, VK takes them from nobody else."""
        return self.capabilities.photos_in(kind) > 0 and (
            kind is DraftKind.DIRECT_MESSAGE or bool(self.account.user_token)
        )

    def send(self, draft: Draft) -> Receipt:
        """Publish one part. Raises SendFailed, SendUnknown. A repeat with the same key is dropped by VK."""
        self._check_length(draft)
        match draft.kind:
            case DraftKind.COMMENT_REPLY:
                return sending.send_comment(self.account, draft)
            case DraftKind.DIRECT_MESSAGE:
                return sending.send_message(self.account, draft)
            case DraftKind.POST:
                return sending.send_post(self.account, draft)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Read whether the draft is there. None: certainly not. Raises SendUnknown where VK doesn't let it be read."""
        try:
            match draft.kind:
                case DraftKind.COMMENT_REPLY:
                    return sending.find_comment(self.account, draft)
                case DraftKind.DIRECT_MESSAGE:
                    return sending.find_message(self.account, draft)
                case DraftKind.POST:
                    return sending.find_post(self.account, draft)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return whether words can be changed: posts, comments with a person's token only; beside photos in posts only.

        VK drops the photos that a change doesn't name again, and we keep VK's names of a post's only.
        """
        if (with_photos and kind is not DraftKind.POST) or not self.capabilities.edits(kind):
            return False
        return kind is DraftKind.DIRECT_MESSAGE or bool(self.account.user_token)

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Give a comment or a message other words. Raises SendFailed, SendUnknown; safe to repeat."""
        self._check_length(draft)
        if not self.takes_edits(draft.kind, with_photos=bool(draft.photos)):
            raise SendFailed("VK doesn't let this be changed with the tokens that are set up", permanent=True)
        editing.edit(self.account, draft, sent)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Read whether a comment or a message has these words now. Raises SendUnknown."""
        try:
            return editing.find_edit(self.account, draft, sent)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def takes_deletion(self) -> bool:
        """Return whether posts can be deleted: only with a person's token."""
        return bool(self.account.user_token)

    def delete(self, sent: Receipt) -> None:
        """Take a post off the wall. Raises SendFailed, SendUnknown; what is gone already is no error."""
        deleting.delete(self.account, sent)

    def find_deletion(self, sent: Receipt) -> bool:
        """Read whether a post is gone. Raises SendUnknown."""
        try:
            return deleting.is_gone(self.account, sent)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def _check_length(self, draft: Draft) -> None:
        if not draft.text.strip() and not draft.photos:
            raise SendFailed("there are no words to send", permanent=True)
        limit = POST_MAX_CHARS if draft.kind is DraftKind.POST else self.capabilities.text_limit
        if len(draft.text) > limit:
            raise SendFailed("the text is too long for VK", permanent=True)

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file by the address that came with it, which may expire. Raises SendFailed."""
        if not url:
            raise SendFailed("VK gave no address of the file", permanent=True)
        return Fetched(download(self.account.api.http, url, most=most))

    def rounds(self) -> tuple[Round, ...]:
        """Return the long poll, where the city has chosen it, and the comments that callbacks may have missed: only a
        person's token reads them."""
        events = (polling.EVENTS,) if self.polled else ()
        return (*events, polling.COMMENTS) if self.account.user_token else events

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Return what happened, or what was commented, behind the cursor. Raises SendFailed, SendUnknown."""
        ask = polling.ask_comments if name == polling.COMMENTS.name else polling.ask_events
        return ask(self.account, cursor, now=now)

    def past(self, since: datetime | None, cursor: str, *, now: datetime) -> PastPage:
        """Ask for a page of the wall, or of the comments under a post. Raises SendFailed, SendUnknown."""
        return past.past(self.account, since, cursor, now=now)

    def tells(self) -> Tells:
        """Return which figures this account can be told."""
        return figuring.tells(self.account)

    def account_figures(self) -> AccountFigures:
        """Ask what the account's figures are now. Raises SendFailed, SendUnknown."""
        return figuring.account_figures(self.account)

    def post_figures(self, posts: Sequence[str]) -> Mapping[str, Mapping[Figure, int]]:
        """Ask for the figures of posts; one that is gone is missing. Raises SendFailed, SendUnknown."""
        return figuring.post_figures(self.account, posts)

    def reactions_under(self, post: str) -> Mapping[str, Mapping[str, int]]:
        """Ask for the likes of a post's newest comments. Raises SendFailed, SendUnknown."""
        return figuring.reactions_under(self.account, post)

    def subscribe(self, hook_url: str) -> None:
        """Have VK deliver here what we parse, or keep it for our asking. Safe to repeat. Raises SendFailed with what to
        do."""
        if self.polled:
            subscription.let_us_ask(self.account)
            return
        subscription.subscribe(
            self.account, hook_url, secret=self.callback_secret, confirmation_code=self.confirmation_code
        )

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether VK delivers all we want to hear here, or keeps it. Raises SendFailed, SendUnknown."""
        if self.polled:
            return subscription.keeps_events(self.account)
        return subscription.is_subscribed(self.account, hook_url, secret=self.callback_secret)

    def check(self) -> list[Finding]:
        """Look at the account as it is now."""
        if self.polled:
            return subscription.check_polled(self.account)
        return subscription.check(self.account, secret=self.callback_secret, confirmation_code=self.confirmation_code)

    def fetch_confirmation_code(self) -> str:
        """Return the code to save as `confirmation_code`; it changes. Raises SendFailed, SendUnknown."""
        return subscription.fetch_confirmation_code(self.account)

    def fetch_names(self, ids: Sequence[int]) -> dict[str, Author]:
        """Return people by their id, as callbacks carry no names. People only: communities (negative) are left out.

        Whom VK doesn't know is missing. Raises SendFailed, SendUnknown.
        """
        people = sorted({one for one in ids if one > 0})
        found: list[Person] = []
        for start in range(0, len(people), NAMES_AT_ONCE):
            some = ",".join(str(one) for one in people[start : start + NAMES_AT_ONCE])
            params = {"user_ids": some, "fields": "screen_name,photo_100"}
            found += self.account.call("users.get", params, list[Person])
        return {str(person.id): _author(person) for person in found}


def _author(person: Person) -> Author:
    return Author(
        external_id=str(person.id),
        display_name=storable(f"{person.first_name} {person.last_name}".strip())[:200],
        handle=storable(person.screen_name)[:120],
        url=f"https://vk.com/id{person.id}",
        avatar_url=storable(person.photo_100)[:2000],
    )
