"""The simulated networks with a city that is connected to them, and its worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from otklik.cases.models import Case
from otklik.channels.models import Channel, Outgoing
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.simulators.telegram import payloads as telegram_payloads
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.vk import payloads as vk_payloads
from otklik.simulators.vk.simulator import VkSimulator
from otklik.worker.loop import Worker
from otklik.worker.taking import take_channel
from tests.builders import acknowledged
from tests.servers import serve
from tests.stories import Town, brain, found_town

TOKEN = "424242:AAEtests-Abcdefghijklmnopqrstuvwxyz0"
VK_TEXT = "Яма на дороге, улица Садовая, дом 12, почините"
TG_TEXT = "Не горит фонарь, улица Лесная, дом 3, сделайте свет"


@dataclass
class Networks:
    town: Town
    vk: VkSimulator
    telegram: TelegramSimulator
    vk_channel: Channel
    tg_channel: Channel
    worker: Worker

    def ask_in_vk(self) -> Case:
        post = self.vk.town.publish("Дороги", self.vk.town.owner_id)
        comment = self.vk.town.comment(post.id, 9, VK_TEXT, None)
        body = vk_payloads.comment_callback(
            event_id="e1", group_id=77, secret="", comment_id=comment.id, post_id=post.id, from_id=9, text=VK_TEXT,
            date=int(now().timestamp()),
        )  # fmt: skip
        return self._heard(self.vk_channel, body)

    def ask_in_telegram(self) -> Case:
        post = asyncio.run(self.telegram.post("Свет"))
        said = asyncio.run(self.telegram.comment(post, telegram_payloads.Person(5, "Мария"), TG_TEXT))
        body = telegram_payloads.encode(telegram_payloads.update(1, "message", said))
        return self._heard(self.tg_channel, body)

    def _heard(self, channel: Channel, body: bytes) -> Case:
        store([Arrival(channel.municipality_id, channel.pk, "d1", body, now())])
        take_channel(channel.pk, brain())
        return Case.objects.get(channel=channel)

    def reconnect_vk(self, *, user_token: str) -> Channel:
        """The community with other tokens; without a person's where that is empty."""
        config = self.vk_channel.settings
        self.vk_channel.delete()
        values = {**config, "token": "community-token-1", "callback_secret": "cbSecret77"}
        return connect(self.town.city, "vk", "vk", "", {**values, "user_token": user_token}, now=now())

    def send(self) -> None:
        while self.worker.send_step():
            pass

    def later(self) -> None:
        """Let every waiting or doubtful row become due."""
        Outgoing.objects.update(due_at=now() - timedelta(hours=1))
        self.send()


@contextmanager
def connected_networks() -> Iterator[Networks]:
    town = found_town()
    vk = VkSimulator(77, "community-token-1", "user-token-1", in_background=False)
    telegram = TelegramSimulator(TOKEN, -1002, -1001, in_background=False)
    with serve(vk.asgi) as vk_url, serve(telegram.asgi) as telegram_url:
        vk_values = {
            "group_id": "77",
            "token": "community-token-1",
            "callback_secret": "cbSecret77",
            "api_base": vk_url,
        }
        tg_values = {"bot_token": TOKEN, "channel_chat_id": "-1002", "discussion_chat_id": "-1001"}
        yield Networks(
            town,
            vk,
            telegram,
            connect(town.city, "vk", "vk", "", {**vk_values, "user_token": "user-token-1"}, now=now()),
            acknowledged(connect(town.city, "telegram", "tg", "", {**tg_values, "api_base": telegram_url}, now=now())),
            Worker(),
        )
