from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.public.town import Town, make_town


@pytest.fixture
def town(db: None) -> Iterator[Town]:
    cache.clear()
    yield make_town()
    cache.clear()
