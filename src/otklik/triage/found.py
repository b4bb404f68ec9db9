"""What the rules found in one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.triage.lexicon import Hit
from otklik.triage.words import Token


@dataclass(frozen=True, slots=True)
class Found:
    """Hits and scores of one text; `emergency` is the hit that no idiom took back."""

    text: str
    tokens: Sequence[Token]
    hits: Sequence[Hit]
    emergency: Hit | None
    spam: float
    spam_signs: Sequence[tuple[str, float]]
    abuse: float

    def said(self, hit: Hit) -> str:
        """Return the words of a hit as they were written."""
        return self.text[self.tokens[hit.first].start : self.tokens[hit.last].end]
