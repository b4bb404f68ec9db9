"""What a city's history taught, at run time: starts at once, needs numpy alone, and is kept as plain numbers.

Fitting is in `otklik.triage.learning`. A stored model is a signature, a checksum, JSON and arrays: never code.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from otklik.triage.calibration import UNPROVED, Calibration
from otklik.triage.features import Features
from otklik.triage.labelled import HEADS
from otklik.triage.verdict import Reason, Text

_SIGNATURE: Final = b"OTKLIK LEARNT 1\n"
_PARENT_TRUST = 0.75
_POST_TRUST = 0.65
_FEW_WORDS = 8
_CLEARER = 0.85
_REASONS = 6


@dataclass(frozen=True, slots=True)
class Guess:
    """One column's answer: the label, the chance that it is right, the three likeliest labels and their chances."""

    label: str
    confidence: float
    top3: tuple[str, ...]
    chances: tuple[float, ...] = ()
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answers for one text; None for a column that the history didn't have."""

    topic: Guess | None = None
    topic_group: Guess | None = None
    department: Guess | None = None
    abuse: Guess | None = None


class NotAModel(ValueError):
    """The bytes are not a model of this version, or are damaged."""


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its labels, their weights (pieces by labels) with constants, and its calibration."""

    labels: tuple[str, ...]
    weights: Any
    constants: Any
    calibration: Calibration


class Learnt:
    """Answers for texts, learnt from a city's history. Not for use from several threads at once."""

    def __init__(self, features: Features, heads: Mapping[str, Head]) -> None:
        self.features = features
        self.heads = {name: heads[name] for name in HEADS if name in heads}
        self._weights = np.hstack([head.weights for head in self.heads.values()])
        self._constants = np.concatenate([head.constants for head in self.heads.values()])
        ends = np.cumsum([len(head.labels) for head in self.heads.values()])
        self._columns = {
            name: slice(int(end) - len(head.labels), int(end))
            for (name, head), end in zip(self.heads.items(), ends, strict=True)
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this model answers."""
        return tuple(self.heads)

    def predict(self, texts: Sequence[Text | str]) -> list[Prediction]:
        """Return an answer for each text, in order. Never raises, whatever people wrote.

        A short comment is read with its parent and its post: where they are clearer, their answer is its answer.
        """
        asked = [text if isinstance(text, Text) else Text(text) for text in texts]
        around = {context: 0 for text in asked for context in (text.parent_text, text.post_text) if context}
        wanted = list(dict.fromkeys([*(text.text for text in asked), *around]))
        answers = dict(zip(wanted, self._answers(wanted), strict=True))
        return [self._with_context(text, answers) for text in asked]

    def explain(self, text: str, column: str) -> list[Reason]:
        """Return the words that spoke for the answer of a column, the strongest first; none when nothing is known."""
        if column not in self.heads:
            return []
        numbers, values = self.features.row(text)
        head = self.heads[column]
        scores = values @ head.weights[numbers] + head.constants
        best = int(np.argmax(scores))
        # A word speaks for a label by what it adds to it beyond what it adds to labels in the mean.
        beyond = values * (head.weights[numbers, best] - head.weights[numbers].mean(axis=1))
        added = dict(zip(numbers.tolist(), beyond.tolist(), strict=True))
        said: dict[str, float] = {}
        for word, pieces in self.features.words(text):
            said.setdefault(word.lower(), float(sum(added.get(int(piece), 0.0) for piece in pieces)))
        loudest = sorted((item for item in said.items() if item[1] > 0), key=lambda item: -item[1])[:_REASONS]
        label = f"{column}:{head.labels[best]}"
        return [Reason("phrase" if " " in word else "word", word, label, round(weight, 3)) for word, weight in loudest]

    def threshold(self, column: str, precision: float) -> float:
        """Return the confidence from which on answers are right often enough; infinity where they never are.

        Measured on texts of the history that were held back together with their near-duplicates.
        """
        return self.heads[column].calibration.threshold(precision) if column in self.heads else float("inf")

    def scores(self, texts: Sequence[str]) -> dict[str, Any]:
        """Return each column's raw scores, one row per text, one number per label."""
        whole = np.empty((len(texts), len(self._constants)), dtype=np.float32)
        for at, text in enumerate(texts):
            numbers, values = self.features.row(text)
            whole[at] = values @ self._weights[numbers] + self._constants
        return {name: whole[:, part] for name, part in self._columns.items()}

    def to_bytes(self) -> bytes:
        """Return the model as bytes; `from_bytes` gives an equal one back."""
        arrays: list[Any] = [self.features.weights.astype("<f4")]
        about: list[dict[str, Any]] = []
        for name, head in self.heads.items():
            proof = head.calibration
            arrays += [head.weights.astype("<f2"), head.constants.astype("<f4")]
            arrays += [np.asarray(proof.sure, dtype="<f4"), np.asarray(proof.right, dtype="<u1")]
            about.append({"column": name, "labels": head.labels, "heat": proof.heat, "trust": proof.trust})
        content = {
            "pieces": self.features.pieces,
            "heads": about,
            "arrays": [(array.dtype.str, array.shape) for array in arrays],
        }
        text = json.dumps(content, ensure_ascii=False).encode()
        body = zlib.compress(
            b"".join([len(text).to_bytes(8, "big"), text, *(array.tobytes() for array in arrays)]), level=1
        )
        return _SIGNATURE + hashlib.sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, raw: bytes) -> Learnt:
        """Return a stored model. Raises NotAModel for what `to_bytes` didn't write."""
        start = len(_SIGNATURE) + hashlib.sha256().digest_size
        if not raw.startswith(_SIGNATURE):
            raise NotAModel("not a model of this version of Otklik: train it again")
        body = raw[start:]
        if hashlib.sha256(body).digest() != raw[len(_SIGNATURE) : start]:
            raise NotAModel("the model is damaged: train it again, or take it from a backup")
        try:
            return cls._unpack(zlib.decompress(body))
        except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
            raise NotAModel("the model can't be read: train it again") from error

    @classmethod
    def _unpack(cls, whole: bytes) -> Learnt:
        length = int.from_bytes(whole[:8], "big")
        content = json.loads(whole[8 : 8 + length])
        at = 8 + length
        arrays: list[Any] = []
        for kind, shape in content["arrays"]:
            if kind not in {"<f4", "<f2", "|u1"}:
                raise ValueError(kind)
            size = int(np.prod(shape))
            array = np.frombuffer(whole, dtype=kind, count=size, offset=at).reshape(shape)
            arrays.append(array)
            at += array.nbytes
        weights, rest = arrays[0], arrays[1:]
        heads: dict[str, Head] = {}
        for number, about in enumerate(content["heads"]):
            matrix, constants, sure, right = rest[number * 4 : number * 4 + 4]
            proof = Calibration(about["heat"], tuple(about["trust"]), sure, right)
            heads[about["column"]] = Head(tuple(about["labels"]), matrix.astype(np.float32), constants, proof)
        return cls(Features(content["pieces"], weights), heads)

    def _answers(self, texts: Sequence[str]) -> list[Prediction]:
        if not texts:
            return []
        scores = self.scores(texts)
        answers = {name: _guesses(head, scores[name]) for name, head in self.heads.items()}
        return [Prediction(**{name: answers[name][row] for name in answers}) for row in range(len(texts))]

    def _with_context(self, text: Text, answers: Mapping[str, Prediction]) -> Prediction:
        own = answers[text.text]
        if not (text.parent_text or text.post_text) or len(text.text.split()) > _FEW_WORDS:
            return own
        chosen: dict[str, Guess] = {name: getattr(own, name) for name in self.heads}
        for name in chosen.keys() - {"abuse"}:
            for context, trust in ((text.parent_text, _PARENT_TRUST), (text.post_text, _POST_TRUST)):
                around: Guess | None = getattr(answers[context], name) if context else None
                if around and around.confidence * _CLEARER > chosen[name].confidence:
                    chosen[name] = replace(around, confidence=around.confidence * trust, inherited=True)
                    break
        return Prediction(**chosen)


def _guesses(head: Head, scores: Any) -> list[Guess]:
    if len(head.labels) == 1:
        return [Guess(head.labels[0], 0.5, head.labels, (1.0,))] * len(scores)
    chances = head.calibration.chances(scores)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    likely = np.take_along_axis(chances, best, axis=1)
    sure = head.calibration.confidence(chances)
    return [
        Guess(head.labels[row[0]], chance, tuple(head.labels[label] for label in row), tuple(shares))
        for row, chance, shares in zip(best.tolist(), sure.tolist(), likely.tolist(), strict=True)
    ]


def only(label: str, pieces: int) -> Head:
    """Return the head of a column that always says the same: an even chance, since nothing could be checked."""
    return Head((label,), np.zeros((pieces, 1), dtype=np.float32), np.zeros(1, dtype=np.float32), UNPROVED)
