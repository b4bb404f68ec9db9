"""Text in, verdict out: the shipped knowledge applied to a batch."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from otklik.triage import kinds, language, personal, places, spam, translit
from otklik.triage.gazetteer import Gazetteer, Street
from otklik.triage.knowledge import Knowledge, shipped
from otklik.triage.lexicon import Hit
from otklik.triage.seedmodel import Scores, SeedModel
from otklik.triage.verdict import Kind, Place, Reason, Text, Verdict
from otklik.triage.words import MAX_CHARS, Reader, Script, Token

TOPIC_THRESHOLD = 0.3
"""Below it the topic is None: triage abstains and a person is asked."""
GROUP_THRESHOLD = 0.4
"""Below it the group is None too."""

_PARENT_TRUST = 0.75
_POST_TRUST = 0.65
_FEW_WORDS = 8
_REASONS = 4
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
_TOPIC_OF_EMERGENCY = {
    "gas": "utilities.gas",
    "live_wire": "utilities.electricity",
    "open_manhole": "utilities.manhole",
    "fire": "safety.fire",
}
_EMERGENCY_TRUST = 0.6
_CALM = frozenset({Kind.THANKS, Kind.GREETING, Kind.SPAM, Kind.ABUSE})


@dataclass(frozen=True, slots=True)
class _Topic:
    """A topic guess, own or inherited."""

    code: str
    confidence: float
    group: str
    group_confidence: float
    top3: tuple[str, ...]
    reasons: tuple[Reason, ...]
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What the rules found in one text."""

    text: str
    tokens: Sequence[Token]
    hits: Sequence[Hit]
    emergency: Hit | None
    spam: float
    spam_signs: Sequence[tuple[str, float]]
    abuse: float

    def said(self, hit: Hit) -> str:
        return self.text[self.tokens[hit.first].start : self.tokens[hit.last].end]


class Triage:
    """Understands texts with the shipped knowledge alone. Not for use from several threads at once."""

    def __init__(self, knowledge: Knowledge, gazetteer: Gazetteer | None = None) -> None:
        self._reader = Reader()
        self._lexicon = knowledge.lexicon()
        self._model = SeedModel(knowledge.seeds, knowledge.stop_words, self._reader)
        self._gazetteer = gazetteer
        words = [self._reader.word(word) for word in knowledge.stop_words]
        known = [*self._model.vocabulary, *(form for word in words for form in (word.form, word.stem))]
        self._russian = {word for word in known if not word.isascii()}
        self._english = {word for word in known if word.isascii()}

    @classmethod
    def shipped(cls, gazetteer: Gazetteer | None = None) -> Self:
        """Return triage with the knowledge that came with this version, ready in a fraction of a second."""
        return cls(shipped(), gazetteer)

    def in_city(self, gazetteer: Gazetteer) -> Self:
        """Return the same triage that knows a city's streets; what was learnt is shared, not copied."""
        local = copy.copy(self)
        local._gazetteer = gazetteer  # noqa: SLF001 - a copy of our own kind
        return local

    def classify(self, texts: Sequence[Text]) -> list[Verdict]:
        """Return a verdict for each text, in order. Never raises, whatever people wrote."""
        contexts: dict[str, _Topic | None] = {}
        return [self._classify(text, contexts) for text in texts]

    def _classify(self, text: Text, contexts: dict[str, _Topic | None]) -> Verdict:
        tokens = self._reader.read(text.text)
        spoken = language.detect(tokens)
        if spoken == "en":
            restored = translit.restore(tokens, self._reader, self._russian, self._english)
            tokens, spoken = (restored, "ru") if restored else (tokens, spoken)
        found = self._find(text.text, tokens)
        place = places.find(text.text[:MAX_CHARS], tokens, self._streets(text.place_names))
        topic = self._topic(text, found, place, contexts)
        kind, kind_confidence = self._kind(found, topic, place)
        keeps = topic is not None and topic.confidence >= TOPIC_THRESHOLD
        in_group = topic is not None and (keeps or topic.group_confidence >= GROUP_THRESHOLD)
        return Verdict(
            kind=kind,
            kind_confidence=round(kind_confidence, 3),
            topic=topic.code if topic and keeps else None,
            topic_confidence=round(topic.confidence, 3) if topic else 0.0,
            topic_group=topic.group if topic and in_group else None,
            group_confidence=round(topic.group_confidence, 3) if topic else 0.0,
            topic_top3=topic.top3 if topic else (),
            urgency=_urgency(found, kind, topic.code if topic and keeps else None),
            emergency=_code(found.emergency),
            place=place,
            language=spoken,
            personal_data=personal.find(text.text),
            abuse=round(found.abuse, 3),
            spam=round(found.spam, 3),
            tough=kind not in _CALM and any(hit.label == "tough" for hit in found.hits),
            reasons=_reasons(found, topic),
        )

    def _find(self, text: str, tokens: Sequence[Token]) -> _Found:
        hits = self._lexicon.find(text, tokens)
        signs = spam.signs(text[:MAX_CHARS])
        advertises = _either([*(weight for _, weight in signs), *(hit.weight for hit in hits if hit.label == "spam")])
        insults = _either(hit.weight for hit in hits if hit.label.startswith("abuse."))
        return _Found(text, tokens, hits, _emergency(hits), advertises, signs, insults)

    def _streets(self, names: tuple[str, ...]) -> Gazetteer | None:
        return Gazetteer([Street(name) for name in names]) if names else self._gazetteer

    def _topic(
        self, text: Text, found: _Found, place: Place | None, contexts: dict[str, _Topic | None]
    ) -> _Topic | None:
        scores = self._model.score(_outside(found.tokens, place))
        own = _with_danger(self._guess(scores), found)
        same = any(hit.label == "same" for hit in found.hits)
        sure = own is not None and own.confidence >= TOPIC_THRESHOLD
        if (sure and not (same and scores.known <= 2)) or (len(found.tokens) > _FEW_WORDS and not same):
            return own
        for context, trust in ((text.parent_text, _PARENT_TRUST), (text.post_text, _POST_TRUST)):
            if not context:
                continue
            if context not in contexts:
                contexts[context] = self._guess(self._model.score(self._reader.read(context)))
            around = contexts[context]
            if around and around.confidence >= TOPIC_THRESHOLD and not (sure and own and own.group != around.group):
                return _inherit(around, trust)
        return own

    def _guess(self, scores: Scores) -> _Topic | None:
        if not scores.known:
            return None
        chances = scores.chances
        best = sorted(range(len(chances)), key=lambda topic: -chances[topic])[:3]
        groups = self._model.group_chances(chances)
        group = max(groups, key=lambda name: groups[name])
        code = self._model.topics[best[0]]
        if chances[best[0]] >= TOPIC_THRESHOLD:
            group = code.split(".")[0]
        reasons = tuple(
            Reason("phrase" if " " in spoken.word else "word", spoken.word, f"topic:{code}", round(spoken.weight, 2))
            for spoken in self._model.speakers(scores, best[0], _REASONS)
        )
        top3 = tuple(self._model.topics[topic] for topic in best)
        return _Topic(code, chances[best[0]], group, groups[group], top3, reasons)

    def _kind(self, found: _Found, topic: _Topic | None, place: Place | None) -> tuple[Kind, float]:
        if not any(token.word.script is not Script.NONE for token in found.tokens):
            return kinds.wordless(found.text)
        labels: defaultdict[str, float] = defaultdict(float)
        for hit in found.hits:
            labels[hit.label] += hit.weight
        return kinds.decide(
            kinds.Signs(
                labels=labels,
                words=len(found.tokens),
                asks="?" in found.text,
                about=topic.group_confidence if topic and not topic.inherited else 0.0,
                has_place=place is not None,
                emergency=found.emergency is not None,
                abuse=found.abuse,
                spam=found.spam,
            )
        )


def _either(weights: Iterable[float]) -> float:
    """Return the chance that at least one holds."""
    none = 1.0
    for weight in weights:
        none *= 1 - weight
    return 1 - none


def _emergency(hits: Sequence[Hit]) -> Hit | None:
    """Return the first danger that no idiom beside it takes back."""
    for hit in hits:
        if not hit.label.startswith("emergency."):
            continue
        taken_back = ("not.any", f"not.{_code(hit)}")
        if not any(other.label in taken_back and _near(hit, other) for other in hits):
            return hit
    return None


def _near(hit: Hit, other: Hit) -> bool:
    return other.first <= hit.last + _NOT_NEAR and hit.first <= other.last + _NOT_NEAR


def _code(hit: Hit | None) -> str | None:
    return hit.label.partition(".")[2] if hit else None


def _urgency(found: _Found, kind: Kind, topic: str | None) -> int:
    if found.emergency:
        return 4
    if kind in _CALM or (kind is Kind.VENTING and topic is None):
        return 0
    if kind is not Kind.REQUEST:
        return 1
    labels = {hit.label for hit in found.hits}
    high = "urgent" in labels or (topic in _HIGH and "problem" in labels)
    return 3 if high else 2 if found.tokens else 1


def _outside(tokens: Sequence[Token], place: Place | None) -> Sequence[Token]:
    """Return the words that are not a street's name: «Школьная 5» is not about a school."""
    if place is None or place.landmark:
        return tokens
    return [token for token in tokens if token.end <= place.start or token.start >= place.end]


def _with_danger(own: _Topic | None, found: _Found) -> _Topic | None:
    """Return the danger's topic where the words alone leave it open."""
    code = _TOPIC_OF_EMERGENCY.get(_code(found.emergency) or "")
    if code is None or found.emergency is None or (own and own.confidence >= _EMERGENCY_TRUST):
        return own
    reason = Reason("phrase", found.said(found.emergency), f"topic:{code}", _EMERGENCY_TRUST)
    others = tuple(topic for topic in own.top3 if topic != code) if own else ()
    return _Topic(code, _EMERGENCY_TRUST, code.split(".")[0], _EMERGENCY_TRUST, (code, *others)[:3], (reason,))


def _inherit(around: _Topic, trust: float) -> _Topic:
    reason = Reason("inherited", "", f"topic:{around.code}", round(around.confidence * trust, 2))
    return replace(
        around,
        confidence=around.confidence * trust,
        group_confidence=around.group_confidence * trust,
        reasons=(reason,),
        inherited=True,
    )


def _reasons(found: _Found, topic: _Topic | None) -> tuple[Reason, ...]:
    """Return what decided, dangers first, then the topic's words, then the kind's; each thing said once."""
    reasons: dict[tuple[str, str], Reason] = {}

    def add(rule: str, said: str, speaks_for: str, weight: float) -> None:
        reasons.setdefault((said, speaks_for), Reason(rule, said, speaks_for, weight))

    if found.emergency:
        add("phrase", found.said(found.emergency), f"emergency:{_code(found.emergency)}", found.emergency.weight)
    for reason in topic.reasons if topic else ():
        add(reason.rule, reason.said, reason.speaks_for, reason.weight)
    for hit in found.hits:
        speaks_for = _SPEAKS_FOR.get(hit.label.partition(".")[0])
        if speaks_for:
            add("phrase" if hit.last > hit.first else "word", found.said(hit), speaks_for, hit.weight)
    for said, weight in found.spam_signs:
        add("sign", said, "spam", weight)
    return tuple(reasons.values())


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
