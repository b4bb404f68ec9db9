"""A town in memory, for tests: simulators that nobody subscribed to, so that everything said waits in them."""

from __future__ import annotations

from random import Random

from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.town.library import shipped
from otklik.simulators.town.life import Life
from otklik.simulators.town.visitors import Visitors
from otklik.simulators.vk.simulator import VkSimulator

SECRET = "0123456789abcdef"
CHANNEL, GROUP, COMMUNITY = -100100, -100200, 77


def town(seed: int = 1) -> Life:
    """The shipped people in empty networks; VK's side has a server that hears everything."""
    telegram = TelegramSimulator("700000001:AAinvented-token-of-a-bot", CHANNEL, GROUP, in_background=False)
    vk = VkSimulator(COMMUNITY, "vk1.a.city", "vk1.a.person", in_background=False)
    server = vk.town.add_server("Otklik", "http://127.0.0.1:1/hooks/vk", "secret")
    server.status = "ok"
    server.events = {"wall_post_new", "wall_reply_new", "wall_reply_edit", "wall_reply_delete", "message_new"}
    return Life(shipped(), telegram, vk, Visitors(SECRET, "http://127.0.0.1:1/hooks/site"), Random(seed))
