"""Both networks behind one port, and the site's submissions on their way."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from otklik.simulators.town.serving import Networks
from tests.servers import Stage, serve
from tests.simulators.town.towns import COMMUNITY, town


def test_each_network_answers_under_its_name():
    life = town()
    with serve(Networks(life.telegram, life.vk)) as url:
        bot = httpx.get(f"{url}/telegram/bot{life.telegram.bot_token}/getMe").json()
        group = httpx.post(f"{url}/vk/method/groups.getById", data={"access_token": "vk1.a.city", "v": "5.199"}).json()
        nobody = httpx.get(f"{url}/ok/")

    assert (bot["result"]["is_bot"], group["response"]["groups"][0]["id"]) == (True, COMMUNITY)
    assert nobody.status_code == 404


@pytest.mark.parametrize(("status", "taken"), [(200, 2), (503, 0)])
def test_submission_waits_until_it_is_taken(status: int, taken: int):
    async def gate(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    life, stage = town(), Stage()
    stage.play = gate
    who = next(one for one in life.library.residents if one.network == "site")
    for text in ("Раз", "Два"):
        life.visitors.submit(who, text, life._rng)

    async def deliver() -> int:
        async with httpx.AsyncClient() as client:
            return await life.visitors.deliver(client)

    with serve(stage) as url:
        life.visitors.url = url
        assert asyncio.run(deliver()) == taken
    assert len(life.visitors.pending) == 2 - taken
