"""Files out of the networks: by Telegram's id, by VK's address, never larger than wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from otklik.connectors.base import SendFailed
from otklik.connectors.fetching import download
from otklik.connectors.telegram.connector import Telegram
from otklik.connectors.vk.connector import Vk
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.connectors.telegram import accounts as telegram_accounts
from tests.connectors.vk import accounts as vk_accounts
from tests.pictures import picture
from tests.servers import serve

PHOTO = picture(64, 48)


async def shop(scope: Any, receive: Any, send: Any) -> None:
    """Stands where a network keeps its photos."""
    if scope["type"] != "http":
        return
    status, body = {
        "/photo.jpg": (200, PHOTO),
        "/moved.jpg": (302, b""),
        "/broken.jpg": (503, b""),
        "/busy.jpg": (429, b""),
    }.get(scope["path"], (404, b""))
    headers = [(b"location", b"http://127.0.0.1:1/")] if status == 302 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(shop) as url:
        yield url


def client() -> httpx.Client:
    return httpx.Client(timeout=2, trust_env=False, follow_redirects=False)


def refusal(url: str, most: int = 1_000_000) -> tuple[str, bool]:
    with pytest.raises(SendFailed) as failed:
        download(client, url, most=most)
    return str(failed.value), failed.value.permanent


def test_vk_gives_a_file_by_its_address(address: str) -> None:
    vk = Vk.from_config(vk_accounts.config(address))

    assert vk.fetch_file("photo1_2", f"{address}/photo.jpg", most=1_000_000).content == PHOTO
    with pytest.raises(SendFailed, match="no address"):
        vk.fetch_file("photo1_2", "", most=1_000_000)


@pytest.mark.parametrize(
    ("path", "words", "permanent"),
    [
        ("/gone.jpg", "no longer gives", True),
        ("/moved.jpg", "no longer gives", True),
        ("/broken.jpg", "answered 503", False),
        ("/busy.jpg", "answered 429", False),
    ],
)
def test_refusal_says_whether_it_is_final(address: str, path: str, words: str, *, permanent: bool) -> None:
    said, final = refusal(f"{address}{path}")

    assert (words in said, final) == (True, permanent)


def test_file_larger_than_wanted_is_dropped_on_the_way(address: str) -> None:
    assert refusal(f"{address}/photo.jpg", most=100) == ("the file is larger than 0 MB", True)


def test_network_that_is_away_is_asked_again() -> None:
    assert refusal("http://127.0.0.1:9/photo.jpg")[1] is False


def test_telegram_gives_a_file_by_its_id_and_keeps_its_token_to_itself() -> None:
    simulator = TelegramSimulator(telegram_accounts.TOKEN, -1, -2, in_background=False)
    simulator.town.files["AgAC000001"] = PHOTO
    with serve(simulator.asgi) as url:
        telegram = Telegram.from_config(telegram_accounts.config(url))
        found = telegram.fetch_file("AgAC000001", "", most=1_000_000)
        refusals = []
        for name, most in (("AgAC000001", 100), ("unknown", 1_000_000)):
            with pytest.raises(SendFailed) as failed:
                telegram.fetch_file(name, "", most=most)
            refusals.append((failed.value.permanent, telegram_accounts.TOKEN in str(failed.value)))

    assert (found.content, found.filename) == (PHOTO, "AgAC000001")
    assert refusals == [(True, False), (True, False)]
