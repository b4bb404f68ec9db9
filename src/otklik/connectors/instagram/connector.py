"""Instagram: comments under the account's posts, mentions of it, and its direct messages.

Source: https://developers.facebook.com/docs/instagram-platform; README.md beside this file says what is documented and
what is not.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from otklik.common.clock import now
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
from otklik.connectors.events import (
    Action,
    Author,
    Draft,
    DraftKind,
    Event,
    EventKind,
    Fetched,
    HookReply,
    ParseStatus,
    Polled,
    Receipt,
    RenewedToken,
    Webhook,
)
from otklik.connectors.fetching import download
from otklik.connectors.figures import AccountFigures, Figure, Tells, Trait
from otklik.connectors.instagram import asking, figuring, lookups, past, publishing, sending, subscription
from otklik.connectors.instagram.account import HOSTS, Account, Login
from otklik.connectors.instagram.answers import Profile
from otklik.connectors.instagram.fields import FIELDS, VERSION
from otklik.connectors.instagram.graph import Graph
from otklik.connectors.instagram.parsing import events_of
from otklik.connectors.instagram.reading import instant_of
from otklik.connectors.keeping import SUBSCRIPTION, SUBSCRIPTION_EVERY_S, keep_subscribed
from otklik.connectors.past import PastPage
from otklik.connectors.said import said
from otklik.connectors.splitting import split_text, utf8_bytes

RENEWED_WITHIN = timedelta(days=20)
"""So long before a token ends it is renewed: a worker that stood still for two weeks loses nothing."""

COMMENT_CHARS = 300
"""Meta's guide names it for comments that a program writes, beside four hashtags and one link."""


@dataclass(frozen=True, slots=True)
class Instagram:
    """A professional account of Instagram."""

    network: ClassVar[str] = "instagram"
    capabilities: ClassVar[Capabilities] = Capabilities(
        comments=True,
        direct_messages=True,
        closes_to_people=True,
        publish=True,
        edit_events=True,
        delete_events=True,
        can_find_sent=True,
        text_limit=1000,
        text_unit="bytes",
        comment_limit=COMMENT_CHARS,
        reply_window_h=24,
        human_window_h=7 * 24,
        private_reply_days=7,
        photos_in_posts=publishing.MOST_PHOTOS,
        post_limit=publishing.CAPTION_LIMIT,
        posts_need_photo=True,
        post_photo_sides=(publishing.TALLEST, publishing.WIDEST),
        account_figures=figuring.ACCOUNT,
        post_figures=figuring.POSTS,
        audience=frozenset(Trait),
        reaction_counts=True,
        reads_past=True,
        links_in_posts=False,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS
    posts_at_once: ClassVar[int] = figuring.AT_ONCE
    names_at_once: ClassVar[int] = 10
    past_pause_s: ClassVar[float] = past.PAUSE_S
    """Each name is a call of its own, and sending waits for them."""

    account: Account
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    token_ends_at: datetime | None = None
    hook_url: str = field(default="", repr=False)

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        settings, secrets = config.settings, config.secrets
        account_id = settings.get("account_id", "").strip()
        if not re.fullmatch(r"[0-9]{1,30}", account_id):
            raise ValueError("instagram: account_id must be the account's number, digits only")
        for name in ("token", "app_secret", "verify_token"):
            if not secrets.get(name, "").strip():
                raise ValueError(f"instagram: {name} is missing")
        if len(secrets["verify_token"].strip()) < 8:
            raise ValueError("instagram: verify_token must have 8 characters or more")
        login = settings.get("login", "").strip() or Login.INSTAGRAM
        if login not in list(Login):
            raise ValueError("instagram: login must be instagram or facebook")
        human_agent = settings.get("human_agent", "").strip() or "no"
        if human_agent not in ("yes", "no"):
            raise ValueError("instagram: human_agent must be yes or no")
        graph = Graph(_base(settings, Login(login)), _version(settings), secrets["token"].strip(), http=config.http)
        account = Account(account_id, Login(login), graph, human_agent=human_agent == "yes")
        ends_at = _ends_at(settings)
        app_secret, word = secrets["app_secret"].strip(), secrets["verify_token"].strip()
        return cls(account, app_secret, word, ends_at, config.hook_url)

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless Meta signed exactly these bytes with the app's secret."""
        ours = hmac.new(self.app_secret.encode(), hook.body, hashlib.sha256).hexdigest()
        shown = hook.headers.get("x-hub-signature-256", "")
        if not hmac.compare_digest(shown.encode(), f"sha256={ours}".encode()):
            raise NotAuthentic("instagram: wrong signature")

    def challenge(self, asked: Mapping[str, str]) -> HookReply:
        """Return what proves to Meta that the address is ours. Raises NotAuthentic unless it shows our word."""
        shown = asked.get("hub.verify_token", "")
        if asked.get("hub.mode") != "subscribe" or not hmac.compare_digest(shown.encode(), self.verify_token.encode()):
            raise NotAuthentic("instagram: wrong verify token")
        return HookReply(body=storable(asked.get("hub.challenge", ""))[:200].encode())

    def delivery_key(self, hook: Webhook) -> str:
        """Return the number of the one thing that a request tells of; of several, or of what happens again, its digest.

        Meta numbers no deliveries. A comment on a boosted post comes twice in different words; the first one counts.
        """
        try:
            [event] = self.parse(hook)
        except (Malformed, ValueError):
            return body_digest(hook)
        is_one = event.action is Action.CREATED and event.parse_status is ParseStatus.OK
        is_said = event.kind in (EventKind.COMMENT, EventKind.DIRECT_MESSAGE, EventKind.MENTION)
        return f"{event.kind}:{event.dedup_key}" if is_one and is_said else body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return 200: all else makes Meta repeat."""
        return HookReply(body=b"ok")

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened, oldest first. Raises Malformed if it isn't a webhook of Instagram."""
        return events_of(hook, self.account.id)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into parts that a direct message takes: 1000 bytes, about 500 Russian letters."""
        return split_text(text, self.capabilities.text_limit, utf8_bytes, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return whether it is a post: Meta fetches photos from a public address, which only those of posts have."""
        return self.capabilities.photos_in(kind) > 0

    def send(self, draft: Draft) -> Receipt:
        """Publish one part. Raises SendFailed, SendUnknown."""
        self._check(draft)
        if draft.kind is DraftKind.COMMENT_REPLY:
            return sending.send_comment(self.account, draft)
        if draft.kind is DraftKind.POST:
            return publishing.publish(self.account, draft)
        if draft.target.to_author_of:
            return sending.send_private_reply(self.account, draft)
        return sending.send_message(self.account, draft)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Read whether the draft is there. None: certainly not. Raises SendUnknown where it can't be told."""
        try:
            if draft.kind is DraftKind.COMMENT_REPLY:
                return sending.find_comment(self.account, draft)
            if draft.kind is DraftKind.POST:
                return publishing.find_post(self.account, draft)
            return sending.find_message(self.account, draft)
        except SendFailed as error:
            raise SendUnknown(str(error)) from error

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return False: Meta lets a program change neither comments nor messages."""
        return False

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Raise SendFailed: what was sent stays as it is."""
        raise SendFailed(said("Instagram doesn't let what was sent be changed"), permanent=True)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Raise SendUnknown: nothing is ever changed there."""
        raise SendUnknown(said("Instagram doesn't let what was sent be changed"))

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file by the address that came with it, which dies. Raises SendFailed."""
        if not url:
            raise SendFailed(said("Instagram gave no address of the file"), permanent=True)
        return Fetched(download(self.account.graph.http, url, most=most))

    def look_up(self, number: str) -> bytes:
        """Return what stands where somebody named us, as a webhook would tell it. Raises SendFailed, SendUnknown."""
        return lookups.look_up(self.account, number)

    def unread(self, number: str, why: str) -> bytes:
        """Return that somebody named us there, and why nobody can read how."""
        return lookups.unread(self.account, number, why)

    def fetch_names(self, ids: Sequence[int]) -> dict[str, Author]:
        """Return people who have written, by their number; whom Meta doesn't tell of is missing. Raises SendUnknown."""
        found = {}
        for one in ids[: self.names_at_once]:
            try:
                who = self.account.graph.get(str(one), {"fields": "name,username"}, Profile)
            except SendFailed as error:
                if not error.permanent:
                    raise
                continue
            handle = storable(who.username or "")[:120]
            name = storable(who.name or "").strip()[:200] or (f"@{handle}" if handle else "")
            if name:
                found[str(one)] = Author(str(one), display_name=name, handle=handle)
        return found

    def subscribe(self, hook_url: str) -> None:
        """Have Meta deliver this account's events to the address in its app. Safe to repeat. Raises SendFailed."""
        subscription.subscribe(self.account)

    def token_is_due(self, now: datetime) -> bool:
        """Return whether the token ends within days, or nobody knows when. A page's token (facebook) doesn't end."""
        if self.account.login is not Login.INSTAGRAM:
            return False
        return self.token_ends_at is None or timedelta(0) < self.token_ends_at - now < RENEWED_WITHIN

    def renew_token(self, *, now: datetime) -> RenewedToken:
        """Return a token with a later end; Meta refuses one younger than a day. Raises SendFailed, SendUnknown."""
        return subscription.renew_token(self.account, now=now)

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether Meta delivers our events; after failures it stops. Raises SendFailed, SendUnknown."""
        return subscription.is_subscribed(self.account)

    def rounds(self) -> tuple[Round, ...]:
        """Return two questions: whether Meta still delivers here, and which comments webhooks missed."""
        return (Round(SUBSCRIPTION, SUBSCRIPTION_EVERY_S), asking.COMMENTS)

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Read comments of recent posts, as webhooks, or mend the subscription. Raises SendFailed, SendUnknown."""
        if name == SUBSCRIPTION:
            return keep_subscribed(self, self.hook_url, cursor)
        return asking.ask_comments(self.account, cursor, now=now)

    def past(self, since: datetime | None, cursor: str, *, now: datetime) -> PastPage:
        """Ask for a page of the account's posts, or of comments under one. Raises SendFailed, SendUnknown."""
        return past.past(self.account, since, cursor, now=now)

    def tells(self) -> Tells:
        """Return which figures this account can be told."""
        return figuring.tells()

    def account_figures(self) -> AccountFigures:
        """Ask what the account's figures are now. Raises SendFailed, SendUnknown."""
        return figuring.account_figures(self.account)

    def post_figures(self, posts: Sequence[str]) -> Mapping[str, Mapping[Figure, int]]:
        """Ask for the figures of posts; one that is gone is missing. Raises SendFailed, SendUnknown."""
        return figuring.post_figures(self.account, posts)

    def reactions_under(self, post: str) -> Mapping[str, Mapping[str, int]]:
        """Ask for the likes of a post's newest comments. Raises SendFailed, SendUnknown."""
        return figuring.reactions_under(self.account, post)

    def check(self) -> list[Finding]:
        """Look at the account as it is now."""
        return subscription.check(self.account, ends_at=self.token_ends_at, now=now())

    def _check(self, draft: Draft) -> None:
        if not draft.text.strip():
            raise SendFailed(said("there are no words to send"), permanent=True)
        if draft.photos and draft.kind is not DraftKind.POST:
            raise SendFailed(said("Instagram takes only photos that lie at a public address"), permanent=True)
        if draft.kind is DraftKind.POST and not 0 < len(draft.photos) <= publishing.MOST_PHOTOS:
            raise SendFailed(said("Instagram takes posts with one to ten photos only"), permanent=True)
        if _is_too_long(draft):
            raise SendFailed(said("the text is too long for Instagram"), permanent=True)


def _is_too_long(draft: Draft) -> bool:
    match draft.kind:
        case DraftKind.COMMENT_REPLY:
            return len(draft.text) > COMMENT_CHARS
        case DraftKind.POST:
            return len(draft.text) > publishing.CAPTION_LIMIT
        case DraftKind.DIRECT_MESSAGE:
            return utf8_bytes(draft.text) > 1000


def _base(settings: Mapping[str, str], login: Login) -> str:
    base = settings.get("api_base", "").strip().rstrip("/") or HOSTS[login]
    if not base.startswith(("https://", "http://")):
        raise ValueError("instagram: api_base must begin with https://")
    return base


def _version(settings: Mapping[str, str]) -> str:
    version = settings.get("api_version", "").strip() or VERSION
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", version):
        raise ValueError("instagram: api_version must be like v24.0")
    return version


def _ends_at(settings: Mapping[str, str]) -> datetime | None:
    told = settings.get("token_ends_at", "").strip()
    if not told:
        return None
    instant = instant_of(told)
    if instant is None:
        raise ValueError("instagram: token_ends_at must be an instant like 2026-12-31T10:00:00+00:00")
    return instant
