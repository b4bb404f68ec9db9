"""What the rules found in one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.triage.lexicon import Hit
from otklik.triage.words import Reading


@dataclass(frozen=True, slots=True)
class Found:
    """Hits and scores of one text; `emergency` is the hit that no idiom took back."""

    reading: Reading
    hits: Sequence[Hit]
    emergency: Hit | None
    spam: float
    spam_signs: Sequence[tuple[str, float]]
    abuse: float

    def said(self, hit: Hit) -> str:
        """Return the words of a hit as they were written."""
        return self.reading.text[self.reading.starts[hit.first] : self.reading.ends[hit.last]]
