"""A text cut into words, each known by its normal form and its stem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import accumulate, islice
from typing import Final, NamedTuple, TypeVar

import snowballstemmer

T = TypeVar("T")

MAX_CHARS: Final = 20_000
"""What comes after is not read: the connectors cut there too."""

INVISIBLE: Final = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u0300-\u036f"
"""Characters that stand inside a word unseen, or over its letters: people are shown the word without them."""

_REMEMBERED = 30_000
_LONGEST_REMEMBERED = 48
_LONGEST_STEMMED = 40
_SPLIT = re.compile(
    rf"([^\W_]+(?:(?:[-'’{INVISIBLE}]|[{INVISIBLE}]*[*@#]{{1,4}})[{INVISIBLE}]*[^\W_]+)*[*#{INVISIBLE}]*)"
)
_UNSEEN = re.compile(f"[{INVISIBLE}]")
_MARKUP = re.compile(r"</?[a-z][^<>]{0,200}>|&(?:[a-z]{2,8}|#\d{1,6});", re.IGNORECASE)
_REPEATED = re.compile(r"(.)\1{2,}")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_PLAIN = re.compile("[а-деж-я]+|[a-z0-9]+")
_LATIN = re.compile(r"[a-z\u00df-\u024f\u1e00-\u1eff]")
_FOREIGN = re.compile(r"[a-zαορκτ]")
_LOOKALIKES = str.maketrans("aceopxykmthbαορκτ", "асеорхукмтнваоркт")
_BREAK = re.compile(r"[!?\n;]|\.{2,}|…")
_FULL_STOP = re.compile(r"\.\s+\Z")


_RUSSIAN_ENDINGS = """
ами ями ого его ому ему ыми ими ая яя ое ее ые ие ой ей ую юю ый ий ых их ым им ом ем ах ях ам ям ою ею ью ия ии ию ием
иям иях иями ов ев а я у ю ы и е о ь й ать ять ить еть уть ыть ает яет ует ит ет ют ут ят ат ешь ишь ете ите айте яйте
уйте йте ал ала али ало ял яла яли ил ила или ило ел ела ели ул ула ули ался алась ались илось ился илась ились ется
ются ится ятся аться иться ться тся сь ся ный ная ное ные ного ному ной ную ных ным ными нный нная нное нные нного нной
нную нных ости остью ость ение ения ению ении ением ений ание ания анию ании анием аний
"""
_ENDINGS = frozenset(_RUSSIAN_ENDINGS.split())
_LENGTHS = sorted({len(ending) for ending in _ENDINGS}, reverse=True)
_SHORTEST_STEM = 3


class Script(IntEnum):
    """What letters a word is written with."""

    NONE = 0
    CYRILLIC = 1
    LATIN = 2
    OTHER = 3


class Word(NamedTuple):
    """What is known of a word wherever it stands: lower case, ё as е, drawn-out letters once."""

    form: str
    stem: str
    script: Script


class Token(NamedTuple):
    """A word where it stands in the text (offsets in characters)."""

    word: Word
    start: int
    end: int


class Memory(dict[str, T]):
    """What was made of each string, made once. A full one forgets its older half, so that what it holds stays bounded.

    Reading it with `__getitem__` costs one look-up in C: the reason why whole texts go through `map`. What came of a
    long string is not kept: nobody writes it twice.
    """

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> T:
        value = self._make(key)
        if len(key) <= _LONGEST_REMEMBERED:
            remember(self, key, value)
        return value


def remember(cache: dict[str, T], key: str, value: T) -> None:
    """Keep a value; a full cache forgets its older half, so that memory stays bounded and the rest stays warm."""
    if len(cache) >= _REMEMBERED:
        for old in list(islice(cache, _REMEMBERED // 2)):
            del cache[old]
    cache[key] = value


class Reading:
    """A text read: its words beside where they stand and what stands between them. Iterating gives the tokens."""

    __slots__ = ("ends", "forms", "gaps", "raws", "starts", "text", "words")

    def __init__(self, text: str, words: list[Word], raws: list[str], gaps: list[str]) -> None:
        """Take the words as read and as written, and what stands before each and behind the last."""
        self.text = text
        self.words = words
        self.raws = raws
        self.gaps = gaps
        self.forms = [word[0] for word in words]
        self.starts: list[int] = []
        self.ends: list[int] = []

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[Token]:
        return map(Token, self.words, self.starts, self.ends)

    def retold(self, words: list[Word]) -> Reading:
        """Return the same text with other words in the same places."""
        other = Reading(self.text, words, self.raws, self.gaps)
        other.starts, other.ends = self.starts, self.ends
        return other

    def breaks(self, first: int, last: int) -> bool:
        """Return whether a sentence ends between two words."""
        return any(self._breaks_before(at) for at in range(first + 1, last + 1))

    def _breaks_before(self, at: int) -> bool:
        gap = self.gaps[at]
        if gap == " ":
            return False
        return bool(_BREAK.search(gap)) or (bool(_FULL_STOP.search(gap)) and self.raws[at][0].isupper())


class Reader:
    """Cuts texts into words and remembers the words it met. One per thread: the English stemmer keeps its state."""

    def __init__(self) -> None:
        self._english = snowballstemmer.stemmer("english")
        self._words: Memory[Word] = Memory(self._word)

    def read(self, text: str) -> Reading:
        """Return the words of the first 20,000 characters, in order. Punctuation and emoji are not words."""
        text = text[:MAX_CHARS]
        # Markup is read past as if it were spaces: what follows stays where it stands in the text.
        plain = _MARKUP.sub(_blank, text) if "<" in text or "&" in text else text
        parts = _SPLIT.split(plain)
        raws = parts[1::2]
        reading = Reading(text, list(map(self._words.__getitem__, raws)), raws, parts[::2])
        borders = list(accumulate(map(len, parts)))
        reading.starts, reading.ends = borders[:-1:2], borders[1::2]
        return reading

    def word(self, raw: str) -> Word:
        """Return one word as `read` would."""
        return self._words[raw]

    def _word(self, raw: str) -> Word:
        form = normal(raw)
        script = script_of(form)
        return Word(form, self._stem(form, script), script)

    def _stem(self, form: str, script: Script) -> str:
        if len(form) > _LONGEST_STEMMED:
            return form
        if script is Script.CYRILLIC:
            return without_ending(form)
        if script is Script.LATIN:
            return str(self._english.stemWord(form))
        return form


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def without_ending(form: str) -> str:
    """Return a Russian word without its longest known ending; three letters always stay.

    As good for topics as Snowball's stems, and some twenty times faster on words not met before.
    """
    longest = len(form) - _SHORTEST_STEM
    for length in _LENGTHS:
        if length <= longest and form[-length:] in _ENDINGS:
            return form[:-length]
    return form


def script_of(form: str) -> Script:
    """Return the letters of the word; a mixed one counts as Cyrillic, as its readers see it."""
    if _CYRILLIC.search(form):
        return Script.CYRILLIC
    if _LATIN.search(form):
        return Script.LATIN
    return Script.OTHER if any(char.isalpha() for char in form) else Script.NONE


def normal(raw: str) -> str:
    """Return the normal form; what is unseen is dropped, foreign look-alikes inside a Cyrillic word are put right."""
    form = raw.lower()
    if not _PLAIN.fullmatch(form):
        if _UNSEEN.search(form):
            form = _UNSEEN.sub("", unicodedata.normalize("NFC", form)) or form
        form = form.replace("ё", "е").replace("’", "'")
        if _CYRILLIC.search(form) and _FOREIGN.search(form):
            form = form.translate(_LOOKALIKES)
    if len(form) > 3:
        form = _REPEATED.sub(r"\1", form)
    return form
