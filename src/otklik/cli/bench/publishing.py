"""From the press of a button to the last network: a post with ten photos, and its correction and withdrawal after it.

The networks are the simulators in this process, without delays of their own. Photos are drawn and scanned beforehand,
as they are while an author writes.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any

from PIL import Image

from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.connecting import connect
from otklik.cli.bench import town
from otklik.cli.bench.figures import tell
from otklik.common.clock import now
from otklik.media.services.keeping import keep
from otklik.media.services.preparing import prepare_next
from otklik.org.law import NEUTRAL
from otklik.org.models import Municipality, Official
from otklik.posts.services.picturing import Picture
from otklik.posts.services.publishing import Words, publish_as
from otklik.proof.services.signing import make_key
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.town.serving import server
from otklik.simulators.vk.simulator import VkSimulator
from otklik.worker.loop import Worker

PHOTOS = 10
ROUNDS = 5
_BOT, _MAX_CHANNEL, _GROUP, _ACCOUNT = "123456789:" + "A" * 35, -7000000001, 77, "17841400000000001"
_TOKEN = "token-of-the-bench-0123456789"  # noqa: S105 - of a throw-away installation
_TEXT = "Двор готов: качели, горка и лавочки. Приходите в субботу, откроем вместе. " * 12


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return seconds to the site and to the last network on this process's database."""
    rounds = 1 if options["tiny"] else 2 if options["quick"] else ROUNDS
    photos = 2 if options["tiny"] else PHOTOS
    with _networks() as base:
        author = _connected(base)
        tell(f"drawing {photos} photos")
        began = time.perf_counter()
        pictures = tuple(picture(author, number) for number in range(photos))
        drawn_s = time.perf_counter() - began
        tell(f"publishing {rounds} posts")
        taken = [_published(author, pictures, number) for number in range(rounds)]
    return {
        "photos": photos,
        "networks": Outgoing.objects.values("channel").distinct().count(),
        "photo_drawn_s": round(drawn_s / photos, 2),
        "site_s": round(max(on_site for on_site, _ in taken), 2),
        "all_networks_s": round(max(everywhere for _, everywhere in taken), 2),
    }


def _published(author: Official, pictures: tuple[Picture, ...], number: int) -> tuple[float, float]:
    """Return after how many seconds a post stood on the site, and in every network."""
    worker, began = Worker(), time.perf_counter()
    publish_as(author, Words(f"Двор № {number + 1}", _TEXT, photos=pictures), now=now())
    on_site = time.perf_counter() - began
    while worker.send_step():
        pass
    everywhere = time.perf_counter() - began
    left = Outgoing.objects.exclude(state=OutgoingState.SENT).first()
    if left is not None:
        raise RuntimeError(f"{left.channel.network}: {left.state}, {left.error}")
    return on_site, everywhere


def picture(author: Official, number: int) -> Picture:
    """Return a photo of the size that phones take, ready to be shown."""
    noise = Image.frombytes("RGB", (200, 150), Random(number).randbytes(200 * 150 * 3))  # noqa: S311 - no secret
    taken = io.BytesIO()
    noise.resize((3000, 2250), Image.Resampling.BICUBIC).save(taken, "JPEG", quality=88)
    file = keep(author.municipality_id, "IMG.jpg", [taken.getvalue()], now=now(), by=author, for_page=True)
    while prepare_next(now=now()) is not None:
        pass
    file.refresh_from_db()
    return Picture(file, f"Фото {number + 1}")


def _connected(base: str) -> Official:
    """Found a city that no law keeps from any network, connect its accounts, and return who writes."""
    city, at = town.found_town(), now()
    Municipality.objects.filter(pk=city.pk).update(jurisdiction=NEUTRAL)
    city.refresh_from_db()
    make_key(city, now=at)
    for network, values in _accounts().items():
        connect(city, network, network, "", values | {"api_base": f"{base}/{network}"}, now=at)
    return Official.objects.create(municipality=city, email="head@bench.example", full_name="Анна Берестова")


def _accounts() -> dict[str, dict[str, str]]:
    telegram = {"channel_chat_id": str(town.CHANNEL_CHAT), "discussion_chat_id": str(town.GROUP_CHAT)}
    return {
        "telegram": {"bot_token": _BOT, **telegram},
        "vk": {"group_id": str(_GROUP), "token": _TOKEN, "user_token": f"{_TOKEN}-user", "callback_secret": "s3cret"},
        "max": {"access_token": _TOKEN, "webhook_secret": "bench-secret", "channel_id": str(_MAX_CHANNEL)},
        "instagram": {
            "account_id": _ACCOUNT,
            "token": _TOKEN,
            "app_secret": "0" * 32,
            "verify_token": "a word of the bench",
        },
    }


@contextmanager
def _networks() -> Iterator[str]:
    """Serve the simulators on loopback; gives their address."""
    serving = server(
        TelegramSimulator(_BOT, town.CHANNEL_CHAT, town.GROUP_CHAT, in_background=False),
        VkSimulator(_GROUP, _TOKEN, f"{_TOKEN}-user", in_background=False),
        0,
        instagram=InstagramSimulator(_ACCOUNT, _TOKEN, "0" * 32, in_background=False),
        max_=MaxSimulator(_TOKEN, _MAX_CHANNEL, in_background=False),
    )
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join(timeout=5)
