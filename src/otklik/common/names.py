"""People's names in whatever case they stand: Павел, Павла, Павлу."""

from __future__ import annotations

import re
from collections.abc import Iterable

from otklik.common.text import folded

SHORTEST = 3
"""Shorter pieces of a name are initials, or words that stand everywhere."""

_PARTS = re.compile(r"[^\W\d_]+")
_VOWELS = "аеиоуыэюяйьaeiouy"
_OF_NOUNS = (
    "(?:а|я|ы|и|у|ю|е|о|й|ь|ой|ою|ей|ею|ом|ем|ым|ам|ям|ах|ях|ами|ями|ов|ев|ых|ыми|"
    "ия|ию|ии|ие|ией|ием|ья|ье|ью|ьи|ьей|ьем)?"
)
_OF_ADJECTIVES = "(?:ый|ий|ой|ая|яя|ого|его|ому|ему|ую|юю|ым|им|ом|ем|ей|ые|ие|ых|их|ыми|ими)"
_ADJECTIVE = re.compile(r"(.+)(?:ый|ий|ой|ая|яя)")
_FLEETING = re.compile(r"(.*[^аеиоуыэюя])[ео]([бвгджзклмнпрстфхцчшщ]ь?)")
"""A vowel that is there in the first case only: Павел and Павла, Лев and Льва."""


def parts_of(names: Iterable[str]) -> list[str]:
    """Return the pieces of these names, folded, the longest first."""
    found = {folded(part) for name in names for part in _PARTS.findall(name) if len(part) >= SHORTEST}
    return sorted(found, key=lambda part: (-len(part), part))


def in_any_case(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any piece of these names in a folded word, in any Russian case; None where nothing can.

    Use it with `fullmatch` on one word. Only the endings that names have count, so that few other words match.
    """
    shapes = [shape for part in parts_of(names) for shape in _shapes(part)]
    return re.compile("|".join(shapes)) if shapes else None


def named_in(text: str, names: Iterable[str]) -> list[tuple[int, int]]:
    """Return where these names stand, in any case: capitals only, or every word would be a name."""
    pattern = in_any_case(names)
    words = _PARTS.finditer(text) if pattern else ()
    return [
        word.span()
        for word in words
        if word.group()[0].isupper() and pattern and pattern.fullmatch(folded(word.group()))
    ]


def _shapes(part: str) -> list[str]:
    """Return patterns of the forms of a folded piece of a name."""
    stem = part.rstrip(_VOWELS)
    stems = [stem if len(stem) > 1 else part[:-1]]
    if part.endswith("й"):
        stems.append(part[:-1])  # Андрея, not Андра
    if fleeting := _FLEETING.fullmatch(part):
        soft = "ь" if fleeting[1].endswith("л") else ""
        stems.append(f"{fleeting[1]}{soft}{fleeting[2].rstrip('ь')}")
    shapes = [f"{re.escape(stem)}{_OF_NOUNS}" for stem in stems]
    if adjective := _ADJECTIVE.fullmatch(part):
        shapes.append(f"{re.escape(adjective[1])}{_OF_ADJECTIVES}")
    return shapes
