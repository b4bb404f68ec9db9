"""What a city's history taught, and when it counts: beside the shipped knowledge, where it is sure enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from otklik.triage.learnt import Guess, Learnt, Prediction, reason
from otklik.triage.seedmodel import Heard
from otklik.triage.topics import TOPIC_THRESHOLD, Topic
from otklik.triage.verdict import Kind, Reason, Text

_LEAST_KNOWN = 2
_KIND_WORDS = 2
_UNANSWERED = frozenset({Kind.THANKS, Kind.GREETING, Kind.SPAM})
_UNSEEN = 0.97
"""The share of right answers wanted of what is learnt to be thanks, a greeting or advertising."""


class Taught:
    """A model with the confidence from which on each of its columns is believed."""

    def __init__(self, learnt: Learnt, precision: Mapping[str, float]) -> None:
        """Take a model and the share of right answers wanted of each column."""
        self._learnt = learnt
        self._sure = {name: learnt.threshold(name, precision[name]) for name in learnt.columns}
        self._unseen = learnt.threshold("kind", max(_UNSEEN, precision["kind"]))

    def predict(self, texts: Sequence[Text], heard: Mapping[str, Heard]) -> list[Prediction]:
        """Return the answers for texts, sure or not."""
        return self._learnt.predict(texts, heard)

    def abuse(self, said: Prediction) -> float:
        """Return how insulting a text is, as far as the history is sure of it."""
        return said.abuse.chance_of("1") if said.abuse and said.abuse.confidence >= self._sure["abuse"] else 0.0

    def kind(self, said: Prediction) -> tuple[Kind, float] | None:
        """Return the kind that the history is sure of, and how sure.

        Of a kind that nobody answers to, and so nobody looks at, it has to be surer than of others.
        """
        guess = said.kind
        if guess is None or not self._counts("kind", guess, said.known) or guess.label not in set(Kind):
            return None
        kind = Kind(guess.label)
        if kind in _UNANSWERED and guess.confidence < self._unseen:
            return None
        return kind, guess.confidence

    def words_for(self, text: str, kind: Kind) -> tuple[Reason, ...]:
        """Return the words that spoke for a kind. Costs as much as a text: ask where the rules said something else."""
        spoke = self._learnt.spoke([(text, "kind", kind.value)])[0][:_KIND_WORDS]
        return tuple(reason(words, f"kind:{kind.value}", weight) for words, weight in spoke)

    def department(self, said: Prediction) -> str | None:
        """Return the department that the history is sure of."""
        guess = said.department
        return guess.label if guess and self._counts("department", guess, said.known) else None

    def knows_topic(self, said: Prediction) -> bool:
        """Return whether the history is sure of the topic."""
        return said.topic is not None and self._counts("topic", said.topic, said.known)

    def knows_group(self, said: Prediction, own: Topic | None) -> bool:
        """Return whether the history is sure of a group other than the one that the shipped knowledge thinks of."""
        group = said.topic_group
        sure = group is not None and self._counts("topic_group", group, said.known)
        return sure and not (own and group and own.group == group.label)

    def topics(self, asked: Sequence[tuple[str, Prediction]]) -> list[Topic | None]:
        """Return the topics of texts whose topic or, at least, whose group the history knows, with its words."""
        known = [
            (text, "topic", said.topic) if self.knows_topic(said) else (text, "topic_group", said.topic_group)
            for text, said in asked
        ]
        own = [(text, column, guess.label) for text, column, guess in known if guess and not guess.inherited]
        spoke = dict(zip(own, self._learnt.spoke(own), strict=True))
        found: list[Topic | None] = []
        for (text, said), (_, column, guess) in zip(asked, known, strict=True):
            why = _why(guess, spoke.get((text, column, guess.label), ())) if guess else ()
            found.append(_topic(said, why) if column == "topic" else _group(said, why))
        return found

    def _counts(self, column: str, guess: Guess, known: int) -> bool:
        """Return whether an answer is sure enough, and rests on more than a habit."""
        return guess.confidence >= self._sure[column] and (guess.inherited or known >= _LEAST_KNOWN)


def _why(guess: Guess, spoke: Sequence[tuple[str, float]]) -> tuple[Reason, ...]:
    what = f"topic:{guess.label}"
    if guess.inherited:
        return (Reason("inherited", "", what, round(guess.confidence, 2)),)
    return tuple(reason(words, what, weight) for words, weight in spoke)


def _topic(said: Prediction, reasons: tuple[Reason, ...]) -> Topic | None:
    topic, group = said.topic, said.topic_group
    if topic is None:
        return None
    of_topic = topic.label.split(".")[0] if "." in topic.label else (group.label if group else topic.label)
    return Topic(topic.label, topic.confidence, of_topic, topic.confidence, topic.top3, reasons, topic.inherited)


def _group(said: Prediction, reasons: tuple[Reason, ...]) -> Topic | None:
    topic, group = said.topic, said.topic_group
    if group is None:
        return None
    # Below the threshold by intent: the group is known, its topic isn't.
    unsure = min(topic.confidence if topic else 0.0, TOPIC_THRESHOLD / 2)
    top3 = topic.top3 if topic else ()
    code = top3[0] if top3 else group.label
    return Topic(code, unsure, group.label, group.confidence, top3, reasons, group.inherited)
