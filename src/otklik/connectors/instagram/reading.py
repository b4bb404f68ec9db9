"""Instagram: what all its events have in common: whose account, when, what words, and which numbers are kept."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from otklik.common.text import storable
from otklik.connectors.base import MAX_TEXT_CHARS
from otklik.connectors.events import Author, ParseStatus, Webhook
from otklik.connectors.instagram.payloads import Id, Stamp
from otklik.connectors.splitting import cut_text

CLOCK_SKEW = timedelta(minutes=5)
"""How far into Meta's future an instant may lie before we say that it is wrong."""

LONGEST_KEY = 100
"""Numbers of messages are longer than we keep: their digest stands for them."""

_SECONDS_END = 100_000_000_000
"""Seconds from here on would be after the year 5000: such a stamp is in milliseconds."""

_PLAIN = re.compile(r"[\x21-\x39\x3b-\x7e]+")
"""No colon: it parts a thing's number from its container."""
_DIGITS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,9})?")


@dataclass(slots=True)
class Doubts:
    """What could not be understood, gathered while reading; any doubt makes the event partial."""

    notes: list[str] = field(default_factory=list)

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


@dataclass(frozen=True, slots=True)
class Page:
    """What is being read: the request, whose account it came to, when Meta sent it, and where it stands there."""

    hook: Webhook
    account_id: str
    sent_at: Stamp | None = None
    place: str = ""

    def author(self, number: str, username: str = "") -> Author | None:
        """Return who it is, None for nobody. Only comments tell a name, and it is the short one."""
        if not number and not username:
            return None
        name = clean(username, 120)
        return Author(
            external_id=number or None,
            display_name=f"@{name}" if name else "",
            handle=name,
            url=f"https://www.instagram.com/{name}/" if re.fullmatch(r"[A-Za-z0-9._]{1,60}", name) else "",
            is_self=number == self.account_id,
        )

    def when(self, stamp: Stamp | None, doubts: Doubts) -> datetime:
        """Return the thing's own instant, else when Meta sent it, else when it reached us; never the future."""
        received_at = self.hook.received_at
        for told in (stamp, self.sent_at):
            if told is None or told == "":
                continue
            instant = instant_of(told)
            if instant is None:
                doubts.add("impossible date")
                return received_at
            if instant > received_at + CLOCK_SKEW:
                doubts.add("date in the future")
            return min(instant, received_at)
        doubts.add("no date")
        return received_at

    def key(self, what: str) -> str:
        """Return a key for what has no number of its own: the request's digest with its place in it."""
        digest = hashlib.sha256(self.hook.body).hexdigest()[:32]
        return f"{what}-{digest}-{self.place}"


def instant_of(stamp: Stamp) -> datetime | None:
    """Return the instant of seconds, milliseconds, their digits or ISO text; None where it is none of them."""
    if isinstance(stamp, str):
        if not _DIGITS.fullmatch(stamp):
            return _iso(stamp)
        stamp = float(stamp)
    if not math.isfinite(stamp) or stamp <= 0:
        return None
    try:
        return datetime.fromtimestamp(stamp / 1000 if stamp >= _SECONDS_END else stamp, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def number_of(told: Id | None) -> str:
    """Return an id as text, in the form in which we keep it: a long or odd one by its digest."""
    text = "" if told is None else str(told)
    if not text:
        return ""
    if len(text) <= LONGEST_KEY and _PLAIN.fullmatch(text):
        return text
    return f"sha256-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:48]}"


def words_of(raw: str | None, doubts: Doubts) -> str:
    """Return the words as they may be stored; what is too long is cut."""
    text = storable(raw or "")
    if len(text) > MAX_TEXT_CHARS:
        doubts.add(f"cut from {len(text)} characters")
    return cut_text(text, MAX_TEXT_CHARS)


def clean(text: str | None, limit: int) -> str:
    """Return a short field as it may be stored."""
    return storable(text or "")[:limit]


def web(url: str | None) -> str:
    """Return an address that a browser may open, else nothing."""
    address = storable(url or "")
    return address if address.startswith(("https://", "http://")) and len(address) <= 2000 else ""


def _iso(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text.strip())
        return (instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
