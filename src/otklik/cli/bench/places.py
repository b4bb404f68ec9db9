"""Where the benches measure: throw-away installations on SQLite and on a PostgreSQL of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from otklik.cli.boot import fail
from otklik.cli.testing import real_postgresql

DATABASES = ("sqlite", "postgresql")


def measured(name: str, database: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run one bench on one database, in a process and a data folder of its own, and return its figures."""
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as folder, _database(database, folder) as url:
        port = two_free_ports()
        variables = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")} | {
            "OTKLIK_DATA": folder,
            "OTKLIK_DATABASE_URL": url,
            "OTKLIK_PORT": str(port),
            "OTKLIK_LOG_LEVEL": "error",
            "OTKLIK_ALLOW_LOOPBACK": "1",  # simulated networks, nothing else is reached
            "PYTHONUNBUFFERED": "1",
        }
        done = subprocess.run(  # noqa: S603 - our own module with fixed arguments
            [sys.executable, "-m", "otklik.cli.bench.measure", name, json.dumps(dict(options))],
            env=variables,
            stdout=subprocess.PIPE,
            check=False,
        )
    if done.returncode:
        fail(f"bench {name} did not finish on {database}: see above")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


@contextmanager
def _database(database: str, folder: str) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder}/otklik.sqlite3"
        return
    with real_postgresql() as url:
        yield url


def two_free_ports() -> int:
    """Return a loopback port that is free, and so is the next one."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except OSError:
                continue
