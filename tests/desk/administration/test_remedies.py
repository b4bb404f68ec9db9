"""What goes wrong with an account is named on the health screen: which channel, which call, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from otklik.channels.services.connecting import connect
from otklik.channels.services.watching import look_at_all
from otklik.common.clock import now
from otklik.connectors.base import ChannelConfig
from otklik.org.enums import Role
from otklik.simulators.instagram.faults import Fault as InstagramFault
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.max.faults import Fault as MaxFault
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.ok.faults import Fault as OkFault
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.vk.faults import Fault as VkFault
from otklik.simulators.vk.simulator import VkSimulator
from tests.builders import make_city, make_official, signed_in
from tests.connectors.instagram import accounts as instagram
from tests.connectors.max import accounts as messenger
from tests.connectors.ok import accounts as ok
from tests.connectors.telegram import accounts as telegram
from tests.connectors.vk import accounts as vk
from tests.servers import serve

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Network:
    """A network with an account that is well: its simulator, and what an administrator has entered."""

    simulator: Callable[[], Any]
    config: Callable[[str], ChannelConfig]


NETWORKS = {
    "telegram": Network(
        lambda: TelegramSimulator(telegram.TOKEN, telegram.CHANNEL, telegram.GROUP, in_background=False),
        telegram.config,
    ),
    "vk": Network(lambda: VkSimulator(vk.GROUP, vk.TOKEN, vk.USER_TOKEN, in_background=False), vk.config),
    "instagram": Network(
        lambda: InstagramSimulator(instagram.ACCOUNT, instagram.TOKEN, instagram.APP_SECRET, in_background=False),
        instagram.config,
    ),
    "max": Network(
        lambda: MaxSimulator(messenger.TOKEN, messenger.CHANNEL, in_background=False),
        messenger.config,
    ),
    "ok": Network(ok.simulator, ok.config),
}


@dataclass(frozen=True)
class Trouble:
    """What is wrong with an account, and what the screen has to say: the call, and the remedy."""

    network: str
    what: str
    call: str
    remedy: str
    entered: Mapping[str, str] = field(default_factory=dict)
    happens: Callable[[Any], object] = lambda simulator: None


TROUBLES = (
    Trouble(
        "telegram", "wrong token", "Bot", "take one from @BotFather and save it here",
        entered={"bot_token": "700100200:AAEhBP0av28-TestTestTestTestTestTest01"},
    ),
    Trouble(
        "telegram", "changed channel", "Channel", "the chat isn't there, or the bot isn't in it",
        entered={"channel_chat_id": "-1001000000009"},
    ),
    Trouble(
        "telegram", "revoked right", "Rights in the channel", "make the bot an administrator of the channel",
        happens=lambda simulator: simulator.town.bot_is_admin_in.clear(),
    ),
    Trouble(
        "vk", "wrong token", "Community", "make a new one in the community's settings and save it here",
        entered={"token": "vk1.a.another-token-of-the-tests"},
    ),
    Trouble(
        "vk", "changed community", "Community", "there is no community with this number: correct group_id",
        entered={"group_id": "124"},
    ),
    Trouble(
        "vk", "token of another community", "Delivery of events", "its administrator makes the token",
        entered={"group_id": "124"},
    ),
    Trouble(
        "vk", "revoked right", "Rights of the community's token",
        "the access token lacks the right for this: make one with messages, wall and manage",
        happens=lambda simulator: simulator.fail_next(
            VkFault.REFUSED, methods={"groups.getTokenPermissions"}, code=7
        ),
    ),
    Trouble(
        "instagram", "wrong token", "Account", "make a new one, save it here",
        entered={"token": "IGAA-another-token-of-the-tests"},
    ),
    Trouble(
        "instagram", "changed account", "Account",
        f"belongs to the account {instagram.ACCOUNT}: enter that as account_id",
        entered={"account_id": "17841400000000002"},
    ),
    Trouble(
        "instagram", "revoked right", "Account", "connect the account again with all the rights of the guide",
        happens=lambda simulator: simulator.fail_next(InstagramFault.REFUSED, edges={"read"}, code=10),
    ),
    Trouble(
        "max", "wrong token", "Bot", "make a new one in business.max.ru and save it here",
        entered={"access_token": "f9LHodD0cOKAnotherAnotherAnother"},
    ),
    Trouble(
        "max", "changed channel", "Channel", "correct channel_id, or add the bot", entered={"channel_id": "-774"},
    ),
    Trouble(
        "max", "revoked right", "Bot", "it lacks a right in the channel",
        happens=lambda simulator: simulator.fail_next(MaxFault.DENIED, doing="look"),
    ),
    Trouble(
        "ok", "wrong token", "Posts and comments", "save it here",
        entered={"access_token": "tkn1AnotherTokenOfTheTests"},
    ),
    Trouble(
        "ok", "wrong key of the group", "Delivery of messages", "save it here",
        entered={"group_key": "another:KEY"},
    ),
    Trouble(
        "ok", "revoked right", "Posts and comments", "right",
        happens=lambda simulator: simulator.fail_next(OkFault.DENIED, times=9, doing="look"),
    ),
)  # fmt: skip


def screen_in(language: str, trouble: Trouble) -> dict[str, str]:
    """Return what the health screen says of an account with this trouble: advice by the name of the call."""
    city = make_city()
    browser = signed_in(make_official(city, Role.ADMIN))
    browser.cookies["lang"] = language
    network = NETWORKS[trouble.network]
    simulator = network.simulator()
    with serve(simulator.asgi) as base:
        config = network.config(base)
        entered = {**config.settings, **config.secrets, **trouble.entered}
        connect(city, trouble.network, f"city-{trouble.network}", "", entered, now=now())
        trouble.happens(simulator)
        look_at_all(now=now())
    return _told(browser, f"city-{trouble.network}")


def _told(browser: Client, channel: str) -> dict[str, str]:
    page = browser.get(reverse("desk:administration:channels")).content.decode()
    assert page.count(channel) >= 1
    found = re.findall(r"<b>([^<]+):</b>\s*([^<]*)", page)
    return {unescape(call).strip(): unescape(advice).strip() for call, advice in found}


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: f"{one.network}: {one.what}")
def test_health_screen_names_the_call_and_the_remedy(trouble: Trouble) -> None:
    told = screen_in("en", trouble)

    assert trouble.call in told
    assert trouble.remedy in told[trouble.call]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: f"{one.network}: {one.what}")
def test_health_screen_speaks_russian_of_it_too(trouble: Trouble) -> None:
    told = screen_in("ru", trouble)

    assert told
    assert [advice for advice in told.values() if not re.search("[а-яё]", advice)] == []
