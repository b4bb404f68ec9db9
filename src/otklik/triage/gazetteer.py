"""The streets a city knows, found whatever their case ending."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from otklik.triage.knowledge import toml
from otklik.triage.words import Token, normal

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

    def at(self, tokens: Sequence[Token], index: int) -> Found | None:
        """Return the longest known street whose name begins at this token."""
        for key, name in self._names.get(ending_off(tokens[index].word.form), ()):
            stems = tuple(ending_off(token.word.form) for token in tokens[index : index + len(key)])
            if stems == key:
                return Found(name, len(key))
        return None


def ending_off(form: str) -> str:
    """Return a name's word without its case ending; three letters always stay."""
    cut = _ENDING.sub("", form)
    return cut if len(cut) >= 3 else form


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
