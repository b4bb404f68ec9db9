"""How soon a text needs a person: dangers to life, and the rest by kind and topic."""

from __future__ import annotations

from collections import defaultdict
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
    """Return the first danger that nothing near takes back: an idiom, work done, a long time ago, a mere “if”.

    What says that it goes on (`still`: “again”, “not mended”) lets a danger stand that would be over.
    """
    dangers = [hit for hit in hits if hit.label.startswith("emergency.")]
    if not dangers:
        return None
    near: defaultdict[str, set[int]] = defaultdict(set)
    for hit in hits:
        if hit.label.startswith("not.") or hit.label == "still":
            near[hit.label].update(range(hit.first - _NOT_NEAR, hit.last + _NOT_NEAR + 1))
    for hit in dangers:
        said = range(hit.first, hit.last + 1)
        over = not near["not.over"].isdisjoint(said) and near["still"].isdisjoint(said)
        if not over and near["not.any"].isdisjoint(said) and near[f"not.{code(hit)}"].isdisjoint(said):
            return hit
    return None


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
