"""Keys that stand in addresses, kept out of logs: httpx writes whole addresses at INFO.

One filter for all networks: of two, the first would hand on words where the second looks for an address.
"""

from __future__ import annotations

import logging
import re

import httpx

_HUSHED: list[tuple[re.Pattern[str], str]] = []


def hush(pattern: str, replacement: str) -> None:
    """Have what this pattern finds in an address written so in every log of httpx, from now on."""
    _HUSHED.append((re.compile(pattern, re.ASCII), replacement))


class _WithoutKeys(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_hushed(str(arg)) if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


def _hushed(address: str) -> str:
    for pattern, replacement in _HUSHED:
        address = pattern.sub(replacement, address)
    return address


logging.getLogger("httpx").addFilter(_WithoutKeys())
