"""Subjects of answers."""

from __future__ import annotations

import re

_ANSWER = re.compile(r"\s*(?:(?:re|aw|sv|отв|ответ|на)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def is_answer(subject: str) -> bool:
    """Return whether a subject says that the letter answers another."""
    return _ANSWER.match(subject) is not None


def answering(subject: str) -> str:
    """Return the subject of an answer, with one "Re:" however many there were."""
    rest = _ANSWER.sub("", subject, count=1).strip()
    return f"Re: {rest}" if rest else ""
