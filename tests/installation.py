"""A whole installation of its own in a temporary folder, run as separate processes, as a city would run it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from tests.servers import two_ports

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Installation:
    """Settings of one installation and the processes it runs."""

    variables: dict[str, str]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return self.variables["OTKLIK_DATABASE_URL"]

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run one command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "otklik", *arguments],
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def connect(self, network: str, name: str, *values: str) -> None:
        """Connect a channel by the command line."""
        pairs = [part for value in values for part in ("-s", value)]
        self.run("channel", "add", network, name, *pairs)

    def subscribe(self, channel: str, within_s: float = 20) -> None:
        """Connect a channel for real and wait until the network has shaken hands with our address."""
        self._channel_check(channel, "--subscribe")
        until = time.monotonic() + within_s
        while self._channel_check(channel):
            if time.monotonic() > until:
                raise TimeoutError(f"{channel} is not connected")
            time.sleep(0.2)

    def _channel_check(self, *arguments: str) -> int:
        command = [sys.executable, "-m", "otklik", "channel", "check", *arguments]
        return subprocess.run(command, env=self.variables, capture_output=True, timeout=60, check=False).returncode

    def start(self, name: str) -> None:
        """Start gate, worker or web; doesn't wait."""
        with (Path(self.variables["OTKLIK_DATA"]) / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "otklik", name], env=self.variables, stderr=log
            )

    def kill(self, name: str) -> None:
        """SIGKILL: no goodbye, no clean-up."""
        self.running[name].kill()
        self.running[name].wait()

    def wait_for_gate(self, within_s: float = 30) -> None:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError("the gate did not start")

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()

    def query(self, sql: str) -> list[tuple]:
        """Read the database directly, past the code under test."""
        if self.database_url.startswith("sqlite"):
            import sqlite3
            from contextlib import closing

            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=30)) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """An installation with one city, on SQLite or on a database of its own in the PostgreSQL of this run."""
    server_url = os.environ["OTKLIK_DATABASE_URL"]
    with _database(server_url, folder) as url:
        port = two_ports()
        made = Installation(
            {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT / "src"),
                "OTKLIK_DATA": str(folder),
                "OTKLIK_DATABASE_URL": url,
                "OTKLIK_PORT": str(port),
                "OTKLIK_ALLOW_LOOPBACK": "1",
                "OTKLIK_LOG_LEVEL": "warning",
            },
            port,
        )
        made.run("init", "--yes", "--name", "Ясногорье", "--head", "Анна Берестова", "--admin", "it@town.example")
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def _database(server_url: str, folder: Path) -> Iterator[str]:
    if server_url.startswith("sqlite"):
        yield f"sqlite:///{folder / 'otklik.sqlite3'}"
        return
    name = f"inst_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server_url.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
