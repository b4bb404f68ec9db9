"""Whether the watch over the database sees every write, and says the same while nothing is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from otklik.gate.stillness import Stillness
from tests.builders import make_city

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20.0


@pytest.fixture
def watch() -> Iterator[Stillness]:
    watch = Stillness()
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


def soon(asked: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if asked():
            return True
        time.sleep(0.01)
    return False


def test_nobody_knows_before_the_first_look() -> None:
    assert Stillness().mark() is None


def test_every_write_is_seen(watch: Stillness) -> None:
    assert soon(lambda: watch.mark() is not None)
    before = watch.mark()

    make_city()

    assert soon(lambda: watch.mark() not in (None, before))
