from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.public.town import Town


@pytest.fixture
def town(db: None) -> Iterator[Town]:
    # Imported here: this file is read before Django is set up when pytest is pointed at this folder.
    from django.core.cache import cache

    from tests.public.town import make_town

    cache.clear()
    yield make_town()
    cache.clear()
