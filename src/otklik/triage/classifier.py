"""Text in, verdict out: the shipped knowledge applied to a batch."""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from otklik.triage import kinds, language, personal, places, reasons, spam, translit, urgency
from otklik.triage.found import Found
from otklik.triage.gazetteer import Gazetteer, Street
from otklik.triage.guessing import guess
from otklik.triage.knowledge import Knowledge, shipped
from otklik.triage.seedmodel import Heard, SeedModel
from otklik.triage.topics import GROUP_THRESHOLD, TOPIC_THRESHOLD, Topic, inherit, with_danger
from otklik.triage.understood import Understood
from otklik.triage.verdict import Kind, Place, Reason, Text, Verdict
from otklik.triage.words import MAX_CHARS, Reader, Reading, Script

if TYPE_CHECKING:  # loaded by those who have a model, not by everybody
    from otklik.triage.learnt import Guess, Learnt, Prediction
    from otklik.triage.taught import Taught

_PARENT_TRUST = 0.75
_POST_TRUST = 0.65
_SAME_TRUST = 0.9
"""«И у нас тоже» says itself that it is about what it hangs on."""
_FEW_WORDS = 8
_LEAST_KNOWN = 2
_AT_ONCE = 400_000
_TOLD_OF = 0.5
"""Whoever complains of a casino uses its words."""


@dataclass(slots=True)
class _Seen:
    """A text on its way to a verdict: what was found in it so far. `read` is as written, `reading` as understood."""

    text: Text
    read: Reading
    reading: Reading
    spoken: str
    found: Found
    place: Place | None
    named: list[Place]
    learnt: Prediction | None = None
    topic: Topic | None = None

    @property
    def taught(self) -> Prediction | None:
        """What the history says of the topic: danger to life is never left to it."""
        return None if self.found.emergency else self.learnt


class Triage:
    """Understands texts with the shipped knowledge alone. Not for use from several threads at once."""

    def __init__(self, knowledge: Knowledge, gazetteer: Gazetteer | None = None) -> None:
        self._reader = Reader()
        self._lexicon = knowledge.lexicon()
        self._model = SeedModel(knowledge.seeds, knowledge.stop_words, self._reader)
        self._is_shipped = knowledge is shipped()
        self._gazetteer = gazetteer
        self._taught: Taught | None = None
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

    def with_learnt(self, learnt: Learnt, *, precision: Mapping[str, float] | None = None) -> Self:
        """Return the same triage that also asks what a city's history taught.

        Its answer counts where it reaches the precision (by column; TARGETS where none is given) on texts held back;
        else the shipped knowledge answers, or abstains. Danger to life is never left to what was learnt.
        """
        from otklik.triage.scoring import TARGETS
        from otklik.triage.taught import Taught

        if self._is_shipped:
            learnt.listen_with(self._reader, self._model)
        wiser = copy.copy(self)
        wiser._taught = Taught(learnt, {**TARGETS, **(precision or {})})  # noqa: SLF001 - a copy of our own kind
        return wiser

    def classify(self, texts: Sequence[Text]) -> list[Verdict]:
        """Return a verdict for each text, in order. Never raises, whatever people wrote."""
        return [understood.verdict for part in _parts(texts) for understood in self._classify(part)]

    def classify_read(self, texts: Sequence[Text]) -> list[Understood]:
        """Return the same verdicts with what was read on the way, for whoever goes on with the same texts.

        `imprint(…, understood=…)` takes it and reads nothing again.
        """
        return [understood for part in _parts(texts) for understood in self._classify(part)]

    def _classify(self, texts: Sequence[Text]) -> list[Understood]:
        seen = [self._see(text) for text in texts]
        if self._taught:
            self._ask(seen, self._taught)
            known = [one for one in seen if one.taught and self._taught.knows_topic(one.taught)]
        else:
            known = []
        settled = set(map(id, known))
        rest = [one for one in seen if id(one) not in settled]
        self._guess(rest)
        if self._taught:
            known += [one for one in rest if one.taught and self._taught.knows_group(one.taught, one.topic)]
            self._learn(known)
        return [self._understood(one) for one in seen]

    def _see(self, text: Text) -> _Seen:
        read = reading = self._reader.read(text.text)
        spoken = language.detect(reading)
        if spoken in language.LATIN and (
            restored := translit.restore(reading, self._reader, self._russian, self._english)
        ):
            reading, spoken = restored, language.RUSSIAN
        place, named = places.look(reading, self._streets(text.place_names))
        return _Seen(text, read, reading, spoken, self._find(reading), place, named)

    def _ask(self, seen: Sequence[_Seen], taught: Taught) -> None:
        """Ask what was learnt, which is given what the same reader read and what the same seeds think of it."""
        heard: dict[str, Heard] = {}
        if self._is_shipped:
            forms = {one.text.text: one.read.forms for one in seen}
            for one in seen:
                for around in (one.text.parent_text, one.text.post_text):
                    if around and around not in forms and len(one.text.text.split()) <= _FEW_WORDS:
                        forms[around] = self._reader.read(around).forms
            heard = dict(zip(forms, self._model.hear(list(forms.values())), strict=True))
        for one, said in zip(seen, taught.predict([one.text for one in seen], heard), strict=True):
            one.learnt = said
            if said.abuse and (abuse := taught.abuse(said)) > one.found.abuse:
                one.found = replace(one.found, abuse=abuse)

    def _understood(self, one: _Seen) -> Understood:
        text, found, place, topic, learnt = one.text, one.found, one.place, one.topic, one.learnt
        kind, kind_confidence, why_kind = self._kind(one)
        keeps = topic is not None and topic.confidence >= TOPIC_THRESHOLD
        in_group = topic is not None and (keeps or topic.group_confidence >= GROUP_THRESHOLD)
        verdict = Verdict(
            kind=kind,
            kind_confidence=round(kind_confidence, 3),
            topic=topic.code if topic and keeps else None,
            topic_confidence=round(topic.confidence, 3) if topic else 0.0,
            topic_group=topic.group if topic and in_group else None,
            group_confidence=round(topic.group_confidence, 3) if topic else 0.0,
            topic_top3=topic.top3 if topic else (),
            urgency=urgency.level(found, kind, topic.code if topic and keeps else None),
            emergency=urgency.code(found.emergency),
            place=place,
            language=one.spoken,
            personal_data=personal.find(text.text),
            abuse=round(found.abuse, 3),
            spam=round(found.spam, 3),
            tough=kind not in urgency.CALM and any(hit.label == "tough" for hit in found.hits),
            reasons=reasons.collect(found, (*(topic.reasons if topic else ()), *why_kind)),
            department=self._taught.department(learnt) if self._taught and learnt and not found.emergency else None,
            department_top3=_chances(learnt.department) if learnt and learnt.department else (),
        )
        named = one.named
        if one.reading is not one.read:
            named = places.find_all(one.read, self._streets(text.place_names))
        return Understood(verdict, one.read, tuple(named))

    def _find(self, reading: Reading) -> Found:
        hits = self._lexicon.find(reading)
        signs = spam.signs(reading.text)
        advertises = _either([*(weight for _, weight in signs), *(hit.weight for hit in hits if hit.label == "spam")])
        if any(hit.label == "not.spam" for hit in hits):
            advertises *= _TOLD_OF
        insults = _either(hit.weight for hit in hits if hit.label.startswith("abuse."))
        return Found(reading, hits, urgency.emergency(hits), advertises, signs, insults)

    def _streets(self, names: tuple[str, ...]) -> Gazetteer | None:
        return Gazetteer([Street(name) for name in names]) if names else self._gazetteer

    def _guess(self, seen: Sequence[_Seen]) -> None:
        """Give texts the topic of their own words; a short one without any that of what it hangs on."""
        hanging: list[tuple[_Seen, bool, bool]] = []
        own = guess(self._model, self._reader, [_outside(one.reading, one.place) for one in seen])
        for one, (topic, known) in zip(seen, own, strict=True):
            one.topic = with_danger(topic, one.found)
            same = any(hit.label == "same" for hit in one.found.hits)
            sure = one.topic is not None and one.topic.confidence >= TOPIC_THRESHOLD
            if not (sure and not (same and known <= _LEAST_KNOWN)) and (len(one.reading) <= _FEW_WORDS or same):
                hanging.append((one, sure, same))
        around = self._around([one.text for one, *_ in hanging])
        for one, sure, same in hanging:
            own_group = one.topic.group if sure and one.topic else None
            for context, trust in ((one.text.parent_text, _PARENT_TRUST), (one.text.post_text, _POST_TRUST)):
                topic = around.get(context)
                if topic and topic.confidence >= TOPIC_THRESHOLD and own_group in (None, topic.group):
                    one.topic = inherit(topic, _SAME_TRUST if same else trust)
                    break

    def _around(self, texts: Sequence[Text]) -> dict[str, Topic | None]:
        """Return the topics of what texts hang on."""
        contexts: dict[str, Sequence[str]] = {}
        for text in texts:
            for context in (text.parent_text, text.post_text):
                if context and context not in contexts:
                    read = self._reader.read(context)
                    contexts[context] = _outside(read, places.find(read, self._streets(text.place_names)))
        found = guess(self._model, self._reader, list(contexts.values()))
        return {context: topic for context, (topic, _) in zip(contexts, found, strict=True)}

    def _learn(self, known: Sequence[_Seen]) -> None:
        """Give texts the topic or the group that the city's history is sure of."""
        asked = [(one.text.text, one.taught) for one in known if one.taught]
        for one, topic in zip(known, self._taught.topics(asked) if self._taught else (), strict=True):
            one.topic = topic

    def _kind(self, one: _Seen) -> tuple[Kind, float, tuple[Reason, ...]]:
        """Return the kind, how sure that is, and the words that what was learnt found for it.

        A danger to life is a request, whatever was learnt; so are the kinds of texts without words left to the rules.
        """
        found, place = one.found, one.place
        if all(word.script is Script.NONE for word in found.reading.words):
            return *kinds.wordless(found.reading.text), ()
        labels: defaultdict[str, float] = defaultdict(float)
        for hit in found.hits:
            labels[hit.label] += hit.weight
        signs = kinds.Signs(
            labels=labels,
            words=len(found.reading),
            asks="?" in found.reading.text,
            about=one.topic.group_confidence if one.topic and not one.topic.inherited else 0.0,
            has_place=place is not None,
            emergency=found.emergency is not None,
            abuse=found.abuse,
            spam=found.spam,
        )
        kind, sure = kinds.decide(signs)
        learnt = self._taught.kind(one.taught) if self._taught and one.taught else None
        if self._taught is None or learnt is None:
            return kind, sure, ()
        if learnt[0] is kind:
            return kind, max(sure, learnt[1]), ()
        return *learnt, self._taught.words_for(one.text.text, learnt[0])


def _parts(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    """Yield texts in parts of not too many characters: a thousand pages at once would take all memory."""
    start = chars = 0
    for at, text in enumerate(texts):
        chars += min(len(text.text), MAX_CHARS)
        if chars > _AT_ONCE and at > start:
            yield texts[start:at]
            start, chars = at, min(len(text.text), MAX_CHARS)
    yield texts[start:]


def _chances(guess: Guess) -> tuple[tuple[str, float], ...]:
    return tuple((label, round(chance, 3)) for label, chance in zip(guess.top3, guess.chances, strict=True))


def _either(weights: Iterable[float]) -> float:
    """Return the chance that at least one holds."""
    none = 1.0
    for weight in weights:
        none *= 1 - weight
    return 1 - none


def _outside(reading: Reading, place: Place | None) -> Sequence[str]:
    """Return the words that are not a street's name: «Школьная 5» is not about a school."""
    if place is None or place.landmark:
        return reading.forms
    first, last = bisect_right(reading.ends, place.start), bisect_left(reading.starts, place.end)
    return reading.forms[:first] + reading.forms[last:]
