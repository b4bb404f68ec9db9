"""When the people of the town do what they do, and the delivery of it."""

from __future__ import annotations

import asyncio
from collections import deque
from random import Random

import httpx

from otklik.simulators.town.homes import Answered
from otklik.simulators.town.life import Life

BETWEEN_S = (2.0, 8.0)
"""How long the town is silent between two messages."""
_CHANGES = 0.06
_RESPONDS = 0.3
_CONTENT = 0.7


def dice(seed: int | None = None) -> Random:
    """Return the town's chance; with a seed it falls the same every time."""
    return Random(seed)


async def live(life: Life, answers: deque[Answered], rng: Random, between_s: tuple[float, float] = BETWEEN_S) -> None:
    """Go on living until cancelled: somebody writes, somebody thinks again, somebody judges an answer."""
    while True:
        happens = rng.random()
        if answers and happens < _RESPONDS:
            life.respond(answers.popleft(), solved=rng.random() < _CONTENT)
        elif happens > 1 - _CHANGES:
            life.change_mind()
        else:
            life.speak()
        await asyncio.sleep(rng.uniform(*between_s))


async def wave(life: Life, count: int, within_s: float) -> None:
    """Have `count` messages written, evenly over `within_s` seconds."""
    for _ in range(count):
        life.speak()
        await asyncio.sleep(within_s / count)


async def deliver_submissions(life: Life, every_s: float = 0.1) -> None:
    """Post what the site's visitors wrote, until cancelled."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        while True:
            await life.visitors.deliver(client)
            await asyncio.sleep(every_s)
