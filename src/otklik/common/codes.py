"""Codes for people to type and links nobody can guess."""

from __future__ import annotations

import re
import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/i/l: read aloud and typed from paper."""

_CODE = re.compile(f"[{_ALPHABET}]{{4}}(?:-[{_ALPHABET}]{{4}}){{3}}")
_LINK = re.compile(rf"(/case/){_CODE.pattern}", re.IGNORECASE)


def private_code() -> str:
    """Return 16 random characters of 31 (79 bits) as `xxxx-xxxx-xxxx-xxxx`."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))


def is_code(text: str) -> bool:
    """Return whether a text has the form of a private code."""
    return _CODE.fullmatch(text) is not None


def without_codes(text: str) -> str:
    """Return a text in which links to private pages open nothing: what an official reads isn't a resident's key."""
    return _LINK.sub(r"\1•••", text)


def url_token() -> str:
    """Return 32 URL-safe characters (192 bits)."""
    return secrets.token_urlsafe(24)
