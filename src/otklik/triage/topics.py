"""What a text is about: a topic guess, and how a danger or the texts around change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from otklik.triage import urgency
from otklik.triage.found import Found
from otklik.triage.verdict import Reason

TOPIC_THRESHOLD: Final = 0.3
"""Below it the topic is None: triage abstains and a person is asked."""
GROUP_THRESHOLD: Final = 0.4
"""Below it the group is None too."""

_TOPIC_OF_EMERGENCY = {
    "gas": "utilities.gas",
    "live_wire": "utilities.electricity",
    "open_manhole": "utilities.manhole",
    "fire": "safety.fire",
    "dogs": "animals.stray",
    "collapse": "housing.unsafe",
    "violence": "safety.disorder",
}
_DANGER_ALONE = frozenset(("collapse", "violence"))
"""Dangers whose words are told of many topics: theirs counts only where no other is sure."""
_EMERGENCY_TRUST = 0.6


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic guess, own or inherited."""

    code: str
    confidence: float
    group: str
    group_confidence: float
    top3: tuple[str, ...]
    reasons: tuple[Reason, ...]
    inherited: bool = False


def with_danger(own: Topic | None, found: Found) -> Topic | None:
    """Return the danger's topic: who smells gas and can't get through by telephone doesn't ask for an appointment."""
    danger = urgency.code(found.emergency) or ""
    code = _TOPIC_OF_EMERGENCY.get(danger)
    if code is None or found.emergency is None or (own and own.code == code):
        return own
    if danger in _DANGER_ALONE and own and own.confidence >= _EMERGENCY_TRUST:
        return own
    reason = Reason("phrase", found.said(found.emergency), f"topic:{code}", _EMERGENCY_TRUST)
    others = tuple(topic for topic in own.top3 if topic != code) if own else ()
    return Topic(code, _EMERGENCY_TRUST, code.split(".")[0], _EMERGENCY_TRUST, (code, *others)[:3], (reason,))


def inherit(around: Topic, trust: float) -> Topic:
    """Return the topic of what a text hangs on as its own, at a discount."""
    reason = Reason("inherited", "", f"topic:{around.code}", round(around.confidence * trust, 2))
    return replace(
        around,
        confidence=around.confidence * trust,
        group_confidence=around.group_confidence * trust,
        reasons=(reason,),
        inherited=True,
    )
