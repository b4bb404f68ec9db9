"""Hiding what points to a person in a text that everybody will read."""

from __future__ import annotations

import re

HIDDEN = "•••"

_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|(?<![\w@])@\w{3,}"  # a name in a network
    r"|(?:https?://|www\.)[^\s,;]+[^\s,;.!?)]"  # a link may lead to a profile
    r"|(?<![\d\w])(?:\+?\d[\s().-]{0,2}){9,}\d(?!\d)",  # a phone, a card, a passport: ten digits or more
    re.IGNORECASE,
)


def personal_pieces(text: str) -> list[tuple[int, int]]:
    """Return where such pieces stand in the text (offsets in characters), in order."""
    return [match.span() for match in _PERSONAL.finditer(text)]


def masked(text: str) -> str:
    """Return the text with e-mail addresses, phones, other long numbers, network names and links hidden.

    A name in plain words stays: only an operator, who clears each case before it is public, can tell a name.
    """
    return _PERSONAL.sub(HIDDEN, text)
