"""The streets a city knows, found whatever their case ending."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

from otklik.triage.knowledge import toml
from otklik.triage.words import Memory, Reading, normal

_WORDS = toml("places")
STREET_TYPES = frozenset(_WORDS["street"].split())
DISTRICT_TYPES = frozenset(_WORDS["district"].split())
NOT_NAMES = frozenset(_WORDS["not_names"].split())
_ENGLISH_TYPES = frozenset(_WORDS["english_street"].split())
_TYPES = STREET_TYPES | DISTRICT_TYPES | _ENGLISH_TYPES

_ENDING = re.compile(
    r"(?:ого|его|ему|ому|ыми|ими|ами|ями|ая|яя|ое|ее|ые|ие|ой|ей|ую|юю|ый|ий|ых|их|ым|им|ом|ем|ах|ях|ью|[аяуюыиеоьй])$"
)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_HOUSE_NOISE = re.compile(r"\b(?:дом|д|house|no)\b\.?|[№#\s,]", re.IGNORECASE)
_BUILDING = re.compile(r"(?:корпус|корп|к|стр|строение)\.?-?(?=\d)")
_LOOKALIKES = str.maketrans("abcehkmoptxy", "авсенкмортху")
_SHORTEST_MISSPELT = 5


@dataclass(frozen=True, slots=True)
class Street:
    """A street and the other names people call it by."""

    name: str
    aliases: tuple[str, ...] = ()


class Found(NamedTuple):
    """A street's name in the text: its official name and how many tokens it takes."""

    name: str
    length: int


class Gazetteer:
    """Finds streets by the beginnings of their words, so that «на Садовой» is «Садовая»."""

    def __init__(self, streets: Iterable[Street]) -> None:
        self._names: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for street in streets:
            for name in (street.name, *street.aliases):
                key = tuple(place_stems(name))
                if key:
                    self._names.setdefault(key[0], []).append((key, street.name))
        for known in self._names.values():
            known.sort(key=lambda entry: -len(entry[0]))
        self._begins: Memory[bool] = Memory(lambda form: _STEMS[form] in self._names)

    def begins(self, reading: Reading) -> list[int]:
        """Return the words that a known street's name may begin with."""
        return list(compress(range(len(reading)), map(self._begins.__getitem__, reading.forms)))

    def at(self, reading: Reading, index: int, *, misspelt: bool = False) -> Found | None:
        """Return the longest known street whose name begins at this word.

        `misspelt` forgives one letter in the first word, where what stands around says that a street is named.
        """
        stem = _STEMS[reading.forms[index]]
        if stem not in self._names and misspelt:
            stem = self._alike(stem)
        for key, name in self._names.get(stem, ()):
            stems = tuple(map(_STEMS.__getitem__, reading.forms[index + 1 : index + len(key)]))
            if stems == key[1:]:
                return Found(name, len(key))
        return None

    def _alike(self, stem: str) -> str:
        """Return the only known first word one letter away, or nothing: two of them would be a guess."""
        if len(stem) < _SHORTEST_MISSPELT:
            return ""
        alike = [known for known in self._names if len(known) >= _SHORTEST_MISSPELT and one_letter_off(stem, known)]
        return alike[0] if len(alike) == 1 else ""


def one_letter_off(one: str, other: str) -> bool:
    """Return whether a letter more, less, other or swapped with its neighbour makes one word of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), None)
    if same is None:
        return True
    left, right = one[same:], other[same:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped


def ending_off(form: str) -> str:
    """Return a name's word without its case ending; three letters always stay."""
    cut = _ENDING.sub("", form)
    return cut if len(cut) >= 3 else form


_STEMS: Memory[str] = Memory(ending_off)


def place_stems(name: str) -> list[str]:
    """Return a street's name as stems, without words like «улица»."""
    forms = [normal(word) for word in _WORD.findall(name)]
    return [ending_off(form) for form in forms if form not in _TYPES] or [ending_off(form) for form in forms]


def normalise_place(street: str, house: str) -> str:
    """Return a key that is the same for the same place, however it was written.

    Case endings, ё, the sort of street, spaces and look-alike letters don't matter: «на Садовой, д. 4 а» and
    «ул. Садовая 4А» give «садов|4а». A street alone gives «садов|».
    """
    number = _BUILDING.sub("к", _HOUSE_NOISE.sub("", house.lower().replace("ё", "е")))
    return f"{' '.join(place_stems(street))}|{number.translate(_LOOKALIKES)}"
