"""What every network's words become (Event), what we send (Draft) and what comes back (Receipt).

The fields follow the normalised event of the channel reference: ids are strings, instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class EventKind(StrEnum):
    """What sort of thing happened in a network."""

    COMMENT = "comment"
    DIRECT_MESSAGE = "direct_message"
    MENTION = "mention"
    REVIEW = "review"
    REACTION = "reaction"
    POST = "post"
    REPORT = "report"
    UNDELIVERED = "undelivered"
    FOLLOW = "follow"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Action(StrEnum):
    """What was done to it."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    RESTORED = "restored"
    HIDDEN = "hidden"
    REMOVED_REACTION = "removed_reaction"


class Visibility(StrEnum):
    """Who could see it where it was written."""

    PUBLIC = "public"
    PRIVATE = "private"


class ParseStatus(StrEnum):
    """How much of the payload we understood."""

    OK = "ok"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One HTTP request of a network as it came. Header names are lower-case; `body` is what the signature covers.

    `remote` is the address it came from, as far as it is proven; empty where nobody could tell. `target` is the path
    with its query, as it stood in the request.
    """

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    remote: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Polled:
    """What asking a network brought: bodies such as its webhook would carry, and the cursor that they lead to.

    The cursor counts only once the bodies are stored: until then the next question is the old one. `more`: ask on at
    once.
    """

    hooks: tuple[Webhook, ...]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class HookReply:
    """What the network wants to hear; some insist on exact bytes."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it, as far as the network tells. `external_id` is None where it hides the person."""

    external_id: str | None
    display_name: str = ""
    handle: str = ""
    url: str = ""
    avatar_url: str = ""
    is_self: bool = False
    is_bot: bool = False
    is_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or link that came along. `source_ref` fetches it again where `url` expires (or holds a token)."""

    kind: str
    source_ref: str = ""
    url: str = ""
    mime: str = ""
    size: int | None = None
    filename: str = ""
    may_store: bool = True


@dataclass(frozen=True, slots=True)
class Location:
    """Where it is about, if the network says: degrees (WGS 84) or words."""

    lat: float | None = None
    lon: float | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class PostRef:
    """The post of ours that it hangs on, in the network's own id."""

    external_id: str
    permalink: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a network.

    `external_id` is unique within `container` (a chat, a wall); `thread_key` names the conversation place (the
    comments of one post, one person's direct messages), `subject` its own title where it has one. UNDELIVERED: what
    we sent as `parent_external_id` didn't arrive after all, `text` says why. `external_version` orders edits: an
    older one never overwrites a newer one. FOLLOW: the author wants our posts from now on (DELETED: no longer);
    `external_id` names the request. A POST event with a `post` and a `thread_key` says where that post's
    comments will be.
    """

    dedup_key: str
    kind: EventKind
    action: Action
    occurred_at: datetime
    container: str = ""
    external_id: str = ""
    external_version: int = 0
    thread_key: str = ""
    visibility: Visibility = Visibility.PUBLIC
    author: Author | None = None
    text: str = ""
    subject: str = ""
    post: PostRef | None = None
    parent_external_id: str = ""
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    rating: int | None = None
    reaction: str = ""
    permalink: str = ""
    is_echo: bool = False
    automated: bool = False
    parse_status: ParseStatus = ParseStatus.OK
    note: str = ""
    look_up: str = ""
    """What the network named by its number only: the connector's `look_up` reads it, and it comes as a delivery."""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def object_key(self) -> str:
        """The name of the thing said, the same for its edits and its deletion."""
        return f"{self.container}:{self.external_id}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that a network gave us. What it is, its content says."""

    content: bytes = field(repr=False)
    filename: str = ""


@dataclass(frozen=True, slots=True)
class RenewedToken:
    """An access token with a later end."""

    token: str = field(repr=False)
    ends_at: datetime


class DraftKind(StrEnum):
    """What we ask a network to do for us."""

    COMMENT_REPLY = "comment_reply"
    DIRECT_MESSAGE = "direct_message"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a draft goes. The values are those that the event came with, so a reply lands where it was asked."""

    container: str = ""
    thread_key: str = ""
    post_external_id: str = ""
    reply_to_external_id: str = ""
    peer: str = ""
    to_author_of: str = ""
    """The comment that this private message answers: the one that the network lets be written to its author."""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that goes along, drawn anew by us: where its bytes are, and in words what it shows."""

    path: Path
    alt: str = ""
    mime: str = "image/jpeg"
    url: str = ""
    """Of a post's photo: where everybody sees it, for networks that fetch it themselves."""
    width: int = 0
    height: int = 0

    def content(self) -> bytes:
        """Return its bytes. Raises OSError."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Draft:
    """One part of what we send; `idempotency_key` is stable over repeats. A part with photos may have no words."""

    idempotency_key: str
    kind: DraftKind
    target: Target
    text: str
    photos: tuple[Photo, ...] = ()
    queued_at: datetime | None = None
    """Nothing older can be what we sent: the same words may have been sent to the same place before."""
    automated: bool = False
    """No person wrote it: a network that can say so, says so."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a network took it: the id it gave, in the same terms as events (`container`, `external_id`).

    `post_external_id`: for a post, how its comments' `Event.post` will name it.
    """

    external_id: str
    container: str = ""
    thread_key: str = ""
    permalink: str = ""
    post_external_id: str = ""
    further: tuple[str, ...] = ()
    """What else the network made of the same part, in its own ids: the other photos of an album."""
