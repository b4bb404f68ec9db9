"""What the readers of networks share: notes of what wasn't understood, words that fit, instants in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from otklik.common.text import storable
from otklik.connectors.base import MAX_TEXT_CHARS
from otklik.connectors.events import ParseStatus
from otklik.connectors.splitting import cut_text

CLOCK_SKEW = timedelta(minutes=5)
"""How far into a network's future an instant may lie before we say that it is wrong."""


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


def read_words(raw: str | None, doubts: Doubts) -> str:
    """Return the words without what a database refuses, cut where they are too long."""
    text = storable(raw or "")
    if len(text) > MAX_TEXT_CHARS:
        doubts.add(f"cut from {len(text)} characters")
    return cut_text(text, MAX_TEXT_CHARS)


def read_millis(stamp: int | None, received_at: datetime, doubts: Doubts) -> datetime:
    """Return the instant of Unix milliseconds; one that is missing, absurd or to come is when it reached us."""
    if not stamp or stamp < 0:
        doubts.add("no instant")
        return received_at
    try:
        at = datetime.fromtimestamp(stamp / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        doubts.add("an absurd instant")
        return received_at
    if at > received_at + CLOCK_SKEW:
        doubts.add("an instant in the future")
        return received_at
    return min(at, received_at)
