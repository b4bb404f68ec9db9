"""Subjects of answers."""

from __future__ import annotations

import re

_ANSWER = re.compile(r"\s*(?:(?:re|aw|sv|отв|ответ|на)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def is_answer(subject: str) -> bool:
    """Return whether a subject says that the letter answers another."""
    return _ANSWER.match(subject) is not None


def answering(subject: str) -> str:
    """Return the subject of an answer in one line, with one "Re:" however many there were.

    A letter's subject may hold a line's end in its own encoding; in ours it would begin another header.
    """
    rest = _ANSWER.sub("", " ".join(subject.split()), count=1).strip()
    return f"Re: {rest}" if rest else ""
