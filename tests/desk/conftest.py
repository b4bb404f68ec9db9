from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.desk.office import Office


@pytest.fixture
def office(db: None) -> Iterator[Office]:
    from django.core.cache import cache

    from tests.desk.office import make_office

    cache.clear()
    yield make_office()
    cache.clear()
