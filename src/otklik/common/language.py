"""Which of the product's languages a reader gets: one rule for Django's pages and for the gate's cache key."""

from __future__ import annotations

import re

SUPPORTED = ("ru", "en")
_ITEM = re.compile(r"^\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$")


def preferred(cookie: str, accept: str, default: str = "ru") -> str:
    """Return the language for the `lang` cookie's value and the Accept-Language header, as Django's rule gives it."""
    if cookie.lower() in SUPPORTED:
        return cookie.lower()
    wanted: list[tuple[float, int, str]] = []
    for order, item in enumerate(accept[:500].split(",")):
        if match := _ITEM.match(item):
            wanted.append((-float(match[2] or 1), order, match[1].lower()))
    for _, _, name in sorted(wanted):
        if name in SUPPORTED:
            return name
    return default
