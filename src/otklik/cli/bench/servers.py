"""The programs that a bench measures, each a process of its own, ended with the bench."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx


@contextmanager
def gate() -> Iterator[tuple[int, int]]:
    """Run the gate; gives its process id and its port."""
    port = int(os.environ["OTKLIK_PORT"])
    with running([sys.executable, "-m", "otklik", "gate"]) as process:
        wait_for(process, port, "/healthz")
        yield process.pid, port


@contextmanager
def web(port: int) -> Iterator[int]:
    """Run Django on a port; gives the port."""
    with running([sys.executable, "-m", "otklik", "web"], {"OTKLIK_WEB_PORT": str(port)}) as process:
        wait_for(process, port, "/")
        yield port


@contextmanager
def worker() -> Iterator[None]:
    """Run a worker."""
    with running([sys.executable, "-m", "otklik", "worker"]):
        yield


@contextmanager
def running(command: list[str], variables: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our own programs, and end it with its bench."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **(variables or {})})  # noqa: S603 - our own modules
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int, path: str, within_s: float = 60.0) -> None:
    """Return as soon as a server answers. Raises TimeoutError."""
    until = time.monotonic() + within_s
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError("a server of the bench did not start")
