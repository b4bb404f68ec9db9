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

    def add(rule: str, said: str, speaks_for: str, weight: float) -> None:
        if (said, speaks_for) not in reasons:
            reasons[said, speaks_for] = Reason(rule, said, speaks_for, weight)

    if found.emergency:
        add("phrase", found.said(found.emergency), f"emergency:{code(found.emergency)}", found.emergency.weight)
    for reason in about:
        add(reason.rule, reason.said, reason.speaks_for, reason.weight)
    for hit in found.hits:
        speaks_for = _speaks_for(hit.label)
        if speaks_for:
            add("phrase" if hit.last > hit.first else "word", found.said(hit), speaks_for, hit.weight)
    for said, weight in found.spam_signs:
        add("sign", said, "spam", weight)
    return tuple(reasons.values())
