"""Cutting a text into parts that a network takes, and measuring it in the network's own units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

MIN_LIMIT = 4
"""The widest code point in any unit a network counts in (four bytes of UTF-8); below it a part could hold nothing."""

_ZERO_WIDTH_JOINER = "\u200d"
_PARAGRAPH = re.compile(r"\n[^\S\n]*(?=\n)")
_LINE = re.compile(r"(?=\n)")
# A full stop after fewer than four letters is more often "ул." or "1." than the end of a sentence.
_SENTENCE = re.compile(r"(?:[!?…]|(?<=[^\W\d_]{4})\.)+[»”\"')\]]*(?=\s)")
_WORD = re.compile(r"(?=\s)")


def utf16_units(text: str) -> int:
    """Return the length as Telegram and JavaScript count it: an emoji beyond the basic plane is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def utf8_bytes(text: str) -> int:
    """Return the length as Instagram counts it: a Russian letter is two, an emoji four."""
    return len(text.encode(errors="replace"))


def split_text(text: str, limit: int, measure: Callable[[str], int] = len, *, first: int | None = None) -> list[str]:
    """Cut a text into parts of at most `limit`, at a paragraph, else a line, a sentence, a word, a grapheme.

    White space around a cut is dropped, words and their order are kept; a blank text gives no part. `measure` must
    grow with the text and count every character as one at least; it tells the length in the network's units. `first` is
    the first part's own limit, where it is another.
    """
    if min(limit, first or limit) < MIN_LIMIT:
        raise ValueError(f"a part of {limit} is too short to hold a character")
    parts: list[str] = []
    rest = text.strip()
    start = 0
    while start < len(rest):
        end = _fitting_end(rest, start, limit if parts else first or limit, measure)
        if end < len(rest):
            end = _good_cut(rest, start, end)
        if part := rest[start:end].strip():
            parts.append(part)
        start = _skip_blank(rest, end)
    return parts


def cut_text(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, not ending inside an emoji or an accented letter."""
    return text if len(text) <= limit else text[: _grapheme_cut(text, 0, limit)]


def _fitting_end(text: str, start: int, limit: int, measure: Callable[[str], int]) -> int:
    low, high = start + 1, min(len(text), start + limit)
    if measure(text[start:high]) <= limit:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[start:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _good_cut(text: str, start: int, end: int) -> int:
    """Prefer the strongest boundary that leaves a part at least a third full; a word's boundary wherever it is."""
    enough = start + (end - start) // 3
    for pattern, least in ((_PARAGRAPH, enough), (_LINE, enough), (_SENTENCE, enough), (_WORD, start)):
        cuts = [cut for match in pattern.finditer(text, start, end + 1) if least < (cut := match.end()) <= end]
        if cuts:
            return cuts[-1]
    return _grapheme_cut(text, start, end)


def _grapheme_cut(text: str, start: int, end: int) -> int:
    cut = end
    while cut > start and _joins(text, cut):
        cut -= 1
    return cut if cut > start else end


def _joins(text: str, index: int) -> bool:
    """Tell whether the character at `index` belongs to the one before it, as the eye sees it."""
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    if _ZERO_WIDTH_JOINER in {before, after} or unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones; flags by tags
        return True
    return _is_flag_half(after) and _flag_halves_before(text, index) % 2 == 1


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_halves_before(text: str, index: int) -> int:
    first = index
    while first > 0 and _is_flag_half(text[first - 1]):
        first -= 1
    return index - first


def _skip_blank(text: str, index: int) -> int:
    while index < len(text) and text[index].isspace():
        index += 1
    return index
