from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stories import Town


@pytest.fixture
def town(db: None) -> Town:
    from tests.stories import found_town

    return found_town()
