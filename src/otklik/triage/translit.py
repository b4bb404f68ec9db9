"""Russian typed with Latin letters («kogda uberut musor») put back into Cyrillic."""

from __future__ import annotations

import re
from collections.abc import Container

from otklik.triage.words import Reader, Reading, Script

_SOUNDS = {
    "shch": "щ", "sch": "щ", "yo": "ё", "jo": "ё", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш",
    "yu": "ю", "ju": "ю", "ya": "я", "ja": "я",
    "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й", "k": "к",
    "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в",
    "w": "в", "x": "х", "y": "ы", "z": "з", "'": "ь",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_SHORT_I = re.compile(r"(?<=[aeiouy])[yj](?![aou])")
_LEAST_WORDS = 2
_LEAST_SHARE = 0.4


def to_cyrillic(form: str) -> str:
    """Return the word as a Russian would have typed it; letters that sound like nothing stay."""
    return _SOUND.sub(lambda match: _SOUNDS[match.group()], _SHORT_I.sub("й", form))


def restore(reading: Reading, reader: Reader, russian: Container[str], english: Container[str]) -> Reading | None:
    """Return the text with its words in Cyrillic (offsets unchanged), or None if this isn't Russian.

    `russian` and `english` are known forms and stems: enough words must be Russian and more of them than English.
    """
    latin = [word for word in reading.words if word.script is Script.LATIN]
    if len(latin) < _LEAST_WORDS or len(latin) * 2 < len(reading) or not all(word.form.isascii() for word in latin):
        return None
    restored = {word.form: reader.word(to_cyrillic(word.form)) for word in latin}
    heard = sum(word.form in russian or word.stem in russian for word in restored.values())
    known = sum(word.form in english or word.stem in english for word in latin)
    if heard < _LEAST_WORDS or heard <= known or heard < _LEAST_SHARE * len(restored):
        return None
    return reading.retold([restored.get(word.form, word) for word in reading.words])
