"""The language of a text: script and telling letters first, then the commonest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from otklik.triage.knowledge import toml
from otklik.triage.words import Memory, Reading, Script, script_of

UNKNOWN = "und"
RUSSIAN = "ru"
ENGLISH = "en"

_SCRIPTS = (
    ("ka", "\u10a0", "\u10ff"), ("hy", "\u0530", "\u058f"), ("he", "\u0590", "\u05ff"), ("ar", "\u0600", "\u06ff"),
    ("hi", "\u0900", "\u097f"), ("th", "\u0e00", "\u0e7f"), ("el", "\u0370", "\u03ff"), ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"), ("zh", "\u4e00", "\u9fff"),
)  # fmt: skip
_NOT_RUSSIAN = re.compile(r"[^\W\d_а-яёА-ЯЁ]")
_RUSSIAN = re.compile(r"[а-яёА-ЯЁ]")
_KANA = re.compile("[\u3040-\u30ff]")
_PERSIAN = frozenset("پچژگ")
_SHARE = 6
"""One telling word in six names a Cyrillic language: more are borrowed from Russian or lent to it."""
_DATA = toml("languages")
_ENGLISH = frozenset(toml("stopwords")["en"].split())


class _Known(NamedTuple):
    """What a form tells of its language: its script, its length, the languages it is common in, its telling letters."""

    script: Script
    length: int
    codes: tuple[str, ...]
    letters: frozenset[str]


class _Script:
    """The languages of one script: their commonest words, and letters that Russian and English don't have."""

    def __init__(self, words: dict[str, str], letters: dict[str, str]) -> None:
        self.words: dict[str, tuple[str, ...]] = {}
        for code, common in words.items():
            for word in common.split():
                if code == ENGLISH or word not in _ENGLISH:
                    self.words[word] = (*self.words.get(word, ()), code)
        self.alphabets = {code: frozenset(own) for code, own in letters.items()}
        self.telling = frozenset().union(*self.alphabets.values())

    def by_letters(self, told: Counter[str]) -> Counter[str]:
        """Return a vote for each telling letter's language; where several have them all, the first listed wins."""
        every = frozenset(told)
        fits = [code for code, letters in self.alphabets.items() if every <= letters]
        if fits:
            return Counter(dict.fromkeys(fits, told.total()) | {fits[0]: told.total() + 1})
        return Counter(
            {
                code: sum(count for letter, count in told.items() if letter in letters)
                for code, letters in self.alphabets.items()
            }
        )


_CYRILLIC = _Script(_DATA["cyrillic"], _DATA["cyrillic_letters"])
_LATIN = _Script(_DATA["latin"], _DATA["latin_letters"])
LATIN = frozenset((ENGLISH, *_DATA["latin"]))
"""Languages that a text in Latin letters is taken for; Russian may be behind any of them."""


def _know(form: str) -> _Known:
    script = script_of(form)
    table = _CYRILLIC if script is Script.CYRILLIC else _LATIN
    letters = frozenset() if form.isascii() else table.telling & frozenset(form)
    return _Known(script, 0 if "@" in form else len(form), table.words.get(form, ()), letters)


_KNOWN: Memory[_Known] = Memory(_know)


def detect(reading: Reading) -> str:
    """Return an ISO 639-1 code, or "und" where there is no word. Ambiguous Cyrillic is "ru", ambiguous Latin "en".

    In a mixed text Cyrillic counts half as much again: links and brand names are Latin in every language.
    """
    if _russian_only(reading):
        return RUSSIAN
    letters = [0, 0, 0, 0]
    telling: list[_Known] = []
    known = list(map(_KNOWN.__getitem__, reading.forms))
    for word in known:
        letters[word[0]] += word[1]
        if word[2] or word[3]:
            telling.append(word)
    letters[Script.NONE] = 0
    letters[Script.CYRILLIC] += letters[Script.CYRILLIC] // 2
    most = max(letters)
    if most == 0:
        return UNKNOWN
    script = Script(letters.index(most))
    if script is Script.OTHER:
        return _other("".join(form for form, word in zip(reading.forms, known, strict=True) if word.script is script))
    own = [word for word in telling if word.script is script]
    if script is Script.LATIN:
        return _latin(own)
    return _cyrillic(own, sum(word.script is script for word in known)) if own else RUSSIAN


def _russian_only(reading: Reading) -> bool:
    """Return whether it is the commonest case, told by three tests in C: Russian letters, no other, no telling word."""
    return (
        not _NOT_RUSSIAN.search(reading.text)
        and bool(_RUSSIAN.search(reading.text))
        and _CYRILLIC.words.keys().isdisjoint(reading.forms)
    )


def _cyrillic(telling: Sequence[_Known], words: int) -> str:
    votes = _votes(_CYRILLIC, telling)
    return max(votes, key=lambda code: votes[code]) if votes and len(telling) * _SHARE >= words else RUSSIAN


def _latin(telling: Sequence[_Known]) -> str:
    votes = _votes(_LATIN, telling)
    if not votes:
        return ENGLISH
    best, count = votes.most_common(1)[0]
    return best if count > votes[ENGLISH] and count >= 2 else ENGLISH


def _votes(table: _Script, telling: Sequence[_Known]) -> Counter[str]:
    votes = Counter(code for word in telling for code in word.codes)
    letters = Counter(letter for word in telling for letter in word.letters)
    return votes + table.by_letters(letters) if letters else votes


def _other(letters: str) -> str:
    char = next(char for char in letters if char.isalpha())
    code = next((code for code, first, last in _SCRIPTS if first <= char <= last), UNKNOWN)
    if code == "ar" and not _PERSIAN.isdisjoint(letters):
        return "fa"
    if code in ("ja", "zh"):
        return "ja" if _KANA.search(letters) else "zh"
    return code
