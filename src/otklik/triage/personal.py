"""Personal data in a text: where it is, and the text without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from otklik.triage.verdict import Span

MASK = "•••"

_DIGIT = re.compile(r"\d")
_TEN_DIGITS = re.compile(r"\d(?:[ ()+-]{0,3}\d){9}")
_FIVE_DIGITS = re.compile(r"\d(?:[ -]?\d){4}")
_DATE = re.compile(r"\d[./-]\d{1,2}[./-]\d{2}")
_DASHED = re.compile(r"\d[а-е]?-\d")
_LETTERED = re.compile(r"\d{3}(?:(?<=[^\W\d_]\d{3})|(?<=[^\W\d_] \d{3})) ?[^\W\d_]{2}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,24}")
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?!\d)")
_SNILS = re.compile(r"(?<!\d)\d{3}[- ]\d{3}[- ]\d{3}[ -]\d{2}(?!\d)")
_NAMED_SNILS = re.compile(r"снилс\W{0,4}(?:№\W{0,2})?(\d{11})(?!\d)", re.IGNORECASE)
_PASSPORT = re.compile(
    r"(?:паспорт|passport)\w{0,12}\W{0,4}(?:сери[яи]\W{0,3})?"
    r"(\d{2} ?\d{2}\W{0,4}(?:номер\W{0,3})?(?:№\W{0,2})?\d{6})(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\d+])(?:\+?7|8)[ (-]{0,3}\d{3}[ )-]{0,3}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)")
_MOBILE = re.compile(r"(?<![\d+-])\(?9\d{2}\)?[ -]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)")
_FOREIGN_PHONE = re.compile(r"(?<!\d)\+\d{1,3}(?:[ ()-]{0,2}\d){8,12}(?!\d)")
_NAMED_PHONE = re.compile(
    r"\b(?:тел(?:ефон\w?)?|моб|ватсап|whatsapp|звоните|phone|call)\b[ .:№]{0,4}(?:мне |me )?"
    r"((?:\d[ -]?){4,24}\d)(?!\d)",
    re.IGNORECASE,
)
_FLAT = re.compile(
    r"\b(?:кв|квартир[аыеу]|apt|apartment|flat)\b\.?[ ]{0,2}(?:№|#|номер )?[ ]{0,2}"
    r"\d{1,4}(?!\d|[ ]?(?:м\b|метр|кв))(?:[- ]?[а-я]\b)?",
    re.IGNORECASE,
)
_FLAT_BEFORE = re.compile(r"\b\d{1,4}(?:-?(?:[яйею]|ой|ую))?[ ]квартир[аыеу]\b", re.IGNORECASE)
_FLAT_BEHIND_HOUSE = re.compile(
    r"\b(?:ул(?:ица|ице|ицы)?|пр-?т|проспект\w?|пер|бульвар\w?)\b\.?[ ]?[А-ЯЁ][\w-]{2,30}[ ,]{1,3}(?:д(?:ом)?\.?[ ]?)?"
    r"\d{1,3}[а-е]?-(\d{1,4})(?![\d/])",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"(?:род(?:ился|илась|ивш\w{2,4}|\.)|рождения|born(?: on)?|date of birth)\W{0,4}(\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
    r"|(\d{1,2}[./-]\d{1,2}[./-]\d{2,4})[ ]?(?:г\.?[ ]?р\b|года рождения)",
    re.IGNORECASE,
)
_PLATE = "авекмнорстухabekmhopctyx"
_CAR = re.compile(
    rf"(?<!\w)(?:[{_PLATE}]\d{{3}}[{_PLATE}]{{2}}(?:[ ]?\d{{2,3}})?"
    rf"|(?-i:[{_PLATE.upper()}][ ]\d{{3}}[ ][{_PLATE.upper()}]{{2}}[ ]?\d{{2,3}}))(?!\w)",
    re.IGNORECASE,
)
_CAPITAL = r"[А-ЯЁA-Z][а-яёa-z]{1,25}(?:-[А-ЯЁA-Z][а-яёa-z]{1,25})?"
_NAME = re.compile(
    rf"\b(?:меня зовут|мо[её] имя|фио|ф\.и\.о\.|my name is|заявитель)[ ,:—-]{{1,4}}"
    rf"(?-i:({_CAPITAL}(?: {_CAPITAL}){{0,2}}(?: [А-ЯЁ]\.(?: ?[А-ЯЁ]\.)?)?))",
    re.IGNORECASE,
)


class _Sort(NamedTuple):
    """A sort of personal data: what of a match is it (the group), and what must check out.

    `begins` finds, in lower case, every place where a match may begin, much quicker than the pattern does.
    """

    kind: str
    pattern: re.Pattern[str]
    checks: Callable[[str], bool] | None = None
    begins: re.Pattern[str] | None = None


def luhn(number: str) -> bool:
    """Return whether the digits of a card check out."""
    digits = [int(char) for char in number if char.isdecimal()]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def snils(number: str) -> bool:
    """Return whether a pension insurance number ends in its check sum."""
    digits = [int(char) for char in number if char.isdecimal()]
    checked = sum(digit * (9 - at) for at, digit in enumerate(digits[:9])) % 101
    return checked % 100 == digits[9] * 10 + digits[10]


_LONG_NUMBERS = (
    _Sort("card", _CARD, luhn),
    _Sort("snils", _SNILS, snils),
    _Sort("phone", _PHONE),
    _Sort("phone", _FOREIGN_PHONE),
    _Sort("phone", _MOBILE),
)
_BY_WORD = (
    (("паспорт", "passport"), _DIGIT, _Sort("passport", _PASSPORT)),
    (("снилс",), _DIGIT, _Sort("snils", _NAMED_SNILS, snils)),
    (("рожден", "род", "г.р", "г р", "born", "birth"), _DATE, _Sort("birth_date", _BORN)),
    (("тел", "моб", "ватсап", "whatsapp", "звоните", "phone", "call"), _FIVE_DIGITS, _Sort("phone", _NAMED_PHONE)),
    (("кв", "apt", "apartment", "flat"), _DIGIT, _Sort("flat", _FLAT, begins=re.compile("кв|apt|apartment|flat"))),
    (("квартир",), _DIGIT, _Sort("flat", _FLAT_BEFORE)),
    (
        ("зовут", "имя", "фио", "ф.и.о", "name is", "заявитель"),
        None,
        _Sort("name", _NAME, begins=re.compile(r"меня зовут|мо[её] имя|фио|ф\.и\.о\.|my name is|заявитель")),
    ),
)
"""Sorts that a word and a figure give away: where they aren't, they aren't looked for."""
_FLAT_SORT = _Sort("flat", _FLAT_BEHIND_HOUSE)
_CAR_SORT = _Sort("car", _CAR)
_EMAIL_SORT = _Sort("email", _EMAIL)


def find(text: str) -> tuple[Span, ...]:
    """Return the pieces that identify a person, in order and not overlapping.

    Numbers of cards (Luhn) and of pension insurance must check out. A name counts where the text says that it is
    one («меня зовут …»): officials are named all the time. Takes time in proportion to the text, however it was made.
    """
    sorts = _sorts(text)
    if not sorts:
        return ()
    taken = bytearray(len(text))
    found: list[Span] = []
    for span in _spans(text, sorts):
        if taken.find(1, span.start, span.end) < 0:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            found.append(span)
    return tuple(sorted(found, key=lambda span: span.start))


def _sorts(text: str) -> list[_Sort]:
    """Return what may be in the text, by tests a hundred times cheaper than looking for it; the strictest first."""
    sorts: list[_Sort] = []
    low = text.lower()
    digit = bool(_DIGIT.search(text))
    long_number = digit and bool(_TEN_DIGITS.search(text))
    for words, figure, sort in _BY_WORD:
        if (digit or not figure) and any(word in low for word in words) and (not figure or figure.search(text)):
            sorts.append(sort)
    if long_number:
        sorts[:0] = _LONG_NUMBERS[:1]
        sorts += _LONG_NUMBERS[1:]
    if digit and _DASHED.search(text):
        sorts.append(_FLAT_SORT)
    if digit and _LETTERED.search(text):
        sorts.append(_CAR_SORT)
    if "@" in text:
        sorts.append(_EMAIL_SORT)
    return sorts


def _spans(text: str, sorts: Iterable[_Sort]) -> Iterator[Span]:
    for sort in sorts:
        for match in _matches(sort, text):
            group = match.lastindex or 0
            if sort.checks is None or sort.checks(match.group(group)):
                yield Span(sort.kind, *match.span(group))


def _matches(sort: _Sort, text: str) -> Iterator[re.Match[str]]:
    low = text.lower() if sort.begins else ""
    # A few letters get longer in lower case: then places in it are not places in the text.
    if sort.begins is None or len(low) != len(text):
        yield from sort.pattern.finditer(text)
        return
    end = 0
    for begin in sort.begins.finditer(low):
        if begin.start() >= end and (match := sort.pattern.match(text, begin.start())):
            end = match.end()
            yield match


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
