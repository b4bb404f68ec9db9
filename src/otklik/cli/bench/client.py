"""The generator: a process of its own that posts signed webhooks over raw sockets and tells what it took itself.

`python -m otklik.cli.bench.client` reads a Plan as JSON from stdin and prints a Report as JSON. No HTTP library: what
is measured is the server, and on two cores the client's own work is the server's loss.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time
from collections import deque

import msgspec

MARK = b"7777777777"
"""Stands in a request where its number goes: ten digits, so that the length stays the same."""
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Plan(msgspec.Struct):
    """What to post, where, how long; `rate` (a second) paces it, 0 is as fast as it goes."""

    port: int
    requests: list[bytes]
    first: int
    clients: int = 16
    seconds: float = 3.0
    rate: float = 0.0


class Report(msgspec.Struct):
    """What came of it. Latencies in seconds, counted from when a request was due."""

    acknowledged: int
    refused: int
    seconds: float
    cpu_s: float
    latencies: list[float]


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self.heard = b""

    def post(self, request: bytes, due: float) -> None:
        self.due = due
        self.socket.sendall(request)

    def hear(self) -> int | None:
        """Return the status of a whole answer, None if more is to come. Raises ConnectionError."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.heard += part
        end = self.heard.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = _LENGTH.search(self.heard, 0, end)
        if length is None:
            raise ConnectionError("the server doesn't say how long its answer is")
        if len(self.heard) < end + 4 + int(length.group(1)):
            return None
        status = int(self.heard[9:12])
        self.heard = b""
        return status


def post(plan: Plan) -> Report:
    """Keep every connection busy (or post on time, where there is a rate) until the time is up."""
    connections = [_Connection(plan.port) for _ in range(plan.clients)]
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    idle, latencies = deque(connections), []
    number, refused = plan.first, 0
    cpu, started = time.process_time(), time.perf_counter()
    until, gap = started + plan.seconds, 1 / plan.rate if plan.rate else 0.0
    due = started
    while True:
        now = time.perf_counter()
        while idle and now < until and due <= now:
            request = plan.requests[number % len(plan.requests)].replace(MARK, b"%010d" % number)
            idle.popleft().post(request, due if gap else now)
            number += 1
            due = due + gap if gap else due
        if now >= until and len(idle) == len(connections):
            break
        wait = max(0.0, min(due, until) - now) if gap and idle and now < until else 1.0
        for key, _ in selector.select(wait):
            connection = key.data
            status = connection.hear()
            if status is not None:
                latencies.append(time.perf_counter() - connection.due)
                refused += status != 200
                idle.append(connection)
    took = time.perf_counter() - started
    for connection in connections:
        connection.socket.close()
    return Report(len(latencies) - refused, refused, took, time.process_time() - cpu, latencies)


def main() -> None:
    """Post what stdin asks for."""
    report = post(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan))
    sys.stdout.buffer.write(msgspec.json.encode(report))


if __name__ == "__main__":
    main()
