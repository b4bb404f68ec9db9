"""The language of a text: script and telling letters first, then the commonest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from otklik.triage.knowledge import toml
from otklik.triage.words import Script, Token

UNKNOWN = "und"

_SCRIPTS = (
    ("ka", "\u10a0", "\u10ff"), ("hy", "\u0530", "\u058f"), ("he", "\u0590", "\u05ff"), ("ar", "\u0600", "\u06ff"),
    ("hi", "\u0900", "\u097f"), ("th", "\u0e00", "\u0e7f"), ("el", "\u0370", "\u03ff"), ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"), ("zh", "\u4e00", "\u9fff"),
)  # fmt: skip
_DATA = toml("languages")
_LETTERS: dict[str, str] = _DATA["letters"]
_TELLING = re.compile(f"[{''.join(_LETTERS.values())}]")
_CYRILLIC_WORDS = {word: code for code, words in _DATA["cyrillic"].items() for word in words.split()}
_LATIN_WORDS: dict[str, list[str]] = {}
_ENGLISH = frozenset(toml("stopwords")["en"].split())
for _code, _words in _DATA["latin"].items():
    for _word in _words.split():
        if _code == "en" or _word not in _ENGLISH:
            _LATIN_WORDS.setdefault(_word, []).append(_code)


def detect(tokens: Sequence[Token]) -> str:
    """Return an ISO 639-1 code, or "und" where there is no word. Ambiguous Cyrillic is "ru", ambiguous Latin "en".

    In a mixed text Cyrillic counts half as much again: links and brand names are Latin in every language.
    """
    letters = {Script.CYRILLIC: 0, Script.LATIN: 0, Script.OTHER: 0, Script.NONE: 0}
    for token in tokens:
        if "@" not in token.word.form:
            letters[token.word.script] += len(token.word.form)
    letters[Script.NONE] = 0
    letters[Script.CYRILLIC] += letters[Script.CYRILLIC] // 2
    script = max(letters, key=lambda script: letters[script])
    if letters[script] == 0:
        return UNKNOWN
    forms = [token.word.form for token in tokens if token.word.script is script]
    if script is Script.CYRILLIC:
        return _cyrillic(forms)
    return _latin(forms) if script is Script.LATIN else _other(forms)


def _cyrillic(forms: Sequence[str]) -> str:
    votes: Counter[str] = Counter()
    for form in forms:
        if form in _CYRILLIC_WORDS:
            votes[_CYRILLIC_WORDS[form]] += 1
        if _TELLING.search(form):
            votes.update(code for code, letters in _LETTERS.items() if any(letter in form for letter in letters))
    if not votes:
        return "ru"
    code, count = votes.most_common(1)[0]
    return code if count * 6 >= len(forms) else "ru"


def _latin(forms: Sequence[str]) -> str:
    votes: Counter[str] = Counter()
    for form in forms:
        votes.update(_LATIN_WORDS.get(form, ()))
    if not votes:
        return "en"
    best, count = votes.most_common(1)[0]
    return best if count > votes["en"] and count >= 2 else "en"


def _other(forms: Sequence[str]) -> str:
    char = next(char for form in forms for char in form if char.isalpha())
    return next((code for code, first, last in _SCRIPTS if first <= char <= last), UNKNOWN)
