"""How soon a text needs a person: dangers to life, and the rest by kind and topic."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.triage.found import Found
from otklik.triage.lexicon import Hit
from otklik.triage.verdict import Kind

CALM = frozenset({Kind.THANKS, Kind.GREETING, Kind.SPAM, Kind.ABUSE})
"""Kinds that ask nothing of the city."""

_NOT_NEAR = 4
_HIGH = frozenset(
    {
        "animals.stray",
        "health.ambulance",
        "health.medicine",
        "housing.elevator",
        "social.elderly",
        "utilities.electricity",
        "utilities.gas",
        "utilities.heating",
        "utilities.manhole",
        "utilities.sewer",
        "utilities.water",
    }
)


def emergency(hits: Sequence[Hit]) -> Hit | None:
    """Return the first danger that no idiom beside it takes back."""
    for hit in hits:
        if not hit.label.startswith("emergency."):
            continue
        taken_back = ("not.any", f"not.{code(hit)}")
        if not any(other.label in taken_back and _near(hit, other) for other in hits):
            return hit
    return None


def _near(hit: Hit, other: Hit) -> bool:
    return other.first <= hit.last + _NOT_NEAR and hit.first <= other.last + _NOT_NEAR


def code(hit: Hit | None) -> str | None:
    """Return the danger's name: `emergency.gas` is `gas`."""
    return hit.label.partition(".")[2] if hit else None


def level(found: Found, kind: Kind, topic: str | None) -> int:
    """Return 0 (not an incident) to 4 (danger to life)."""
    if found.emergency:
        return 4
    if kind in CALM or (kind is Kind.VENTING and topic is None):
        return 0
    if kind is not Kind.REQUEST:
        return 1
    labels = {hit.label for hit in found.hits}
    high = "urgent" in labels or (topic in _HIGH and "problem" in labels)
    return 3 if high else 2 if len(found.reading) else 1
