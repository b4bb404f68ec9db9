"""Text in, verdict out: the shipped knowledge applied to a batch."""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Self

from otklik.triage import kinds, language, personal, places, reasons, spam, translit, urgency
from otklik.triage.found import Found
from otklik.triage.gazetteer import Gazetteer, Street
from otklik.triage.knowledge import Knowledge, shipped
from otklik.triage.seedmodel import Heard, Scores, SeedModel
from otklik.triage.topics import Topic, inherit, with_danger
from otklik.triage.understood import Understood
from otklik.triage.verdict import Kind, Place, Reason, Text, Verdict
from otklik.triage.words import Reader, Reading, Script

if TYPE_CHECKING:  # numpy is loaded by those who have a model, not by everybody
    from otklik.triage.learnt import Guess, Learnt, Prediction

TOPIC_THRESHOLD = 0.3
"""Below it the topic is None: triage abstains and a person is asked."""
GROUP_THRESHOLD = 0.4
"""Below it the group is None too."""

_PARENT_TRUST = 0.75
_POST_TRUST = 0.65
_FEW_WORDS = 8
_REASONS = 4
_LEAST_KNOWN = 2
_TOLD_OF = 0.5
"""Whoever complains of a casino uses its words."""


class _Read(NamedTuple):
    """A text read, and what its words say of topics where that was worked out already."""

    reading: Reading
    scores: Scores | None = None


class Triage:
    """Understands texts with the shipped knowledge alone. Not for use from several threads at once."""

    def __init__(self, knowledge: Knowledge, gazetteer: Gazetteer | None = None) -> None:
        self._reader = Reader()
        self._lexicon = knowledge.lexicon()
        self._model = SeedModel(knowledge.seeds, knowledge.stop_words, self._reader)
        self._is_shipped = knowledge is shipped()
        self._gazetteer = gazetteer
        self._learnt: Learnt | None = None
        self._sure: Mapping[str, float] = {}
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

        wanted = {**TARGETS, **(precision or {})}
        wiser = copy.copy(self)
        wiser._learnt = learnt  # noqa: SLF001 - a copy of our own kind
        wiser._sure = {name: learnt.threshold(name, wanted[name]) for name in learnt.columns}  # noqa: SLF001 - the same
        return wiser

    def classify(self, texts: Sequence[Text]) -> list[Verdict]:
        """Return a verdict for each text, in order. Never raises, whatever people wrote."""
        return [understood.verdict for understood in self.classify_read(texts)]

    def classify_read(self, texts: Sequence[Text]) -> list[Understood]:
        """Return the same verdicts with what was read on the way, for whoever goes on with the same texts.

        `imprint(…, understood=…)` takes it and reads nothing again.
        """
        contexts: dict[str, Topic | None] = {}
        if self._learnt is None:
            return [self._classify(text, _Read(self._reader.read(text.text)), contexts, None) for text in texts]
        read = self._read(texts)
        learnt = self._learnt.predict(texts, self._heard(read))
        return [self._classify(text, read[text.text], contexts, said) for text, said in zip(texts, learnt, strict=True)]

    def _read(self, texts: Sequence[Text]) -> dict[str, _Read]:
        """Return each text, and what a short one hangs on, read once for both sorts of knowledge."""
        wanted = {text.text for text in texts}
        for text in texts:
            if (text.parent_text or text.post_text) and len(text.text.split()) <= _FEW_WORDS:
                wanted |= {text.parent_text, text.post_text}
        readings = {part: self._reader.read(part) for part in wanted}
        return {part: _Read(reading, self._model.score(reading.forms)) for part, reading in readings.items()}

    def _heard(self, read: Mapping[str, _Read]) -> dict[str, Heard]:
        """Return what a model may use of that: it was fitted on what the shipped seeds say, and on no others."""
        if not self._is_shipped:
            return {}
        return {text: Heard.of(one.reading.forms, one.scores) for text, one in read.items() if one.scores}

    def _classify(
        self, text: Text, read: _Read, contexts: dict[str, Topic | None], learnt: Prediction | None
    ) -> Understood:
        reading = read.reading
        spoken = language.detect(reading)
        if spoken in language.LATIN and (
            restored := translit.restore(reading, self._reader, self._russian, self._english)
        ):
            reading, spoken = restored, language.RUSSIAN
        found = self._find(reading)
        if learnt and learnt.abuse and learnt.abuse.confidence >= self._sure["abuse"]:
            found = replace(found, abuse=max(found.abuse, learnt.abuse.chance_of("1")))
        streets = self._streets(text.place_names)
        place, named = places.look(reading, streets)
        taught = learnt if learnt and not found.emergency else None
        topic = self._taught_topic(text.text, taught) if taught else None
        if topic is None:
            topic = self._topic(text, found, self._scores(read, reading, place), contexts)
            topic = self._taught_group(text.text, topic, taught) if taught else topic
        kind, kind_confidence = self._kind(found, topic, place)
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
            language=spoken,
            personal_data=personal.find(text.text),
            abuse=round(found.abuse, 3),
            spam=round(found.spam, 3),
            tough=kind not in urgency.CALM and any(hit.label == "tough" for hit in found.hits),
            reasons=reasons.collect(found, topic.reasons if topic else ()),
            department=self._sure_of_department(learnt) if not found.emergency else None,
            department_top3=_chances(learnt.department) if learnt and learnt.department else (),
        )
        if reading is not read.reading:
            named = places.find_all(read.reading, streets)
        return Understood(verdict, read.reading, tuple(named))

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

    def _scores(self, read: _Read, reading: Reading, place: Place | None) -> Scores:
        told = _outside(reading, place)
        return read.scores if read.scores and told is read.reading.forms else self._model.score(told)

    def _topic(self, text: Text, found: Found, scores: Scores, contexts: dict[str, Topic | None]) -> Topic | None:
        own = with_danger(self._guess(scores), found)
        same = any(hit.label == "same" for hit in found.hits)
        sure = own is not None and own.confidence >= TOPIC_THRESHOLD
        if (sure and not (same and scores.known <= 2)) or (len(found.reading) > _FEW_WORDS and not same):
            return own
        for context, trust in ((text.parent_text, _PARENT_TRUST), (text.post_text, _POST_TRUST)):
            if not context:
                continue
            if context not in contexts:
                read = self._reader.read(context)
                told = _outside(read, places.find(read, self._streets(text.place_names)))
                contexts[context] = self._guess(self._model.score(told))
            around = contexts[context]
            if around and around.confidence >= TOPIC_THRESHOLD and not (sure and own and own.group != around.group):
                return inherit(around, trust)
        return own

    def _taught_topic(self, text: str, learnt: Prediction) -> Topic | None:
        """Return the topic that the city's history is sure of."""
        topic, group = learnt.topic, learnt.topic_group
        if topic is None or not self._counts("topic", topic, learnt.known):
            return None
        of_topic = topic.label.split(".")[0] if "." in topic.label else (group.label if group else topic.label)
        reasons = self._taught(text, "topic", topic)
        return Topic(topic.label, topic.confidence, of_topic, topic.confidence, topic.top3, reasons, topic.inherited)

    def _taught_group(self, text: str, own: Topic | None, learnt: Prediction) -> Topic | None:
        """Return the group that the city's history is sure of, else the shipped knowledge's own guess."""
        topic, group = learnt.topic, learnt.topic_group
        if group is None or not self._counts("topic_group", group, learnt.known) or (own and own.group == group.label):
            return own
        # Below the threshold by intent: the group is known, its topic isn't.
        unsure = min(topic.confidence if topic else 0.0, TOPIC_THRESHOLD / 2)
        top3 = topic.top3 if topic else ()
        reasons = self._taught(text, "topic_group", group)
        code = top3[0] if top3 else group.label
        return Topic(code, unsure, group.label, group.confidence, top3, reasons, group.inherited)

    def _counts(self, column: str, guess: Guess, known: int) -> bool:
        """Return whether an answer is sure enough, and rests on more than a habit."""
        return guess.confidence >= self._sure[column] and (guess.inherited or known >= _LEAST_KNOWN)

    def _sure_of_department(self, learnt: Prediction | None) -> str | None:
        guess = learnt.department if learnt else None
        return guess.label if learnt and guess and self._counts("department", guess, learnt.known) else None

    def _taught(self, text: str, column: str, guess: Guess) -> tuple[Reason, ...]:
        if self._learnt is None:
            return ()
        if guess.inherited:
            return (Reason("inherited", "", f"topic:{guess.label}", round(guess.confidence, 2)),)
        return tuple(
            replace(reason, speaks_for=f"topic:{guess.label}")
            for reason in self._learnt.explain(text, column, guess.label)
        )

    def _guess(self, scores: Scores) -> Topic | None:
        if not scores.known:
            return None
        chances = scores.chances
        best = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)[:3]
        groups = self._model.group_chances(chances)
        group = max(groups, key=groups.__getitem__)
        code = self._model.topics[best[0]]
        if chances[best[0]] >= TOPIC_THRESHOLD:
            group = code.split(".")[0]
        spoke = tuple(
            Reason("phrase" if " " in spoken.word else "word", spoken.word, f"topic:{code}", round(spoken.weight, 2))
            for spoken in self._model.speakers(scores, best[0], _REASONS)
        )
        top3 = tuple(self._model.topics[topic] for topic in best)
        return Topic(code, chances[best[0]], group, groups[group], top3, spoke)

    def _kind(self, found: Found, topic: Topic | None, place: Place | None) -> tuple[Kind, float]:
        if all(word.script is Script.NONE for word in found.reading.words):
            return kinds.wordless(found.reading.text)
        labels: defaultdict[str, float] = defaultdict(float)
        for hit in found.hits:
            labels[hit.label] += hit.weight
        return kinds.decide(
            kinds.Signs(
                labels=labels,
                words=len(found.reading),
                asks="?" in found.reading.text,
                about=topic.group_confidence if topic and not topic.inherited else 0.0,
                has_place=place is not None,
                emergency=found.emergency is not None,
                abuse=found.abuse,
                spam=found.spam,
            )
        )


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
