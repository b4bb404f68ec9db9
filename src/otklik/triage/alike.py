"""Whether two texts are about the same problem: a score from 0 to 1, with the reasons in words.

Place speaks loudest: the same house with the same words is the same problem, another house hardly ever is. Without a
place only words that few people use can tell, so the rarer the shared words, the higher the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from otklik.triage.imprint import Imprint, rare_words
from otklik.triage.labels import sentence
from otklik.triage.rarity import Rarity

SUGGESTED = 0.403
"""From here on a pair is shown to a person as possibly the same."""

TOPIC_TELLS = 0.1
"""How much a common topic adds at most."""
SAME_HOUSE, SAME_STREET, PLACE_UNKNOWN, ELSEWHERE = 2, 1, 0, -1
_SHOWN_WORDS = 5
_WHOLE = 6.0
"""So much weight of telling words in common is enough to trust their share."""


_RARE = 0.55
"""A word as rare as this names the matter, not only the sort of matter."""
_NOTED = 0.4
"""A street or a name as rare as this isn't the city's own, which stands everywhere."""
_NAME = 0.7
"""What a common proper name counts besides."""
_TELLING = 3.0
"""So much of these is as good as a place if a name is among them; without one, twice as much."""
_NAMELESS = 0.88
"""What is left of a score without place and name: a complaint that many send word for word is about any yard."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are, and why. A reason is a rule (labels.toml) and what it speaks of.

    `place` is SAME_HOUSE, SAME_STREET, PLACE_UNKNOWN or ELSEWHERE.
    """

    score: float
    reasons: tuple[tuple[str, str], ...] = ()
    word_for_word: bool = False
    place: int = PLACE_UNKNOWN


def describe(
    reasons: Iterable[Sequence[str]], language: str = "ru", titles: Mapping[str, str] | None = None
) -> list[str]:
    """Return reasons as phrases for a person. `titles` names the topics (code → title)."""
    return [
        sentence(rule, said, f":{said}" if rule == "same_topic" else "", language=language, titles=titles or {})
        for rule, said in reasons
    ]


@dataclass(frozen=True, slots=True)
class _Words:
    """How far the telling words of two texts agree: as a whole, of the shorter one, in their order; and how much."""

    cosine: float = 0.0
    covered: float = 0.0
    turns: float = 0.0
    shared: frozenset[str] = frozenset()
    weight: float = 0.0
    telling: float = 0.0
    names: bool = False


def likeness(a: Imprint, b: Imprint, rarity: Rarity, *, days_apart: float | None = None) -> Likeness:
    """Return how likely one answer fits both. The order of the two doesn't matter."""
    words = _words(a, b)
    is_copy = bool(a.copy) and a.copy == b.copy
    place, named = _place(a, b, rarity)
    reasons: list[tuple[str, str]] = []
    if is_copy:
        reasons.append(("copy", ""))
        if place == PLACE_UNKNOWN and (a.houses or b.houses):
            place, named = SAME_HOUSE, min({**a.said, **b.said}.values())  # a small letter hid the street in one
    if named:
        reasons.append(("address" if place == SAME_HOUSE else "street", named))
    if words.shared and not is_copy:
        reasons.append(("shared_words", ", ".join(rare_words(words.shared, a, _SHOWN_WORDS))))
    if a.topic and a.topic == b.topic:
        reasons.append(("same_topic", a.topic))
    score = _in_its_place(1.0 if is_copy else _matter(a, b, words), place, words)
    if days_apart is not None and days_apart > 90:
        score *= 0.9 if days_apart <= 366 else 0.8
    return Likeness(round(score, 3), tuple(reasons), word_for_word=is_copy, place=place)


def _matter(a: Imprint, b: Imprint, words: _Words) -> float:
    """Return how far two texts say the same, wherever it is."""
    enough = min(1.0, words.weight / _WHOLE)
    matter = max(words.cosine, 0.8 * words.covered * enough)
    matter = 0.8 * matter + 0.2 * min(words.turns, 2 * enough)
    if a.thanks != b.thanks:
        return 0.1 * matter  # thanks for the work done is no request to do it
    if a.topic and a.topic == b.topic:
        return matter + TOPIC_TELLS * (1 - matter)
    return matter * 0.7 if a.group and b.group and a.group != b.group else matter


def _in_its_place(matter: float, place: int, words: _Words) -> float:
    """Return the score. Without a place, only rare words and names can tell one yard's rubbish from another's."""
    if place == ELSEWHERE:
        return 0.4 * matter
    if place != PLACE_UNKNOWN:
        return min(1.0, (0.28 if place == SAME_HOUSE else 0.12) + 0.88 * matter) if words.shared else 0.2
    told = min(1.0, words.telling / (_TELLING if words.names else 2 * _TELLING))
    return matter * (0.1 + 0.9 * told) * (1.0 if words.names else _NAMELESS)


def _place(a: Imprint, b: Imprint, rarity: Rarity) -> tuple[int, str]:
    """Return how the places agree, and the common one as people wrote it."""
    houses = a.houses & b.houses
    if houses:
        return SAME_HOUSE, a.said[min(houses)]
    if a.houses and b.houses:
        return ELSEWHERE, ""
    if a.numbers and b.numbers and not a.numbers & b.numbers:
        return ELSEWHERE, ""
    streets = {street for street in a.streets & b.streets if rarity.weight(f"@{street}") > _NOTED}
    if streets:
        street = min(streets)
        return SAME_STREET, next(
            words.partition(",")[0] for key, words in sorted(a.said.items()) if key.startswith(f"{street}|")
        )
    if a.streets and b.streets:
        return ELSEWHERE, ""
    return PLACE_UNKNOWN, ""


def _words(a: Imprint, b: Imprint) -> _Words:
    shared = a.weights.keys() & b.weights.keys()
    if not shared:
        return _Words()
    weights = [min(a.weights[stem], b.weights[stem]) for stem in shared]
    names = sum(1 for name in a.names & b.names if min(a.weights[name], b.weights[name]) >= _NOTED)
    # A text met earlier may have been weighed when its words were rarer.
    common = sum(a.weights[stem] * b.weights[stem] for stem in shared)
    return _Words(
        cosine=min(1.0, common / (a.norm * b.norm) ** 0.5),
        covered=min(1.0, common / min(a.norm, b.norm)),
        turns=len(a.turns & b.turns) / max(1, min(len(a.turns), len(b.turns))),
        shared=frozenset(shared),
        weight=sum(weights),
        telling=sum(weight for weight in weights if weight >= _RARE) + _NAME * names,
        names=names > 0,
    )
