"""Two hundred open desks: how soon a change has reached every screen, and been drawn there.

Each desk listens to the gate's live line as a browser does, waits as long as desk/live.js gathers, and fetches what it
may see. One process plays them all, so its own work is in the figures.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async

from otklik.cli.bench import servers
from otklik.cli.bench.figures import milliseconds, percentile, tell

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.org.models import Official

Result = TypeVar("Result")

DESKS = 200
SOON_S = 0.05
REST_S = 0.5
"""As desk/live.js: a desk looks soon after a change, and then rests."""
_TIMEOUT_S = 30.0


@dataclass(slots=True)
class _Desk:
    ticket: str
    cookie: str
    heard: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    rested_at: float = 0.0


def measure(channel: Channel, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return how long an announced change takes to each desk, and until each has drawn it (milliseconds)."""
    count, rounds = (4, 1) if options["tiny"] else (DESKS, 3 if options["quick"] else 8)
    tell(f"opening {count} desks")
    desks = [_desk(channel, number) for number in range(count)]
    web_port = int(os.environ["OTKLIK_PORT"]) + 1
    with servers.web(web_port), servers.gate() as (_, port):
        reached, drawn = asyncio.run(_play(channel, desks, port, rounds))
    return {
        "desks": count,
        "event_p50_ms": milliseconds(percentile(reached, 0.5)),
        "event_max_ms": milliseconds(max(reached)),
        "drawn_p50_ms": milliseconds(percentile(drawn, 0.5)),
        "drawn_max_ms": milliseconds(max(drawn)),
    }


def _desk(channel: Channel, number: int) -> _Desk:
    """Sign somebody in: operators, curators and executors by turns."""
    from django.test import Client

    from otklik.org.access import access_of
    from otklik.org.enums import Role
    from otklik.org.models import Department
    from otklik.org.services.founding import add_official
    from otklik.org.tickets import make_ticket

    departments = list(Department.objects.filter(municipality=channel.municipality).order_by("pk"))
    roles: Sequence[tuple[Any, Any]] = (
        (Role.OPERATOR, None),
        (Role.CURATOR, None),
        (Role.EXECUTOR, departments[number % len(departments)]),
    )
    official: Official = add_official(
        channel.municipality,
        email=f"desk{number}@town.example",
        full_name="Вера Лугова",
        roles=[roles[number % len(roles)]],
    )
    client = Client()
    client.force_login(official)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return _Desk(make_ticket(access_of(official)), cookies)


async def _play(channel: Channel, desks: Sequence[_Desk], port: int, rounds: int) -> tuple[list[float], list[float]]:
    listening = [asyncio.create_task(_listen(desk, port)) for desk in desks]
    reached, drawn = [], []
    try:
        await asyncio.gather(*(_within(desk.heard.get()) for desk in desks))  # each line is open
        for number in range(rounds + 1):
            began = time.perf_counter()
            await sync_to_async(_announce)(channel)
            times = await asyncio.gather(*(_follow(desk, port, began) for desk in desks))
            if number:  # the first one warms
                reached += [heard for heard, _ in times]
                drawn += [seen for _, seen in times]
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return reached, drawn


def _announce(channel: Channel) -> None:
    from otklik.common import bell
    from otklik.common.clock import now
    from otklik.org.services.announcing import announce

    announce(channel.municipality_id, "case", [1], at=now())
    bell.ring_at_once("live")


async def _follow(desk: _Desk, port: int, began: float) -> tuple[float, float]:
    heard = await _within(desk.heard.get())
    await asyncio.sleep(max(SOON_S, desk.rested_at - time.perf_counter()))
    desk.rested_at = time.perf_counter() + REST_S
    await _within(_fetch(desk, port))
    return heard - began, time.perf_counter() - began


async def _listen(desk: _Desk, port: int) -> None:
    reader, writer = await _asked(f"/live?ticket={desk.ticket}", desk, port)
    try:
        while line := await reader.readline():
            if line.startswith((b"retry:", b"data:")):
                desk.heard.put_nowait(time.perf_counter())
    finally:
        writer.close()


async def _fetch(desk: _Desk, port: int) -> None:
    reader, writer = await _asked("/desk/pulse/?view=open&since=1", desk, port)
    status = await reader.readline()
    await reader.read()
    writer.close()
    if b" 200 " not in status:
        raise RuntimeError(f"a desk was answered {status!r}")


async def _asked(path: str, desk: _Desk, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "HX-Request: true",
        f"Cookie: {desk.cookie}",
        "Connection: close",
    )
    writer.write("\r\n".join((*lines, "", "")).encode())
    return reader, writer


async def _within(awaited: Awaitable[Result]) -> Result:
    return await asyncio.wait_for(awaited, _TIMEOUT_S)
