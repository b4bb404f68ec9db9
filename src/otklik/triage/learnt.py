"""What a city's history taught, at run time: starts at once, needs numpy alone, and is kept as plain numbers.

Fitting is in `otklik.triage.learning`. A stored model is a signature, a checksum, JSON and arrays: never code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from otklik.triage import packing
from otklik.triage.features import Features
from otklik.triage.guessing import likeliest
from otklik.triage.heads import Head, settle
from otklik.triage.labelled import HEADS
from otklik.triage.packing import NotAModel
from otklik.triage.seedmodel import Heard, SeedModel
from otklik.triage.verdict import Reason, Text
from otklik.triage.voices import Asked, Voices
from otklik.triage.words import Reader

__all__ = ["Guess", "Learnt", "NotAModel", "Prediction"]

_PARENT_TRUST = 0.75
_POST_TRUST = 0.65
_FEW_WORDS = 8
_CLEARER = 0.85
_REASONS = 6
_OF_ITS_OWN = {"abuse", "kind"}
"""What a text is by itself, whatever it hangs on: thanks under a complaint are thanks."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One column's answer: the label, the chance that it is right, the three likeliest labels and their chances."""

    label: str
    confidence: float
    top3: tuple[str, ...]
    chances: tuple[float, ...] = ()
    inherited: bool = False

    def chance_of(self, label: str) -> float:
        """Return the chance of one of the likeliest labels; 0 for any other."""
        return dict(zip(self.top3, self.chances, strict=True)).get(label, 0.0)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answers for one text; None for a column that the history didn't have.

    `known` is how many different words of the text itself the history knows: with none, an answer is a mere habit.
    """

    topic: Guess | None = None
    topic_group: Guess | None = None
    department: Guess | None = None
    abuse: Guess | None = None
    kind: Guess | None = None
    known: int = 0


class Learnt:
    """Answers for texts, learnt from a city's history. Not for use from several threads at once."""

    def __init__(self, features: Features, heads: Mapping[str, Head]) -> None:
        self.features = features
        own = {name: heads[name] for name in HEADS if name in heads}
        weights = np.hstack([head.weights for head in own.values()], dtype=np.float32, casting="same_kind")
        ends = np.cumsum([len(head.labels) for head in own.values()])
        self._columns = {
            name: slice(int(end) - len(head.labels), int(end))
            for (name, head), end in zip(own.items(), ends, strict=True)
        }
        # The weights of all columns are kept once, side by side; in single precision, which processors add quicker.
        self.heads = {name: replace(head, weights=weights[:, self._columns[name]]) for name, head in own.items()}
        constants = np.concatenate([head.constants for head in own.values()])
        self._voices = Voices(features, weights, constants, self._columns.values())

    def listen_with(self, reader: Reader, seeds: SeedModel) -> None:
        """Use somebody else's reader and shipped seeds, of the same thread: a word that they met is known here too."""
        self.features.listen_with(reader, seeds)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this model answers."""
        return tuple(self.heads)

    def predict(
        self, texts: Sequence[Text | str], heard: Mapping[str, Heard] = MappingProxyType({})
    ) -> list[Prediction]:
        """Return an answer for each text, in order. Never raises, whatever people wrote.

        A short comment is read with its parent and its post: where they are clearer, their answer is its answer. Texts
        that were `heard` before, by a reader of the same knowledge, aren't read again.
        """
        asked = [text if isinstance(text, Text) else Text(text) for text in texts]
        short = [text for text in asked if _hangs_on(text)]
        around = {context: 0 for text in short for context in (text.parent_text, text.post_text) if context}
        wanted = list(dict.fromkeys([*(text.text for text in asked), *around]))
        answers = dict(zip(wanted, self._answers(wanted, heard), strict=True))
        return [self._with_context(text, answers) for text in asked]

    def explain(self, text: str, column: str, label: str | None = None) -> list[Reason]:
        """Return the words that spoke for a label (the answer, if none is named), the strongest first."""
        if column not in self.heads:
            return []
        labels = self.heads[column].labels
        answer = label if label in labels else labels[int(np.argmax(self.scores([text])[column][0]))]
        spoke = self.spoke([(text, column, answer)])[0]
        return [reason(word, f"{column}:{answer}", weight) for word, weight in spoke]

    def spoke(self, asked: Sequence[tuple[str, str, str]]) -> list[list[tuple[str, float]]]:
        """Return the words, and how strongly, for many texts, each with a column and one of its labels.

        A batch costs little more than a few one by one.
        """
        wanted = [
            Asked(text, (part := self._columns[column]).start + self.heads[column].labels.index(label), part)
            for text, column, label in asked
        ]
        return self._voices.loudest(wanted, _REASONS) if wanted else []

    def threshold(self, column: str, precision: float) -> float:
        """Return the confidence from which on answers are right often enough; infinity where they never are.

        Measured on texts of the history that were held back together with their near-duplicates.
        """
        return self.heads[column].calibration.threshold(precision) if column in self.heads else float("inf")

    def scores(self, texts: Sequence[str]) -> dict[str, Any]:
        """Return each column's scores, one row per text, one number per label: the best is the answer."""
        return self._settled(self._voices.scores(texts, {})[0])

    def to_bytes(self) -> bytes:
        """Return the model as bytes; `from_bytes` gives an equal one back."""
        return packing.pack(self.features, self.heads)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Learnt:
        """Return a stored model. Raises NotAModel for what `to_bytes` didn't write."""
        return cls(*packing.unpack(raw))

    def _answers(self, texts: Sequence[str], heard: Mapping[str, Heard]) -> list[Prediction]:
        if not texts:
            return []
        numbers, known = self._voices.scores(texts, heard)
        scores = self._settled(numbers)
        guesses = [
            _guesses(self.heads[name], scores[name]) if name in self.heads else [None] * len(texts) for name in HEADS
        ]
        return list(map(Prediction, *guesses, known))

    def _settled(self, whole: Any) -> dict[str, Any]:
        raw = {name: whole[:, part] for name, part in self._columns.items()}
        heats = {name: head.heat for name, head in self.heads.items()}
        return settle(raw, heats, {name: head.hint for name, head in self.heads.items()})

    def _with_context(self, text: Text, answers: Mapping[str, Prediction]) -> Prediction:
        own = answers[text.text]
        if not _hangs_on(text):
            return own
        chosen = own
        for name in self.heads.keys() - _OF_ITS_OWN:
            guess: Guess = getattr(own, name)
            for context, trust in ((text.parent_text, _PARENT_TRUST), (text.post_text, _POST_TRUST)):
                around: Guess | None = getattr(answers[context], name) if context else None
                if around and around.confidence * _CLEARER > guess.confidence:
                    taken = replace(
                        around,
                        confidence=around.confidence * trust,
                        chances=tuple(chance * trust for chance in around.chances),
                        inherited=True,
                    )
                    chosen = _with(chosen, name, taken)
                    break
        return chosen


def reason(words: str, speaks_for: str, weight: float) -> Reason:
    """Return what speaks for something: a word, or two."""
    return Reason("phrase" if " " in words else "word", words, speaks_for, round(weight, 3))


def _hangs_on(text: Text) -> bool:
    """Return whether a text is short enough to be read with what stands around it, if anything does."""
    return bool(text.parent_text or text.post_text) and len(text.text.split()) <= _FEW_WORDS


def _with(prediction: Prediction, column: str, guess: Guess) -> Prediction:
    match column:
        case "topic":
            return replace(prediction, topic=guess)
        case "topic_group":
            return replace(prediction, topic_group=guess)
        case _:
            return replace(prediction, department=guess)


def _guesses(head: Head, scores: Any) -> list[Guess]:
    if len(head.labels) == 1:
        return [Guess(head.labels[0], 0.5, head.labels, (1.0,))] * len(scores)
    chances = head.calibration.chances(scores)
    chosen = scores.argmax(axis=1)
    # The answer comes first, the likeliest others after it: an answer may be a rare label with a smaller chance.
    order = chances.copy()
    order[np.arange(len(order)), chosen] = 2
    best = likeliest(order)
    likely = np.take_along_axis(chances, best, axis=1)
    sure = head.calibration.confidence(scores)
    return [
        Guess(head.labels[row[0]], chance, tuple(head.labels[label] for label in row), tuple(shares))
        for row, chance, shares in zip(best.tolist(), sure.tolist(), likely.tolist(), strict=True)
    ]
