from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def in_russian() -> Iterator[None]:
    """Services refuse in the reader's language; a page that was asked for before in this process left its own."""
    from django.utils import translation

    with translation.override("ru"):
        yield
