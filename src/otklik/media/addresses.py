"""Where everybody sees the photos of posts: the name of each is the digest of its bytes, so it never means another."""

from __future__ import annotations

import re

_ENDINGS = {"image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif"}
_NAME = re.compile(r"([0-9a-f]{64})\.(jpg|webp|avif)", re.ASCII)


def photo_path(digest: str, mime: str) -> str:
    """Return the path of one form of a post's photo. Raises KeyError for a type that no photo has."""
    return f"/photos/{digest}.{_ENDINGS[mime]}"


def digest_of(name: str) -> str:
    """Return the digest that the last part of such a path names; "" for anything else."""
    found = _NAME.fullmatch(name)
    return found[1] if found else ""
