"""Words as search compares them: lower case, ё as е, without their endings (Snowball, Russian and English)."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import snowballstemmer

MAX_STEMS: Final = 400
"""Different words of one text that are kept; what a longer one repeats at its end is not found by."""

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LONGEST = 40
_LETTERS = {True: "абвгдежзийклмнопрстуфхцчшщъыьэюя", False: "abcdefghijklmnopqrstuvwxyz0123456789"}
_SNIPPET_BEFORE = 50


class Place(NamedTuple):
    """A word where it stands in a text (offsets in characters)."""

    stem: str
    start: int
    end: int


class Bit(NamedTuple):
    """A part of a snippet; `is_hit`: it is what was searched for."""

    text: str
    is_hit: bool


class _Stemmers(threading.local):
    """Snowball's stemmers keep their state between two words: one pair for each thread."""

    def __init__(self) -> None:
        self.russian = snowballstemmer.stemmer("russian")
        self.english = snowballstemmer.stemmer("english")


_stemmers = _Stemmers()


@lru_cache(maxsize=60_000)
def stem(word: str) -> str:
    """Return a word without its ending."""
    form = word.lower().replace("ё", "е")[:_LONGEST]
    stemmer = _stemmers.russian if _CYRILLIC.search(form) else _stemmers.english
    return str(stemmer.stemWord(form)) or form


def places(text: str) -> Iterator[Place]:
    """Yield the words of a text, in order."""
    for match in _WORD.finditer(text):
        yield Place(stem(match.group()), match.start(), match.end())


def stems(*texts: str) -> list[str]:
    """Return the different words of these texts, at most MAX_STEMS."""
    return list(dict.fromkeys(stem(word) for text in texts for word in _WORD.findall(text)))[:MAX_STEMS]


def forms(*texts: str) -> list[str]:
    """Return the different words of these texts as they stand, lower case: names lose too much with their endings."""
    found = (word.lower().replace("ё", "е")[:_LONGEST] for text in texts for word in _WORD.findall(text))
    return list(dict.fromkeys(found))[:MAX_STEMS]


def near(word: str) -> list[str]:
    """Return the word and all that one slip of the finger makes of it: a letter more, less, other, or two swapped."""
    letters = _LETTERS[bool(_CYRILLIC.search(word))]
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    less = [head + tail[1:] for head, tail in cuts if tail]
    swapped = [head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1]
    other = [head + letter + tail[1:] for head, tail in cuts if tail for letter in letters]
    more = [head + letter + tail for head, tail in cuts for letter in letters]
    return list(dict.fromkeys([word, *less, *swapped, *other, *more]))


def snippet(text: str, wanted: Collection[str], width: int = 180) -> list[Bit]:
    """Return the part of a text around the first word searched for, in bits; its beginning where none is in it."""
    hits = [place for place in places(text) if place.stem in wanted]
    start = _word_start(text, hits[0].start - _SNIPPET_BEFORE) if hits else 0
    end = min(len(text), start + width)
    bits, at = [], start
    for hit in hits:
        if hit.start < at or hit.end > end:
            continue
        bits += [Bit(text[at : hit.start], is_hit=False), Bit(text[hit.start : hit.end], is_hit=True)]
        at = hit.end
    bits.append(Bit(text[at:end] + ("…" if end < len(text) else ""), is_hit=False))
    head = [Bit("…", is_hit=False)] if start > 0 else []
    return [bit for bit in (*head, *bits) if bit.text]


def _word_start(text: str, at: int) -> int:
    if at <= 0:
        return 0
    space = text.find(" ", at)
    return space + 1 if 0 <= space < at + _SNIPPET_BEFORE else at
