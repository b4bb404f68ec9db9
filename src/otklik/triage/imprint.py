"""What of a text tells whether another one is about the same: its letters, its telling words, its places."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from otklik.triage import places
from otklik.triage.gazetteer import Gazetteer, normalise_place
from otklik.triage.rarity import Rarity
from otklik.triage.understood import Understood
from otklik.triage.verdict import Place
from otklik.triage.words import MAX_CHARS, Reader

SKETCH = 6
"""How many of a text's telling word pairs and words stand for it in an index."""

_INSIDE = re.compile(r"[\w,:;)]\s+$|[«\"“„]$")
"""What stands before a capital letter that doesn't begin a sentence."""
_NUMBER = re.compile(r"(?:№|\b[Дд](?:ом\w{0,2})?\b\.?)\s?№?\s?(\d{1,3}(?:\s?-?[А-Еа-е]\b)?)(?!\d)")
_ABBREVIATION = 4
"""«ГОСТ», «ТБО», «МКД»: of all sorts of matters, so no names."""
_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
"""Soft hyphens, zero-width spaces and joiners, marks of direction, stray accents."""
_LETTERS = re.compile(r"[^\W_]+")
_COPY_STEMS = 2
"""A text with fewer telling words that says the same letter for letter («спасибо!», «и у нас тоже») is no copy."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """One text, ready to be compared.

    `stems` lead to the words as written, `weights` say how telling each is (`norm`: the sum of their squares). `turns`
    are neighbours, `names` the stems that stand as proper names. `places` are keys of `normalise_place`, shown by
    `said`; `numbers` are all numbers that stand as a house's.

    `copy` is the same for texts that differ in case, ё, spaces, punctuation, emoji or invisible characters only; empty
    for texts too short to be copies.
    """

    copy: str
    stems: Mapping[str, str]
    weights: Mapping[str, float]
    norm: float
    turns: frozenset[tuple[str, str]]
    names: frozenset[str]
    places: frozenset[str]
    said: Mapping[str, str]
    numbers: frozenset[str]
    topic: str = ""
    thanks: bool = False

    @property
    def group(self) -> str:
        """The topic's group."""
        return self.topic.partition(".")[0]

    @property
    def houses(self) -> frozenset[str]:
        """The places that name a house."""
        return frozenset(key for key in self.places if not key.endswith("|"))

    @property
    def streets(self) -> frozenset[str]:
        """The streets of all places, with or without a house."""
        return frozenset(key.partition("|")[0] for key in self.places)

    @property
    def marks(self) -> list[str]:
        """What Rarity counts: the stems, and the streets."""
        return [*self.stems, *(f"@{street}" for street in self.streets)]


def copy_of(text: str, reader: Reader) -> str:
    """Return sixteen hex digits that exact copies share, whatever their case, spaces, punctuation and emoji."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:MAX_CHARS]))
    words = [reader.word(word).form for word in _LETTERS.findall(visible)]
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).hexdigest()


def imprint(
    text: str,
    *,
    reader: Reader,
    rarity: Rarity,
    topic: str = "",
    thanks: bool = False,
    gazetteer: Gazetteer | None = None,
    place: str = "",
    understood: Understood | None = None,
) -> Imprint:
    """Return what of a text can be compared. `place` is where it is about if that is known besides the text.

    `understood` is what `Triage.classify_read` made of this text, knowing the same streets: then the text isn't read
    again, and the imprint is the same. Its verdict is not looked at.
    """
    reading = understood.reading if understood else reader.read(text)
    found = list(understood.places) if understood else places.find_all(reading, gazetteer)
    if place:
        found += places.find_all(reader.read(place), gazetteer)
    said = {key: _shown(one) for one in found if one.street and (key := normalise_place(one.street, one.house))}
    inside = [(one.start, one.end) for one in found if one.raw in text]
    shouts = sum(map(str.isupper, text)) * 2 > sum(map(str.isalpha, text))
    stems: dict[str, str] = {}
    names: set[str] = set()
    line: list[str] = []
    for token in reading:
        if not rarity.says_something(token.word) or any(start <= token.start < end for start, end in inside):
            continue
        stems.setdefault(token.word.stem, token.word.form)
        line.append(token.word.stem)
        raw = text[token.start : token.end]
        if shouts or not raw[0].isupper() or (raw.isupper() and len(raw) <= _ABBREVIATION):
            continue
        if _INSIDE.search(text, max(0, token.start - 3), token.start):
            names.add(token.word.stem)
    weights = {stem: rarity.weight(stem) for stem in stems}
    norm = sum(weight * weight for weight in weights.values())
    turns = frozenset((a, b) if a < b else (b, a) for a, b in pairwise(line) if a != b)
    return Imprint(
        copy=copy_of(text, reader) if len(stems) >= _COPY_STEMS or said else "",
        stems=stems,
        weights=weights,
        norm=norm,
        turns=turns,
        names=frozenset(names),
        places=frozenset(said),
        said=said,
        numbers=frozenset(number.lower().replace("-", "") for number in _NUMBER.findall(text[:MAX_CHARS])),
        topic=topic,
        thanks=thanks,
    )


def sketch(of: Imprint, size: int = SKETCH) -> list[str]:
    """Return the index keys of a text's words: texts that share many telling words share most of these.

    A weighted sample that is the same for the same words: each word and pair of neighbours draws a number from its own
    letters, the rarer the smaller, and the smallest are kept (Cohen and Kaplan's bottom-k sketch).
    """
    weights = of.weights
    drawn = [(_draw(f"{a} {b}", weights[a] + weights[b]), f"{a} {b}") for a, b in of.turns]
    drawn += [(_draw(stem, weight), stem) for stem, weight in weights.items()]
    return [key for _, key in sorted(drawn)[:size]]


def _draw(key: str, weight: float) -> float:
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big") + 1
    return -math.log(number / (2**48 + 1)) / weight


def _shown(place: Place) -> str:
    return f"{place.street}, {place.house}" if place.house else place.street


def rare_words(stems: Iterable[str], of: Imprint, count: int) -> list[str]:
    """Return the most telling of these words, as they were written."""
    return [of.stems[stem] for stem in sorted(stems, key=lambda stem: (-of.weights[stem], stem))[:count]]
