"""VK: what all its events have in common: who, when, what words, and how a delivery is told from another.

Wall comments carry no instant of an edit, deletion or restoration, so for these the moment the callback reached us
stands for it, both as `occurred_at` and as the version that orders them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from otklik.common.text import storable
from otklik.connectors.base import MAX_TEXT_CHARS, body_digest
from otklik.connectors.events import Author, ParseStatus, Webhook
from otklik.connectors.splitting import cut_text
from otklik.connectors.vk.payloads import Envelope, Thing, read

CLOCK_SKEW = timedelta(minutes=5)
"""How far into VK's future an instant may lie before we say that it is wrong."""

_NAMED = re.compile(r"\[((?:id|club|public|event)\d+)\|([^\]|]*)\]")
_OF_COMMUNITY = re.compile(r"(?:\[|[@*])(?:club|public|event)(\d+)\b")


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback being read: what came, and the helpers that need to know whose community it is."""

    hook: Webhook
    envelope: Envelope

    @property
    def kind(self) -> str:
        """VK's name of what happened, as `wall_reply_new`."""
        return self.envelope.type

    @property
    def owner_id(self) -> int:
        """Our community as VK writes it among owners: a negative number."""
        return -self.envelope.group_id

    @property
    def version(self) -> int:
        """When it reached us, in milliseconds: the order of changes that carry no instant of their own."""
        return int(self.hook.received_at.timestamp() * 1000)

    @property
    def key(self) -> str:
        """A key for what may happen again and again (an edit, a like): the delivery's own."""
        return delivery_key(self.hook)

    def author(self, vk_id: int | None) -> Author | None:
        """Return who it is by VK's id, or None for nobody. VK gives no names: `fetch_names` asks for them."""
        if not vk_id:
            return None
        page = f"https://vk.com/id{vk_id}" if vk_id > 0 else f"https://vk.com/club{-vk_id}"
        return Author(external_id=str(vk_id), url=page, is_self=vk_id == self.owner_id)

    def is_ours(self, vk_id: int | None) -> bool:
        """Return whether the community itself did it, through us or by a person in VK's own screens."""
        return vk_id == self.owner_id


@dataclass(slots=True)
class Doubts:
    """What could not be understood, gathered while reading; any doubt makes the event partial."""

    notes: list[str]

    def add(self, note: str) -> None:
        """Note one of them."""
        self.notes.append(note)

    @property
    def status(self) -> ParseStatus:
        """Partial with any doubt, otherwise fine."""
        return ParseStatus.PARTIAL if self.notes else ParseStatus.OK

    @property
    def note(self) -> str:
        """All doubts in one line."""
        return "; ".join(self.notes)


def delivery_key(hook: Webhook) -> str:
    """Return VK's `event_id`; of a creation without one the natural key; else a digest. Raises Malformed.

    Only a creation happens once to an object: two edits of one comment must not share a key.
    """
    envelope = read(hook.body, Envelope, "a callback")
    event_id = storable(envelope.event_id or "")
    if 0 < len(event_id) <= 100:
        return event_id
    if not envelope.type.endswith("_new"):
        return body_digest(hook)
    thing = read(envelope.object, Thing, "an object")
    owner = thing.owner_id if thing.owner_id is not None else thing.post_owner_id
    if thing.id is None or owner is None:
        return body_digest(hook)
    return f"{envelope.type}:{owner}:{thing.id}"


def read_text(raw: str | None, doubts: Doubts) -> str:
    """Return the words as people see them: `[id1|Name]` becomes `Name`, what can't be stored goes, too long is cut."""
    text = _NAMED.sub(lambda named: named[2] or named[1], storable(raw or ""))
    if len(text) > MAX_TEXT_CHARS:
        doubts.add(f"cut from {len(text)} characters")
    return cut_text(text, MAX_TEXT_CHARS)


def read_mentions(raw: str | None, group_id: int) -> dict[str, str]:
    """Return which communities the words name; VK has no event for it, the text is all there is."""
    named = sorted({int(found) for found in _OF_COMMUNITY.findall(raw or "") if len(found) < 20})
    if not named:
        return {}
    ours = {"mentions_us": "yes"} if group_id in named else {}
    return {"mentions": ",".join(f"club{one}" for one in named), **ours}


def read_instant(stamp: int | None, received_at: datetime, doubts: Doubts) -> datetime:
    """Return VK's instant; when it is missing, impossible or in the future, the moment it reached us."""
    if stamp is None or stamp <= 0:
        doubts.add("no date")
        return received_at
    try:
        instant = datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, OSError, ValueError):
        doubts.add("impossible date")
        return received_at
    if instant > received_at + CLOCK_SKEW:
        doubts.add("date in the future")
    return min(instant, received_at)
