"""Keys are asked for few at a time, of nobody inside our network, and a forger makes us call no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from otklik.channels.fediverse import Signer, Unproven
from otklik.channels.models import Message
from otklik.channels.services import asking, proving
from otklik.channels.services.holding import MOST_FROM_ONE, MOST_WAITING, Queue
from otklik.common import ssrf
from otklik.common.clock import now
from otklik.connectors.activitypub.addresses import Home, is_address
from otklik.connectors.activitypub.calling import Caller
from otklik.connectors.base import SendFailed
from otklik.simulators.fediverse.payloads import Person
from tests.connectors.activitypub.fediverse import Connected, connected_fediverse
from tests.connectors.activitypub.keys import PRIVATE

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected() -> Iterator[Connected]:
    with connected_fediverse() as found:
        yield found


def strangers(connected: Connected, hosts: list[str]) -> None:
    for number, host in enumerate(hosts):
        Unproven.objects.create(
            municipality=connected.town.city,
            channel=connected.channel,
            digest=f"{number}",
            key_id=f"https://{host}/users/u{number}#main-key",
            speaker=f"https://{host}/users/u{number}",
            signed=["x"],
            signature=b"x",
            body=b"{}",
            received_at=now(),
        )


def test_flood_of_strangers_makes_no_more_calls_a_minute_than_said(connected: Connected) -> None:
    strangers(connected, [f"h{number}.example" for number in range(400)])
    proving.note_strangers(connected.channel, now=now())
    at = now()
    claimed = sum(len(asking.claim(now=at, limit=6)) for _ in range(60))

    assert Signer.objects.count() == proving.MOST_ASKED_FOR
    assert claimed == asking.MOST_A_MINUTE
    assert asking.claim(now=at + timedelta(seconds=61), limit=6) != []


def test_one_server_is_asked_one_thing_at_a_time_and_seldom(connected: Connected) -> None:
    strangers(connected, ["one.example"] * 50)
    proving.note_strangers(connected.channel, now=now())
    at = now()
    claims = [len(asking.claim(now=at, limit=6)) for _ in range(30)]

    assert claims == [1] * asking.MOST_OF_A_HOST + [0] * (30 - asking.MOST_OF_A_HOST)


def test_key_that_nobody_gives_is_asked_for_once_and_its_words_go(connected: Connected) -> None:
    ghost = Person(connected.server.base_url, "ghost")
    for _ in range(3):
        connected.server.people.say(ghost, "Нет меня")
    connected.hear()

    asked = [path for method, path in connected.server.calls if path == "/users/ghost"]
    assert (len(asked), Unproven.objects.count(), Message.objects.count()) == (1, 0, 0)


def test_changed_key_is_asked_for_again(connected: Connected) -> None:
    connected.server.people.follow(connected.person())
    connected.hear()
    Signer.objects.update(pem=_another_key(), fetched_at=now() - timedelta(hours=1))
    connected.server.people.say(connected.person(), "Не горит фонарь, улица Лесная, дом 3")
    connected.hear()

    assert Message.objects.filter(is_ours=False).count() == 1


def test_full_queue_refuses_whoever_fills_it_first() -> None:
    assert Queue({"1.2.3.4": MOST_FROM_ONE}).is_full_for("1.2.3.4")
    assert not Queue({"1.2.3.4": MOST_FROM_ONE}).is_full_for("5.6.7.8")
    assert Queue({f"{n}": MOST_FROM_ONE // 2 for n in range(2 * MOST_WAITING // MOST_FROM_ONE)}).is_full_for("5.6.7.8")


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/u",
        "https://u:p@evil.example/u",
        "ftp://x/y",
        "https:///u",
        "javascript:1",
        "https://е.рф/u",
    ],
)
def test_odd_addresses_are_never_called(address: str) -> None:
    assert not is_address(address)


def test_nothing_inside_our_network_is_called() -> None:
    caller = Caller(Home("https://city.example", "mayor", "https://city.example/hooks/t"), PRIVATE, ssrf.client)

    for address in ("https://10.0.0.1/users/u#k", "https://[::1]/users/u#k", "https://169.254.169.254/u"):
        with pytest.raises(SendFailed) as refused:
            caller.fetch_signer(address, now=now())
        assert isinstance(refused.value.__cause__, httpx.ConnectError)


def _another_key() -> str:
    from otklik.connectors.activitypub.signatures import new_key, public_of

    return public_of(new_key())
