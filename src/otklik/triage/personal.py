"""Personal data in a text: where it is, and the text without it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from otklik.triage.verdict import Span

MASK = "•••"

_DIGIT_OR_AT = re.compile(r"[\d@]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}")
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?!\d)")
_SNILS = re.compile(r"(?<!\d)\d{3}-\d{3}-\d{3}[ -]\d{2}(?!\d)")
_PASSPORT = re.compile(
    r"(?:паспорт|passport)\w*\W{0,4}(?:сери[яи]\W{0,3})?(\d{2} ?\d{2}\W{0,4}(?:номер\W{0,3})?\d{6})(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\d+])(?:\+?7|8)[ (-]{0,3}\d{3}[ )-]{0,3}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)")
_FOREIGN_PHONE = re.compile(r"(?<!\d)\+\d{1,3}(?:[ ()-]{0,2}\d){8,12}(?!\d)")
_NAMED_PHONE = re.compile(r"(?:тел(?:ефон)?|моб|звоните|phone|call)\b[ .:]*((?:\d[ -]?){4,9}\d)(?!\d)", re.IGNORECASE)
_FLAT = re.compile(
    r"\b(?:кв|квартир[аыеу]|apt|apartment|flat)\b\.?[ ]*(?:№|#)?[ ]*\d{1,4}(?:[- ]?[а-я]\b)?", re.IGNORECASE
)
_FLAT_BEFORE = re.compile(r"\b\d{1,4}(?:-?(?:[яйею]|ой|ую))?[ ]квартир[аыеу]\b", re.IGNORECASE)

_WHOLE = (
    ("email", _EMAIL),
    ("snils", _SNILS),
    ("phone", _PHONE),
    ("phone", _FOREIGN_PHONE),
    ("flat", _FLAT),
    ("flat", _FLAT_BEFORE),
)
_INSIDE = (("passport", _PASSPORT), ("phone", _NAMED_PHONE))


def find(text: str) -> tuple[Span, ...]:
    """Return the pieces that identify a person, in order and not overlapping. A card number must check out (Luhn)."""
    if not _DIGIT_OR_AT.search(text):
        return ()
    found = [Span("card", *match.span()) for match in _CARD.finditer(text) if _luhn(match.group())]
    for kind, pattern in _INSIDE:
        found += [Span(kind, *match.span(1)) for match in pattern.finditer(text)]
    for kind, pattern in _WHOLE:
        found += [Span(kind, *match.span()) for match in pattern.finditer(text)]
    kept: list[Span] = []
    for span in found:
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))


def mask(text: str, spans: Iterable[Span]) -> str:
    """Return the text with every span replaced by •••, whatever its length. Overlapping spans give one mask."""
    parts: list[str] = []
    done = 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.end <= done:
            continue
        if span.start >= done:
            parts += [text[done : span.start], MASK]
        done = span.end
    return "".join([*parts, text[done:]])


def _luhn(number: str) -> bool:
    digits = [int(char) for char in number if char.isdigit()]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
