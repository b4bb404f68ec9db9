"""A virus scanner that speaks clamd's protocol over a socket, written from its manual; it knows one word."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.pictures import VIRUS


@dataclass
class Clamd:
    """What it was shown; `breaks` makes it answer with an error, as when its memory is full."""

    address: str
    shown: list[bytes] = field(default_factory=list)
    breaks: bool = False

    def answer(self, connection: socket.socket) -> bytes:
        command = _until_zero(connection)
        if command == b"zPING":
            return b"PONG\0"
        assert command == b"zINSTREAM"
        whole = b""
        while length := struct.unpack("!I", _exactly(connection, 4))[0]:
            whole += _exactly(connection, length)
        self.shown.append(whole)
        if self.breaks:
            return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Pretended.Virus FOUND\0" if VIRUS in whole else b"stream: OK\0"


@contextmanager
def clamd(listener: socket.socket, address: str) -> Iterator[Clamd]:
    """Serve on a listening socket until the end of the block."""
    simulated = Clamd(address)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(simulated.answer(connection))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield simulated
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@contextmanager
def clamd_on_tcp() -> Iterator[Clamd]:
    """Serve on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    with clamd(listener, f"tcp:127.0.0.1:{listener.getsockname()[1]}") as simulated:
        yield simulated


def _exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        part = connection.recv(count - len(read))
        assert part
        read += part
    return read


def _until_zero(connection: socket.socket) -> bytes:
    read = b""
    while not read.endswith(b"\0"):
        read += _exactly(connection, 1)
    return read[:-1]
