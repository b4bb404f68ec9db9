"""Memory of a family of processes: counted once, without the branch that is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from otklik.cli.holding import held_mb

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds")
_HOLDS_30_MB = "import sys; held = b'x' * 30_000_000; print('there', flush=True); sys.stdin.read()"


@pytest.fixture
def child() -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS_30_MB], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def test_child_counts_unless_it_is_left_out(child: int) -> None:
    alone, family = held_mb(os.getpid(), without=child), held_mb(os.getpid())

    assert alone is not None
    assert family is not None
    assert family - alone > 28


def test_process_that_is_gone_holds_nothing_we_could_tell() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert held_mb(process.pid) is None
