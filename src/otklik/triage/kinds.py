"""What sort of thing was said, from the rules' hits and what else is known of the text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from otklik.triage.verdict import Kind

_WARM = re.compile(r"[❤♥👍🙏👏💐🌹😍🥰💪🎉💖💕😊🤝💯✨🌸☀😘🫶]")
_ANGRY = re.compile(r"[😡🤬👎💩😤😠🤮🤦🤡😭😢🙄]")
_CAP = 2.4
_HEAT = 0.6
_SPAM = 0.5
_ABUSE = 0.55
_FEW_WORDS = 3
_LETTER = 12
"""From so many words on "thank you" under what is wanted is how a letter ends."""
_POLITE = 0.25
_ONE_QUESTION = 1.0
"""«Кто» and «где» alone ask nothing: "thanks to all who…"."""
_LONG = 30
_ONE_WORD = 2.0
_AT_THE_END = 0.4
"""Whoever writes so much to thank says it more than once."""


class Signs(NamedTuple):
    """What speaks for the kinds: summed weights of labels, and facts of the text."""

    labels: Mapping[str, float]
    words: int
    asks: bool
    about: float
    has_place: bool
    emergency: bool
    abuse: float
    spam: float


def decide(signs: Signs) -> tuple[Kind, float]:
    """Return the likeliest kind and how sure it is."""
    weights = {
        Kind.REQUEST: _request(signs),
        Kind.QUESTION: _question(signs),
        Kind.IDEA: 1.5 * _of(signs, "idea"),
        Kind.THANKS: _thanks(signs),
        Kind.VENTING: 0.25 + _of(signs, "venting"),
        Kind.GREETING: _greeting(signs),
        Kind.SPAM: 5 * signs.spam if signs.spam >= _SPAM else 0.0,
        Kind.ABUSE: (2 if _wants(signs) else 3) * signs.abuse if signs.abuse >= _ABUSE else 0.0,
    }
    most = max(weights.values())
    best = next(kind for kind, weight in weights.items() if weight == most)
    return best, 1 / sum([math.exp((weight - most) / _HEAT) for weight in weights.values()])


def wordless(text: str) -> tuple[Kind, float]:
    """Return the kind of a text without words: by its emoji; a plus agrees, a photo alone is a request."""
    if _ANGRY.search(text):
        return Kind.VENTING, 0.7
    if _WARM.search(text):
        return Kind.THANKS, 0.6
    if "+" in text:
        return Kind.REQUEST, 0.4
    return (Kind.VENTING, 0.4) if text.strip() else (Kind.REQUEST, 0.2)


def _of(signs: Signs, label: str) -> float:
    weight = signs.labels.get(label, 0.0)
    return min(_CAP, weight)


def _request(signs: Signs) -> float:
    evidence = _of(signs, "demand") + 0.9 * _of(signs, "problem") + 1.3 * _of(signs, "same") + 0.9 * signs.about
    return evidence + (0.6 if signs.has_place else 0.0) + (3.0 if signs.emergency else 0.0)


def _question(signs: Signs) -> float:
    asked = _of(signs, "question")
    calm = 0.9 if not _of(signs, "demand") and not _of(signs, "problem") else 0.0
    return asked + 0.9 + calm if signs.asks else asked * 0.6 + (calm if asked else 0.0)


def _thanks(signs: Signs) -> float:
    thanks = max(0.0, signs.labels.get("thanks", 0.0) - 1.5 * signs.labels.get("not.thanks", 0.0))
    if signs.words >= _LETTER and _wants(signs):
        thanks *= _POLITE
    elif signs.words >= _LONG and thanks < _ONE_WORD:
        thanks *= _AT_THE_END
    return 1.5 * min(thanks, _CAP) + 0.8 * _of(signs, "praise")


def _wants(signs: Signs) -> bool:
    """Return whether something is asked, or still isn't done."""
    asks = signs.asks or _of(signs, "question") > _ONE_QUESTION or any(_of(signs, one) for one in ("demand", "still"))
    return asks or (_of(signs, "problem") > 0 and not _of(signs, "not.over"))


def _greeting(signs: Signs) -> float:
    few = signs.words <= _FEW_WORDS
    return 1.4 if few and _of(signs, "greeting") and not signs.asks else 0.0
