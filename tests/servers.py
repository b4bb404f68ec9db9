"""Running an ASGI app on a free loopback port, in a thread, for as long as a test needs it."""

from __future__ import annotations

import itertools
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def serve(app: Any, *, start_within_s: float = 10) -> Iterator[str]:
    """Give the base URL ("http://127.0.0.1:54321") of a served app; it is stopped on the way out."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        interface="asgi3",
        log_level="error",
        access_log=False,
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + start_within_s
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the app did not start")
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=start_within_s)
        listener.close()


class Stage:
    """An app whose play changes from test to test, so that one server (0.3 s to start and stop) serves many tests."""

    def __init__(self) -> None:
        self.play: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self.play(scope, receive, send)


def closed_port() -> int:
    """Return a loopback port where nobody listens."""
    return _ports_in_a_row(1)


def two_ports() -> int:
    """Return a free loopback port whose neighbour is free as well: the gate's, and Django's behind it."""
    return _ports_in_a_row(2)


_SLICE = 2_000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Below the ports that the system itself hands out, and each parallel worker in a slice of its own: what is free now is
# still free when the server under test comes to it.
_FIRST = 12_000 + _SLICE * (_WORKER % 10)
_STEPS = itertools.count(random.randrange(_SLICE), 2)


def _ports_in_a_row(count: int) -> int:
    while True:
        port = _FIRST + next(_STEPS) % _SLICE
        if all(_is_free(port + step) for step in range(count)):
            return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
