"""Codes for people to type and links nobody can guess."""

from __future__ import annotations

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/i/l: read aloud and typed from paper."""


def private_code() -> str:
    """Return 16 random characters of 31 (79 bits) as `xxxx-xxxx-xxxx-xxxx`."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))


def url_token() -> str:
    """Return 32 URL-safe characters (192 bits)."""
    return secrets.token_urlsafe(24)
