"""Advertising, bots and raids: how much a text looks like them."""

from __future__ import annotations

import re

_LINK = re.compile(r"https?://|www\.|\b(?:t\.me|vk\.cc|bit\.ly|clck\.ru|wa\.me|tinyurl\.com)/", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@\w{4,}")
_SUM = re.compile(r"\d(?<!\d\d)[\d ]{3,12}\s?(?:₽|руб|р\b|\$|€|usd)", re.IGNORECASE)
_DOLLARS = re.compile(r"[$€]\s?\d")
_LOUD_EMOJI = re.compile(
    r"[\U0001F4B0\U0001F4B5\U0001F525\U0001F680\U0001F381\U0001F911\U0001F449\U00002705\U0001F48B]"
)
_SHORT = 60


def signs(text: str) -> list[tuple[str, float]]:
    """Return what looks like spam besides words: each sign as written, with its weight."""
    found: list[tuple[str, float]] = []
    links = [match.group() for match in _LINK.finditer(text)] if "/" in text or "ww" in text.lower() else []
    if links:
        found.append((links[0], 0.45 if len(links) == 1 and len(text) > _SHORT else 0.6))
    if len(links) > 2:
        found.append((f"{len(links)} × {links[0]}", 0.5))
    if "@" in text and (handle := _HANDLE.search(text)):
        found.append((handle.group(), 0.15))
    if sums := [match for pattern in (_SUM, _DOLLARS) if (match := pattern.search(text))]:
        found.append((min(sums, key=re.Match.start).group().strip(), 0.2))
    loud = _LOUD_EMOJI.findall(text)
    if len(loud) >= 3:
        found.append(("".join(loud[:5]), 0.35))
    return found
