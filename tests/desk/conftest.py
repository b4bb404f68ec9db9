from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from tests.desk.office import Office, make_office


@pytest.fixture
def office(db: None) -> Iterator[Office]:
    cache.clear()
    yield make_office()
    cache.clear()
