"""What a search question says beside its words: days. «яма 12.11», «since 1 November», «вчера», «с 1 по 5 ноября»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = (
    *("январ|jan", "феврал|feb", "март|mar", "апрел|apr", "ма[йяе]|may", "июн|jun"),
    *("июл|jul", "август|aug", "сентябр|sep", "октябр|oct", "ноябр|nov", "декабр|dec"),
)
_NAME = rf"(?:{'|'.join(_MONTHS)})[а-яa-z]*"
_DAY: Final = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{2}}(?:\.\d{{4}})?|\d{{1,2}} {_NAME}(?: \d{{4}})?"
    r"|сегодня|вчера|позавчера|today|yesterday)(?!\w|[.-]\d)"
)
_SPAN: Final = re.compile(
    rf"(?<![\w.-])(?:(?:с|со|from|between) +)?(?P<first>\d{{1,2}}|{_DAY})"
    rf" *(?:-|–|—|\.\.|по|до|to|till|and) *(?P<last>{_DAY})",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(rf"(?<![\w.-])(?:с|со|после|since|from|after) +(?P<day>{_DAY})", re.IGNORECASE)
_UNTIL: Final = re.compile(rf"(?<![\w.-])(?:до|по|until|till|before) +(?P<day>{_DAY})", re.IGNORECASE)
_ALONE: Final = re.compile(rf"(?<![\w.-])(?:за +|on +)?(?P<day>{_DAY})", re.IGNORECASE)
_STREET: Final = re.compile(r"(?:ул|улиц[аеуы]|пер|переул\w*|пл|площад\w*|street|st)\.? *$", re.IGNORECASE)
_HOUSE: Final = re.compile(r" *,? *\d")
_AGO: Final = {"сегодня": 0, "today": 0, "вчера": 1, "yesterday": 1, "позавчера": 2}


_QUOTES: Final = "\"'«»“”„"


@dataclass(frozen=True, slots=True)
class Question:
    """The words that are searched for, and the first and the last day that are meant; None where a side is open."""

    words: str
    first: date | None = None
    last: date | None = None

    @property
    def has_days(self) -> bool:
        """Whether a day was named."""
        return self.first is not None or self.last is not None


def read_question(text: str, *, today: date) -> Question:
    """Return what is asked for. A day without a year is the latest such day; what is no day stays a word.

    The last of two days includes itself; so does a day after "since" or "until". Streets bear days as names: what
    stands after «ул.» or before a house is no day, nor is anything in a question within quotes.
    """
    if text[:1] in _QUOTES and text[-1:] in _QUOTES:
        return Question(text.strip(_QUOTES))
    for pattern, reads in ((_SPAN, _span), (_SINCE, _since), (_UNTIL, _until), (_ALONE, _alone)):
        for match in pattern.finditer(text):
            days = reads(match, today)
            if days is not None:
                words = f"{text[: match.start()]} {text[match.end() :]}"
                return Question(" ".join(words.split()), *days)
    return Question(text)


Days = tuple[date | None, date | None]


def _span(match: re.Match[str], today: date) -> Days | None:
    last = _day(match["last"], today)
    if last is None:
        return None
    said = match["first"]
    first = _same_month(int(said), last) if said.isdecimal() else _day(said, last)
    if first is None or first > last:
        return None
    return first, last


def _since(match: re.Match[str], today: date) -> Days | None:
    day = _day(match["day"], today)
    return (day, None) if day else None


def _until(match: re.Match[str], today: date) -> Days | None:
    day = _day(match["day"], today)
    return (None, day) if day else None


def _alone(match: re.Match[str], today: date) -> Days | None:
    if _STREET.search(match.string, 0, match.start()) or _HOUSE.match(match.string, match.end()):
        return None
    day = _day(match["day"], today)
    return (day, day) if day else None


def _day(said: str, today: date) -> date | None:
    """Return the day that words or figures name, the latest up to today where they name no year."""
    words = said.lower()
    if words in _AGO:
        return today - timedelta(days=_AGO[words])
    if "-" in words:
        return _date(*(int(part) for part in words.split("-")))
    if "." in words:
        day, month, *year = (int(part) for part in words.split("."))
        return _date(year[0], month, day) if year else _latest(month, day, today)
    figure, name, *named = words.split()
    month = next(place for place, one in enumerate(_MONTHS, 1) if re.match(one, name))
    return _date(int(named[0]), month, int(figure)) if named else _latest(month, int(figure), today)


def _latest(month: int, day: int, today: date) -> date | None:
    this = _date(today.year, month, day)
    return this if this is not None and this <= today else _date(today.year - 1, month, day)


def _same_month(day: int, last: date) -> date | None:
    return _date(last.year, last.month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
