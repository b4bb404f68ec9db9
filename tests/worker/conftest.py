from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.worker.networks import Networks


@pytest.fixture
def networks(db: None) -> Iterator[Networks]:
    """Imported late: Django is set up once tests are collected."""
    from tests.worker.networks import connected_networks

    with connected_networks() as found:
        yield found
