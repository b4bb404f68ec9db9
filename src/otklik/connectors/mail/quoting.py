"""What somebody wrote themselves, without the letter that they answer: only for reading, the raw letter is kept.

Mail programs agree on nothing here, so the rules go by what each puts before a quotation. What is forwarded is part of
what somebody wants to say, and stays.
"""

from __future__ import annotations

import re

_SEPARATOR = re.compile(
    r"\s*[-_]{4,}\s*(?:original message|исходное сообщение|оригинальное сообщение)\s*[-_]{4,}\s*", re.IGNORECASE
)
_ATTRIBUTION = re.compile(
    r"\s*(?:on\b.{5,300}\bwrote"
    r"|.{5,300}\b(?:пишет|писал(?:\(а\)|а)?|написал(?:\(а\)|а)?)(?:\s.{1,60})?"
    r"|.{8,300}<[^<>\s]{1,200}@[^<>\s]{1,200}>"
    r"|le\b.{5,300}a écrit)\s*:\s*",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d{4}|\d{1,2}[.:]\d{2}|@")
_SURELY = re.compile(r"(?:\d{4}|\d{1,2}:\d{2}).*\S@\S")
"""Where the quotation isn't marked line by line: an instant and an address, as no sentence of one's own has."""
_FROM = re.compile(r"\s*\*?(?:from|от(?:\s+кого)?)\s*:\*?\s*\S.{0,300}", re.IGNORECASE)
_BESIDE_FROM = re.compile(
    r"\s*\*?(?:sent|date|to|subject|cc|отправлено|дата|кому|тема|копия)\s*:\*?.{0,500}", re.IGNORECASE
)
_RULE = re.compile(r"\s*_{20,}\s*")
_SENT_FROM = re.compile(
    r"\s*(?:--\s*)?(?:sent from my \w+.{0,40}|отправлено (?:из|с) .{0,60}|get outlook for \w+.{0,40})\s*", re.IGNORECASE
)
_LOOKED_AHEAD = 5
BLANK = " \t\r\n"
"""What is cut off at the ends; other white space somebody has written."""


def own_words(text: str, *, is_reply: bool) -> str:
    """Return a letter's text without what it quotes at its end; all of it where nothing would be left."""
    lines = text.split("\n")
    kept = lines[: _first_quoted(lines)] if is_reply else lines
    kept = _without_tail(kept)
    found = "\n".join(kept).strip(BLANK)
    return found or text.strip(BLANK)


def _first_quoted(lines: list[str]) -> int:
    """Return the number of the line from which on everything is another letter."""
    for number, line in enumerate(lines):
        if len(line) > 600:
            continue
        if _SEPARATOR.fullmatch(line) or _is_outlook(lines, number):
            return number
        if _is_attribution(lines, number):
            return number
    return len(lines)


def _is_outlook(lines: list[str], number: int) -> bool:
    start = number + 1 if _RULE.fullmatch(lines[number]) else number
    if start >= len(lines) or not _FROM.fullmatch(lines[start][:400]):
        return False
    beside = sum(bool(_BESIDE_FROM.fullmatch(line[:600])) for line in lines[start + 1 : start + 1 + _LOOKED_AHEAD])
    return beside >= 2


def _is_attribution(lines: list[str], number: int) -> bool:
    """Whether "On … wrote:" begins here, perhaps over three lines, and only a quotation follows."""
    if not _DATED.search(lines[number]):
        return False
    for taken in (1, 2, 3):
        told = lines[number : number + taken]
        words = " ".join(line.strip() for line in told)
        if len(words) > 600 or not all(line.strip() for line in told):
            return False
        if _ATTRIBUTION.fullmatch(words) and _DATED.search(words):
            rest = [line for line in lines[number + taken :] if line.strip()]
            marked = [line for line in rest if line.lstrip().startswith((">", "|"))]
            # Words between quoted lines are an answer to each of them: all of it is needed to understand it.
            return len(marked) == len(rest) if marked else bool(_SURELY.search(words))
    return False


def _without_tail(lines: list[str]) -> list[str]:
    """Leave out quoted lines, blank ones and a telephone's advertisement at the very end."""
    end = len(lines)
    while end and (
        not lines[end - 1].strip()
        or lines[end - 1].lstrip().startswith(">")
        or _SENT_FROM.fullmatch(lines[end - 1][:200])
    ):
        end -= 1
    return lines[:end]
