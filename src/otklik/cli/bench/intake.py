"""How many webhooks a second are durable before their 200: the gate, and a Django view beside it, in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

from otklik.channels.models import Channel, Delivery
from otklik.cli.bench import servers, town
from otklik.cli.bench.client import MARK, Plan, Report
from otklik.cli.bench.figures import milliseconds, percentile, rss_mb, tell
from otklik.cli.bench.places import two_free_ports
from otklik.simulators.telegram.payloads import headers

VIEW_WORKERS, VIEW_THREADS = 2, 8
"""Two workers, and together as many threads as there are clients: none of them ever waits for a thread."""
BUSY_PER_S = 300
"""The pace while a worker carries a backlog: a million messages an hour would be a surge for any city."""
_WARM_S = 0.7


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures on this process's database."""
    rounds, seconds = (1, 0.5) if options["tiny"] else (2, 2.5) if options["quick"] else (5, 8.0)
    channel = town.connect_telegram(town.found_town(), "bench")
    bench = _Bench(channel)
    _run_in(options)
    with servers.gate() as (gate_pid, gate_port), _view() as view_port:
        ports = {"gate": gate_port, "view": view_port}
        for port in ports.values():
            bench.post(port, _WARM_S)
        bench.acknowledged = Delivery.objects.count()
        found: dict[str, list[Report]] = {"gate": [], "view": []}
        for number in range(rounds):
            # Whoever comes second finds a warmer disk: they take turns.
            for name in ("gate", "view") if number % 2 == 0 else ("view", "gate"):
                tell(f"{name}, round {number + 1} of {rounds}")
                found[name].append(bench.post(ports[name], seconds))
        memory = rss_mb(gate_pid)
        if Delivery.objects.count() != bench.acknowledged:
            raise RuntimeError(f"{bench.acknowledged} were acknowledged and {Delivery.objects.count()} are stored")
        busy = bench.post_while_a_worker_works(gate_port, seconds * (2 if rounds > 1 else 1))
    return _figures(found, busy) | {"rss_mb": memory}


def _run_in(options: Mapping[str, Any]) -> None:
    """Give a new PostgreSQL the log files that one at work has: it makes each by writing 16 MB of zeros, once."""
    if connection.vendor != "postgresql":
        return
    tell("running the server in")
    with connection.cursor() as cursor:
        rows = 2_000 if options["tiny"] else 300_000
        cursor.execute("CREATE TABLE bench AS SELECT repeat(md5(n::text), 32) FROM generate_series(1, %s) AS n", [rows])
        cursor.execute("DROP TABLE bench")
        cursor.execute("CHECKPOINT")


def _figures(found: Mapping[str, list[Report]], busy: Report) -> dict[str, Any]:
    speed = {name: [report.acknowledged / report.seconds for report in reports] for name, reports in found.items()}
    slow = {
        name: milliseconds(statistics.median(percentile(report.latencies, 0.99) for report in reports))
        for name, reports in found.items()
    }
    ratios = [gate / view for gate, view in zip(speed["gate"], speed["view"], strict=True)]
    cpu = [report.cpu_s / report.seconds for report in found["gate"]]
    return {
        "gate_per_s": round(statistics.median(speed["gate"])),
        "view_per_s": round(statistics.median(speed["view"])),
        "ratio": round(statistics.median(ratios), 2),
        "p50_ms": milliseconds(statistics.median(percentile(one.latencies, 0.5) for one in found["gate"])),
        "p99_ms": slow["gate"],
        "view_p99_ms": slow["view"],
        "p99_busy_ms": milliseconds(percentile(busy.latencies, 0.99)),
        "busy_per_s": round(busy.acknowledged / busy.seconds),
        "generator_cpu": round(statistics.median(cpu), 2),
    }


class _Bench:
    """Posts signed Telegram comments, each with a number of its own."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.acknowledged = 0
        self._next = 1_000_000_000
        self._requests = [_request(channel, text) for text in islice(town.texts(1), 200)]

    def post(self, port: int, seconds: float, *, rate: float = 0.0) -> Report:
        plan = Plan(port=port, requests=self._requests, first=self._next, seconds=seconds, rate=rate)
        done = subprocess.run(
            [sys.executable, "-m", "otklik.cli.bench.client"],
            input=msgspec.json.encode(plan),
            stdout=subprocess.PIPE,
            check=True,
        )
        report = msgspec.json.decode(done.stdout, type=Report)
        if report.refused or not report.acknowledged:
            raise RuntimeError(f"{report.refused} webhooks were refused, {report.acknowledged} acknowledged")
        self._next += 10_000_000
        self.acknowledged += report.acknowledged
        return report

    def post_while_a_worker_works(self, port: int, seconds: float) -> Report:
        """Post at a city's pace while a worker has a backlog for the whole time."""
        tell("the gate while a worker carries a backlog")
        waiting = Delivery.objects.filter(state="received")
        need = round(seconds * 2500) + 3000
        for first in waiting.order_by("id").values_list("pk", flat=True)[need : need + 1]:
            _drop_from(first)
        missing = max(0, need - waiting.count())
        bodies = [town.comment(number, text) for number, text in enumerate(islice(town.texts(2), missing), 1)]
        town.deliver(self.channel, bodies, 1)
        with servers.worker():
            before = waiting.count()
            while waiting.count() > before - 100:
                time.sleep(0.1)
            report = self.post(port, seconds, rate=BUSY_PER_S)
            if waiting.count() < 100:
                raise RuntimeError("the worker finished its backlog too early: the figure says nothing")
        return report


def _drop_from(first: int) -> None:
    """Drop the deliveries that nobody has read, from this one on, in one statement: there may be half a million."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_delivery WHERE state = 'received' AND id >= %s", [first])


def _request(channel: Channel, text: str) -> bytes:
    """Return a whole HTTP request with MARK where its number goes."""
    body = town.comment(int(MARK), text)
    lines = [f"POST /hooks/{channel.hook_token} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers(town.SECRET).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def _view() -> Iterator[int]:
    port = two_free_ports()
    command = [sys.executable, "-m", "otklik.cli.bench.view", str(port), str(VIEW_WORKERS), str(VIEW_THREADS)]
    with servers.running(command) as process:
        servers.wait_for(process, port, "/")
        yield port
