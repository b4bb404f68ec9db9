"""Addresses of our own styles, scripts and signs: found once, not for every page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage


class Storage(StaticFilesStorage):
    """Django's, which would put each address together anew twenty times a page; they don't change while we run."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._address = lru_cache(maxsize=1024)(super().url)

    def url(self, name: str | None) -> str:
        """Return where a file is served."""
        return self._address(name)
