"""SIGKILL at any moment, under load: nothing acknowledged is lost, nothing is doubled, nothing is sent twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
import uvicorn

from otklik.simulators.site.payloads import comment_submission, headers
from otklik.simulators.telegram import payloads as telegram_payloads
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.vk import town as vk_town
from otklik.simulators.vk.simulator import VkSimulator
from tests.installation import Installation, installation
from tests.servers import closed_port

KILLS = 32
SETTLE_S = 90
BOT_TOKEN = "424242:AAEtests-Abcdefghijklmnopqrstuvwxyz0"


class Life:
    """A town that goes on writing to three networks while somebody kills the processes that listen."""

    def __init__(self, place: Installation, seed: int) -> None:
        self.place = place
        self.random = random.Random(seed)
        self.vk = VkSimulator(77, "community-token-1", "user-token-1", pause_s=0.2)
        self.telegram = TelegramSimulator(BOT_TOKEN, -1002, -1001, pause_s=0.2)
        self.said: Counter[str] = Counter()
        self.killed = 0

    async def live(self) -> None:
        vk_url, telegram_url = closed_port(), closed_port()
        servers = [_server(self.vk.asgi, vk_url), _server(self.telegram.asgi, telegram_url)]
        serving = [asyncio.create_task(server.serve()) for server in servers]
        while not all(server.started for server in servers):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(self.connect, f"http://127.0.0.1:{vk_url}", f"http://127.0.0.1:{telegram_url}")
        talking = [asyncio.create_task(talk()) for talk in (self.talk_vk, self.talk_telegram, self.talk_site)]
        await self.kill_again_and_again()
        self.over = True
        await asyncio.gather(*talking)
        await self.settle()
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*serving)

    def connect(self, vk_url: str, telegram_url: str) -> None:
        vk = ["group_id=77", "token=community-token-1", "callback_secret=vkCallbackSecret1", "user_token=user-token-1"]
        telegram = [f"bot_token={BOT_TOKEN}", "webhook_secret=tg-hook-secret"]
        telegram += ["channel_chat_id=-1002", "discussion_chat_id=-1001"]
        self.place.connect("vk", "vk", *vk, f"api_base={vk_url}")
        self.place.connect("telegram", "tg", *telegram, f"api_base={telegram_url}")
        self.place.run("channel", "acknowledge", "tg", "all", "--official", "it@town.example", "--yes")
        for name in ("gate", "worker"):
            self.place.start(name)
        self.place.wait_for_gate()
        for name in ("vk", "tg"):
            self.place.subscribe(name)
        self.over = False

    async def talk_vk(self) -> None:
        post = await self.vk.post("Ремонт дорог: спрашивайте")
        while not self.over:
            self.said["vk"] += 1
            number = self.said["vk"]
            person = vk_town.Person(1000 + number, "Иван", "В.")
            await self.vk.comment(post.id, person, f"Яма на дороге, улица Садовая, дом {number}, почините")
            await asyncio.sleep(0.05)

    async def talk_telegram(self) -> None:
        post = await self.telegram.post("Свет во дворах: спрашивайте")
        while not self.over:
            self.said["telegram"] += 1
            number = self.said["telegram"]
            person = telegram_payloads.Person(5000 + number, "Мария")
            await self.telegram.comment(post, person, f"Не горит фонарь, улица Лесная, дом {number}, сделайте свет")
            await asyncio.sleep(0.05)

    async def talk_site(self) -> None:
        (token,) = self.place.query("SELECT hook_token FROM channels_channel WHERE name = 'site'")[0]
        secret = await asyncio.to_thread(self.secret_of_site)
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while not self.over:
                self.said["site"] += 1
                number = self.said["site"]
                text = f"Не вывозят мусор, улица Кленовая, дом {number}, уберите"
                body = comment_submission(f"kill-{number}", text, name="Пётр", visitor=f"v{number}")
                await _post_until_heard(client, f"{self.place.url}/hooks/{token}", body, headers(secret, body))
                await asyncio.sleep(0.05)

    def secret_of_site(self) -> str:
        from otklik.common.vault import Vault

        (sealed,) = self.place.query("SELECT sealed_secrets FROM channels_channel WHERE name = 'site'")[0]
        return Vault(Path(self.place.variables["OTKLIK_DATA"]) / "keys" / "channels.key").unseal(bytes(sealed))[
            "webhook_secret"
        ]

    async def kill_again_and_again(self) -> None:
        while self.killed < KILLS:
            await asyncio.sleep(self.random.uniform(0.3, 2.2))
            name = self.random.choice(["worker", "gate"])
            await asyncio.to_thread(self.place.kill, name)
            self.killed += 1
            self.place.start(name)

    async def settle(self) -> None:
        """Wait until the networks have delivered everything and the worker has nothing left to do."""
        until, quiet = time.monotonic() + SETTLE_S, 0
        while time.monotonic() < until:
            await asyncio.sleep(0.5)
            left = await asyncio.to_thread(self.place.query, _LEFT)
            waiting = len(self.vk.deliveries.pending) + len(self.telegram.deliveries.pending)
            quiet = quiet + 1 if left == [(0,)] and waiting == 0 else 0
            if quiet == 3:
                return
        states = self.place.query(
            "SELECT c.network, o.state, o.error, o.attempts, count(*) FROM channels_outgoing o "
            "JOIN channels_channel c ON c.id = o.channel_id GROUP BY 1, 2, 3, 4"
        )
        raise TimeoutError(f"not settled: {left} rows due, {waiting} updates waiting; {states}")


_LEFT = """
SELECT (SELECT count(*) FROM channels_delivery WHERE state = 'received')
     + (SELECT count(*) FROM channels_outgoing WHERE state IN ('queued', 'sending'))
     + (SELECT count(*) FROM channels_outgoing o JOIN channels_channel c ON c.id = o.channel_id
        WHERE o.state = 'unknown' AND c.network <> 'telegram')
"""


@pytest.mark.timeout(400)
def test_kill_at_random_points_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails, to repeat it
    with installation(tmp_path) as place:
        life = Life(place, seed)
        asyncio.run(life.live())

        assert life.killed >= 30
        heard = place.query(
            "SELECT c.network, count(*) FROM channels_message m JOIN channels_channel c ON c.id = m.channel_id "
            "WHERE NOT m.is_ours GROUP BY c.network"
        )
        assert dict(heard) == dict(life.said)
        assert place.query("SELECT count(*) FROM channels_delivery WHERE state IN ('failed', 'received')") == [(0,)]
        cases = place.query("SELECT count(*), count(DISTINCT message_id) FROM cases_casemessage")
        assert cases == [(life.said.total(), life.said.total())]
        _assert_sent_once(place, "vk", life.vk.accepted, doubtful=0)
        unsure = place.query("SELECT count(*) FROM channels_outgoing WHERE state = 'unknown'")[0][0]
        # Telegram can't be read by a bot: what a killed worker was sending is shown to people, never sent again.
        assert unsure <= 16 * life.killed
        _assert_sent_once(place, "telegram", [sent.text for sent in life.telegram.accepted], doubtful=unsure)


def _assert_sent_once(place: Installation, network: str, accepted: list[str], doubtful: int) -> None:
    rows = place.query(
        "SELECT o.state, o.text FROM channels_outgoing o JOIN channels_channel c ON c.id = o.channel_id "
        f"WHERE c.network = '{network}'"
    )
    assert len(accepted) == len(set(accepted)), "something was sent twice"
    sent = {text for state, text in rows if state == "sent"}
    assert {state for state, _ in rows} <= {"sent", "unknown"}
    assert len(rows) - len(sent) == doubtful
    assert sent <= set(accepted)
    assert set(accepted) <= {text for _, text in rows}


def _server(app: object, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", access_log=False, ws="none", interface="asgi3")
    )


async def _post_until_heard(client: httpx.AsyncClient, url: str, body: bytes, signed: dict[str, str]) -> None:
    while True:
        try:
            if (await client.post(url, content=body, headers=signed)).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
