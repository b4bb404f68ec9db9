"""What a connector is: the door's order (verify, key, acknowledge), the parsing, the sending, and the errors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, Self, runtime_checkable

import httpx

from otklik.connectors.events import Draft, DraftKind, Event, HookReply, Polled, Receipt, Webhook
from otklik.connectors.figures import Figure, Trait

MAX_TEXT_CHARS = 20_000
"""Longer texts are cut in the event (the raw body keeps the whole) and marked partial."""


class ConnectorError(Exception):
    """Something a network did or said that we can't accept."""


class NotAuthentic(ConnectorError):
    """The webhook isn't proved to come from the network."""


class Malformed(ConnectorError):
    """The body isn't what the network's reference describes; stored raw and marked, never lost."""


class SendFailed(ConnectorError):
    """The network refused, for certain: nothing was published.

    `permanent`: trying again can't help. `retry_after_s`: when the network said how long to wait.
    """

    def __init__(self, reason: str, *, permanent: bool, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class WindowClosed(SendFailed):
    """This person can't be written to there now: the day is over, or they forbade it. The account itself is well.

    What the network says of one person is no fault of the channel, and is not counted as one.
    """

    def __init__(self, reason: str, *, permanent: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(reason, permanent=permanent, retry_after_s=retry_after_s)


class SendUnknown(ConnectorError):
    """We can't tell whether the network took it: read before anything is sent again."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network lets a city do, as declared by its connector (docs/reference/capabilities.md is made from it)."""

    comments: bool = False
    direct_messages: bool = False
    publish: bool = False
    edit_events: bool = False
    delete_events: bool = False
    idempotent_send: bool = False
    can_find_sent: bool = False
    edits_comments: bool = False
    edits_messages: bool = False
    edits_posts: bool = False
    edits_captions: bool = False
    """The words beside photos may be changed too, and the photos stay."""
    deletes_posts: bool = False
    """Its connector is `posting.DeletesPosts`."""
    text_limit: int = 4096
    text_unit: str = "characters"
    """What `text_limit` counts: characters, bytes of UTF-8, or UTF-16 units (an emoji is two)."""
    comment_limit: int | None = None
    """Characters that one comment takes, where they are fewer than a direct message takes."""
    post_limit: int | None = None
    """Characters that one post takes, where they aren't as many as in any text."""
    posts_need_photo: bool = False
    post_photo_sides: tuple[float, float] | None = None
    """Width to height of a post's photos, from the tallest to the widest."""
    links_in_posts: bool = True
    """Addresses in a post's words can be pressed."""
    reply_window_h: int | None = None
    """Hours after a person's last private message in which that person may be written to."""
    human_window_h: int | None = None
    """The same for words of a person, where the network allowed this account so (setting `human_agent`)."""
    closes_to_people: bool = False
    """A person, or the day that they wrote, may close private messages to us: the answer is then WindowClosed."""
    private_reply_days: int | None = None
    """So long after a comment its author may be written to privately, once, whoever they are; None: not at all."""
    photos_in_comments: int = 0
    """So many photos one comment takes; 0: none."""
    photos_in_messages: int = 0
    photos_in_posts: int = 0
    caption_limit: int | None = None
    """How long the words beside photos may be, in the network's own units; None: as long as any text."""
    signs: bool = True
    """Its deliveries prove where they are from; otherwise the webhook's address itself is a secret."""
    by_hand: bool = False
    """Nothing is sent by it: an answer waits until a person says that they told it."""
    comments_answered_if: str = ""
    """The setting that must be `on` for comments to be answered; empty: they always can be."""
    account_figures: frozenset[Figure] = frozenset()
    """What it may tell of an account in numbers; its connector is `figures.TellsFigures`, or they are counted here."""
    post_figures: frozenset[Figure] = frozenset()
    """The same of a post."""
    audience: frozenset[Trait] = frozenset()
    """By what it tells those apart whom an account reaches."""
    reaction_counts: bool = False
    """It tells how many reactions words of people have, when asked or by itself."""
    reads_past: bool = False
    """Its connector is `past.TellsPast`: what was published and said before may be read."""

    def answers(self, kind: DraftKind, settings: Mapping[str, object]) -> bool:
        """Return whether an account with these settings may send this; what the network says then is another matter."""
        if kind is DraftKind.COMMENT_REPLY and self.comments_answered_if:
            return settings.get(self.comments_answered_if) == "on"
        return True

    def photos_in(self, kind: DraftKind) -> int:
        """Return how many photos one part of this kind takes."""
        match kind:
            case DraftKind.COMMENT_REPLY:
                return self.photos_in_comments
            case DraftKind.DIRECT_MESSAGE:
                return self.photos_in_messages
            case DraftKind.POST:
                return self.photos_in_posts

    def longest(self, kind: DraftKind) -> int:
        """Return how long one part of this kind may be."""
        own = {DraftKind.COMMENT_REPLY: self.comment_limit, DraftKind.POST: self.post_limit}.get(kind)
        return own or self.text_limit

    def edits(self, kind: DraftKind) -> bool:
        """Return whether words of this kind may be changed once they are there."""
        match kind:
            case DraftKind.COMMENT_REPLY:
                return self.edits_comments
            case DraftKind.DIRECT_MESSAGE:
                return self.edits_messages
            case DraftKind.POST:
                return self.edits_posts


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a setting may have, and what people call it."""

    value: str
    label_ru: str
    label_en: str


YES, NO = Choice("yes", "да", "yes"), Choice("no", "нет", "no")


@dataclass(frozen=True, slots=True)
class SettingField:
    """One thing an administrator enters to connect a channel. Secrets are sealed before they are stored."""

    name: str
    label_ru: str
    label_en: str
    help_ru: str = ""
    help_en: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    about: str = ""
    """Another field that this one was noted of; when that one changes, what was noted is forgotten."""
    choices: tuple[Choice, ...] = ()
    """All that it may be; none: anything."""
    rare: bool = False
    """Hardly anybody changes it: forms keep it folded away."""
    make: Callable[[], str] | None = None
    """Makes the value where it is left empty: it is ours to choose, and nobody types it."""


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """A connected account: what its connector is built from. `http` makes a client that obeys the SSRF guard.

    `hook_url`: where its network is to deliver, with a token that only the network may know; empty where that is of no
    matter.
    """

    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    http: Callable[[], httpx.Client] = field(repr=False)
    hook_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `channel check`: what was looked at, whether it is well, and what to do if not."""

    what: str
    ok: bool
    advice: str = ""


class Connector(Protocol):
    """One network's account. `verify`, `delivery_key`, `acknowledge` and `parse` are pure; the others use HTTP."""

    network: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    fields: ClassVar[tuple[SettingField, ...]]

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        ...

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic unless the request is proved to come from the network."""
        ...

    def delivery_key(self, hook: Webhook) -> str:
        """Return the network's own id of this delivery, or a digest of the body where there is none. Never raises."""
        ...

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return what the network wants to hear after the delivery is stored. Never raises."""
        ...

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what happened, oldest first. Raises Malformed if the body is not the network's."""
        ...

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Cut a text into parts that the network takes, at a paragraph, sentence or word; the first one, beside photos,
        at most `first` long in the network's units."""
        ...

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return whether this account may send photos so, as it is set up now."""
        ...

    def send(self, draft: Draft) -> Receipt:
        """Publish one part. Raises SendFailed (certainly not sent) or SendUnknown (read before repeating)."""
        ...

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Read whether the draft is there. None: certainly not. Raises SendUnknown where it can't be told."""
        ...

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return whether this account may change words that it has sent so, as it is set up now."""
        ...

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Give one part that was sent other words; its photos stay. The same words again change nothing, so a repeat is
        safe. Raises SendFailed (it says what it said before) or SendUnknown."""
        ...

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Read whether the part has these words now. Raises SendUnknown where it can't be told."""
        ...

    def subscribe(self, hook_url: str) -> None:
        """Tell the network where to deliver. Raises SendFailed with the network's words."""
        ...

    def check(self) -> list[Finding]:
        """Look at the account as it is now: credentials, rights, subscription."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """One thing that an account is asked again and again, and the seconds from an answer to the next question.

    `fills_gaps`: it brings what the network told already by another way, so only what we don't have is kept.
    """

    name: str
    every_s: float
    fills_gaps: bool = False


@runtime_checkable
class Polls(Protocol):
    """A connector whose network is asked, instead of its webhook or beside it (channels.services.polling does it)."""

    def rounds(self) -> tuple[Round, ...]:
        """Return what this account is to be asked, as it is set up now; nothing where its webhook is enough. Pure."""
        ...

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Ask what is new since `cursor` (empty: the first time) and return it, oldest first, at most a few hundred.

        Asking changes nothing in the network but what the cursor itself confirms: whoever asks with the old cursor gets
        the same again. `delivery_key` of what is brought is what the webhook's would be, or stable over repeats. Uses
        the network. Raises SendFailed, SendUnknown (asking again harms nobody).
        """
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose signature a request shows (`key_id`: the key's public address), and each reading of what was signed."""

    key_id: str
    signed: tuple[bytes, ...]
    signature: bytes = field(repr=False)
    speaker: str = ""
    """Who is said to speak: the key must be theirs."""


@runtime_checkable
class ProvenByKey(Protocol):
    """A connector whose requests anybody may sign, by a key of their own that has to be asked for first.

    The gate stores such a request apart, and it counts only once the key has proved it (channels.services.proving).
    """

    def claim(self, hook: Webhook) -> Claim:
        """Return whose signature it shows. Raises NotAuthentic for what no key could prove. Pure."""
        ...


@runtime_checkable
class AnswersChallenge(Protocol):
    """A connector whose network asks the webhook's address, by GET, to prove that it is ours."""

    def challenge(self, asked: Mapping[str, str]) -> HookReply:
        """Return what the network wants to hear. Raises NotAuthentic unless it shows the word we share. Pure."""
        ...


@runtime_checkable
class TellsSubscription(Protocol):
    """A connector whose network says whether it delivers to an address; some forget one that was silent for hours."""

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether the network delivers all we want to hear to this address. Raises SendFailed, SendUnknown."""
        ...


@runtime_checkable
class TellsTokenEnd(Protocol):
    """A connector that knows when its access token ends."""

    @property
    def token_ends_at(self) -> datetime | None:
        """When the token ends; None: without end, or nobody told."""
        ...


def body_digest(hook: Webhook) -> str:
    """Return a key for a body that names no delivery of its own."""
    return f"sha256:{hashlib.sha256(hook.body).hexdigest()}"
