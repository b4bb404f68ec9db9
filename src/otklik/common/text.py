"""Texts as people write them, made safe to store and to compare."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_LATIN = dict(
    pair.split("=")
    for pair in (
        "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh "
        "щ=shch ъ= ы=y ь= э=e ю=yu я=ya"
    ).split()
)
"""Letters of addresses, as Russian passports write names, but nothing for ъ and ь."""


def storable(text: str) -> str:
    """Return the text without NUL, other control characters and lone surrogates, which databases refuse."""
    return _CONTROL.sub("", text)


def shorten(text: str, limit: int) -> str:
    """Return one line of at most `limit` characters, cut at a word, with an ellipsis where something was cut."""
    line = _SPACES.sub(" ", text).strip()
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    at_word = head.rfind(" ")
    return (head[:at_word] if at_word > limit // 2 else head).rstrip(" ,.;:—-") + "…"


def folded(text: str) -> str:
    """Return the text for comparing: lower case, ё as е, single spaces."""
    return _SPACES.sub(" ", text.casefold().replace("ё", "е")).strip()


def latin(text: str) -> str:
    """Return the text as a part of an address: Latin letters, digits and hyphens; empty if nothing is left."""
    letters = "".join(_LATIN.get(letter, letter) for letter in folded(text))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
