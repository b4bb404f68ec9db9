"""What triage is asked (Text) and what it answers (Verdict), with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from otklik.triage import labels


class Kind(StrEnum):
    """What sort of thing was said."""

    REQUEST = "request"
    QUESTION = "question"
    IDEA = "idea"
    THANKS = "thanks"
    VENTING = "venting"
    GREETING = "greeting"
    SPAM = "spam"
    ABUSE = "abuse"


@dataclass(frozen=True, slots=True)
class Text:
    """One message and what it hangs on. `place_names`: streets to recognise besides the city's gazetteer."""

    text: str
    post_text: str = ""
    parent_text: str = ""
    place_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text, offsets in characters.

    `kind` is phone, email, flat, passport, card, snils, birth_date, car (its number plate) or name.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is about: a street with a house, a `crossing` (the second street), or a `landmark`.

    `street` is the gazetteer's name where the city knows it, else as written. `raw` is text[start:end].
    """

    street: str
    house: str
    raw: str
    start: int
    end: int
    crossing: str = ""
    landmark: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that decided: the word or rule, what it speaks for (`topic:roads.pothole`), and how strongly."""

    rule: str
    said: str
    speaks_for: str
    weight: float

    def describe(self, language: str = "ru", titles: Mapping[str, str] | None = None) -> str:
        """Return a line for a person. `titles` names the topics (code → title); without it the code stands."""
        return labels.sentence(self.rule, self.said, self.speaks_for, language=language, titles=titles or {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text is, each guess with a confidence 0..1. A `topic` of None means that triage abstains.

    `department_top3`: who decided on texts like it in this city, with the chance that it is right; `department` is the
    first of them where it is sure enough. Nothing where the city taught nothing.

    `urgency`: 0 not an incident, 1 low, 2 medium, 3 high, 4 danger to life (`emergency` says which).
    `language`: an ISO 639-1 code, or "und".
    """

    kind: Kind
    kind_confidence: float
    topic: str | None
    topic_confidence: float
    topic_group: str | None
    group_confidence: float
    topic_top3: tuple[str, ...]
    urgency: int
    emergency: str | None
    place: Place | None
    language: str
    personal_data: tuple[Span, ...]
    abuse: float
    spam: float
    tough: bool
    reasons: tuple[Reason, ...]
    department: str | None = None
    department_top3: tuple[tuple[str, float], ...] = ()
