"""Why a verdict is what it is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from otklik.triage.found import Found
from otklik.triage.urgency import code
from otklik.triage.verdict import Reason

_SPEAKS_FOR = {
    "demand": "kind:request",
    "problem": "kind:request",
    "same": "kind:request",
    "question": "kind:question",
    "idea": "kind:idea",
    "thanks": "kind:thanks",
    "praise": "kind:thanks",
    "venting": "kind:venting",
    "greeting": "kind:greeting",
    "urgent": "urgent",
    "abuse": "abuse",
    "spam": "spam",
    "tough": "tough",
}


@cache
def _speaks_for(label: str) -> str | None:
    return _SPEAKS_FOR.get(label.partition(".")[0])


def collect(found: Found, about: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return what decided, dangers first, then the topic's words, then the kind's; each thing said once."""
    reasons: dict[tuple[str, str], Reason] = {}
    danger = found.emergency
    if danger:
        said, speaks_for = found.said(danger), f"emergency:{code(danger)}"
        reasons[said, speaks_for] = Reason("phrase", said, speaks_for, danger.weight)
    for reason in about:
        reasons.setdefault((reason.said, reason.speaks_for), reason)
    for hit in found.hits:
        what = _speaks_for(hit.label)
        if what and (key := (found.said(hit), what)) not in reasons:
            reasons[key] = Reason("phrase" if hit.last > hit.first else "word", *key, hit.weight)
    for said, weight in found.spam_signs:
        if (said, "spam") not in reasons:
            reasons[said, "spam"] = Reason("sign", said, "spam", weight)
    return tuple(reasons.values())
