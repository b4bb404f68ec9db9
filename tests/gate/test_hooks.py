"""The networks' door, over real HTTP: what is acknowledged is on disk; what is forged is refused and counted."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from otklik.channels.connections import secrets_of
from otklik.channels.models import Channel, Delivery, SecurityEvent
from otklik.channels.services.connecting import connect, disable
from otklik.common.clock import now
from otklik.gate.app import Gate
from otklik.gate.http import remote_of
from otklik.simulators.instagram import payloads as instagram
from otklik.simulators.site.payloads import comment_submission, headers
from otklik.simulators.telegram import payloads as telegram
from otklik.simulators.vk import payloads as vk
from tests.servers import serve
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def gate(town: Town) -> Iterator[str]:
    with serve(Gate()) as url:
        yield url


def signed(town: Town, body: bytes) -> dict[str, str]:
    return headers(secrets_of(town.site)["webhook_secret"], body)


def hook(gate: str, channel: Channel) -> str:
    return f"{gate}/hooks/{channel.hook_token}"


def submission(number: int) -> bytes:
    return comment_submission(f"g{number}", "Яма на дороге", name="Иван", visitor=f"v{number}")


def test_signed_webhook_is_stored_before_it_hears_200(town: Town, gate: str) -> None:
    body = submission(1)
    answer = httpx.post(hook(gate, town.site), content=body, headers=signed(town, body))

    stored = Delivery.objects.get()
    assert answer.status_code == 200
    assert (bytes(stored.body), stored.dedup_key, stored.state) == (body, "submission:g1", "received")


def test_forged_signature_is_refused_and_counted(town: Town, gate: str) -> None:
    body = submission(1)
    for _ in range(3):
        answer = httpx.post(hook(gate, town.site), content=body, headers={"x-otklik-signature": "sha256=00"})
        assert answer.status_code == 403
    until = time.monotonic() + 10
    while time.monotonic() < until and not SecurityEvent.objects.filter(count=3).exists():
        time.sleep(0.1)

    assert not Delivery.objects.exists()
    assert list(SecurityEvent.objects.values_list("kind", "count", "channel")) == [("forged", 3, town.site.pk)]


def test_client_that_leaves_half_way_is_forgotten_without_a_fuss(
    town: Town, gate: str, caplog: pytest.LogCaptureFixture
) -> None:
    body, address = submission(1), urlsplit(hook(gate, town.site))
    with socket.create_connection((address.hostname, address.port)) as leaving:
        begun = f"POST {address.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        leaving.sendall(begun.encode() + body[:10])
    httpx.post(hook(gate, town.site), content=body, headers=signed(town, body))

    assert Delivery.objects.count() == 1
    assert [record.message for record in caplog.records if record.exc_info] == []


def test_signature_of_another_channel_is_refused(town: Town, gate: str) -> None:
    other = found_town("zarechensk")
    body = submission(1)

    assert httpx.post(hook(gate, other.site), content=body, headers=signed(town, body)).status_code == 403


def test_unknown_channel_is_not_there(town: Town, gate: str) -> None:
    assert httpx.post(f"{gate}/hooks/no-such-token", content=submission(1)).status_code == 404


def test_what_comes_to_a_channel_that_is_switched_off_is_kept_and_what_is_forged_refused(town: Town, gate: str) -> None:
    disable(town.site, "Сеть сбоит", now=now())

    kept = httpx.post(hook(gate, town.site), content=submission(1), headers=signed(town, submission(1)))
    forged = httpx.post(hook(gate, town.site), content=submission(2), headers=signed(town, submission(1)))

    assert (kept.status_code, forged.status_code) == (200, 403)
    assert [one.dedup_key for one in Delivery.objects.all()] == ["submission:g1"]


def test_door_takes_only_posts(town: Town, gate: str) -> None:
    answer = httpx.get(hook(gate, town.site))

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", "яма".encode("cp1251"), b'{"submission_id": 5}', b"[" * 50_000, b'{"text": "x"}'],
    ids=["empty", "cut", "array", "null", "wrong charset", "wrong type", "deep", "no id"],
)
def test_signed_nonsense_is_stored_raw_and_acknowledged(town: Town, gate: str, body: bytes) -> None:
    answer = httpx.post(hook(gate, town.site), content=body, headers=signed(town, body))
    town.work()

    stored = Delivery.objects.get()
    assert answer.status_code == 200
    assert (bytes(stored.body), stored.state) == (body, "failed")


def test_five_megabytes_are_stored_and_ten_are_refused_and_counted(town: Town, gate: str) -> None:
    large, too_large = (
        comment_submission(f"l{size}", "я" * size, name="", visitor="v") for size in (2_500_000, 5_000_000)
    )

    assert httpx.post(hook(gate, town.site), content=large, headers=signed(town, large)).status_code == 200
    assert httpx.post(hook(gate, town.site), content=too_large, headers=signed(town, too_large)).status_code == 413
    assert Delivery.objects.count() == 1


def test_same_delivery_from_many_clients_at_once_is_stored_once(town: Town, gate: str) -> None:
    bodies = [submission(number) for number in range(20)]

    def post_all() -> None:
        with httpx.Client() as client:
            for body in bodies:
                assert client.post(hook(gate, town.site), content=body, headers=signed(town, body)).status_code == 200

    threads = [threading.Thread(target=post_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(Delivery.objects.values_list("dedup_key", flat=True)) == sorted(f"submission:g{n}" for n in range(20))


def test_secret_that_a_network_puts_into_the_body_is_not_kept(town: Town, gate: str) -> None:
    channel = connect(
        town.city,
        "vk",
        "vk",
        "",
        {"group_id": "77", "token": "vk1.community", "callback_secret": "sEcret123"},
        now=now(),
    )
    body = vk.comment_callback(
        event_id="e1",
        group_id=77,
        secret="sEcret123",
        comment_id=1,
        post_id=5,
        from_id=9,
        text="Яма",
        date=1_763_800_000,
    )
    answer = httpx.post(hook(gate, channel), content=body)

    assert (answer.status_code, answer.text) == (200, "ok")
    assert b"sEcret123" not in bytes(Delivery.objects.get().body)


def test_telegrams_secret_header_is_not_kept(town: Town, gate: str) -> None:
    settings = {
        "bot_token": "4242:AAEtests-Abcdefghijklmnopqrst",
        "channel_chat_id": "-1002",
        "discussion_chat_id": "-1001",
    }
    channel = connect(town.city, "telegram", "tg", "", settings, now=now())
    body = telegram.comment_update(
        update_id=1,
        message_id=2,
        text="Яма",
        user_id=3,
        user_name="Иван",
        chat_id=-1001,
        thread_id=1,
        date=1_763_800_000,
    )
    secret = secrets_of(channel)["webhook_secret"]
    answer = httpx.post(hook(gate, channel), content=body, headers=telegram.headers(secret))

    assert answer.status_code == 200
    assert secret not in json.dumps(Delivery.objects.get().headers)


def test_new_channel_is_heard_within_seconds(town: Town, gate: str) -> None:
    body = submission(1)
    httpx.post(hook(gate, town.site), content=body, headers=signed(town, body))
    second = connect(town.city, "site", "second", "", {}, now=now())
    mark = headers(secrets_of(second)["webhook_secret"], body)
    until, status = time.monotonic() + 5, 404
    while status == 404 and time.monotonic() < until:
        status = httpx.post(hook(gate, second), content=body, headers=mark).status_code

    assert status == 200


def instagram_of(town: Town) -> Channel:
    settings = {
        "account_id": "17841400000000001",
        "token": "IGAA-of-the-tests",
        "app_secret": "0123456789abcdef",
        "verify_token": "a word of ours",
    }
    return connect(town.city, "instagram", "ig", "", settings, now=now())


def asked(**changes: str) -> dict[str, str]:
    return {f"hub.{name}": one for name, one in {"mode": "subscribe", "challenge": "115", **changes}.items()}


def test_challenge_is_answered_to_whoever_shows_our_word(town: Town, gate: str) -> None:
    answer = httpx.get(hook(gate, instagram_of(town)), params=asked(verify_token="a word of ours"))

    assert (answer.status_code, answer.text) == (200, "115")
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
        "text/plain; charset=utf-8",
        "nosniff",
    )
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "params",
    [{}, asked(), asked(verify_token=""), asked(verify_token="a word"), asked(mode="", verify_token="a word of ours")],
)
def test_challenge_without_our_word_is_refused_and_counted(town: Town, gate: str, params: dict[str, str]) -> None:
    answer = httpx.get(hook(gate, instagram_of(town)), params=params)
    until = time.monotonic() + 10
    while time.monotonic() < until and not SecurityEvent.objects.exists():
        time.sleep(0.1)

    assert (answer.status_code, "115" in answer.text) == (403, False)
    assert list(SecurityEvent.objects.values_list("kind", "count")) == [("forged", 1)]


def test_signature_over_other_bytes_of_the_same_json_is_refused(town: Town, gate: str) -> None:
    channel, body = instagram_of(town), b'{"object":"instagram","entry":[]}'
    signed_headers = instagram.signature("0123456789abcdef", body)
    spaced = body.replace(b":", b": ")

    statuses = [
        httpx.post(hook(gate, channel), content=content, headers=signed_headers).status_code
        for content in (spaced, body)
    ]

    assert statuses == [403, 200]


OK_MESSAGE = {
    "sender": {"user_id": "user:574", "name": "Иван"},
    "recipient": {"chat_id": "chat:C3e"},
    "message": {"text": "Яма", "seq": 1, "mid": "mid:C3e.1"},
    "timestamp": 1772443740942,
}


@pytest.mark.parametrize(
    ("networks", "forwarded", "status"),
    [
        ("217.20.145.192/28", "", 403),
        ("217.20.145.192/28", "217.20.145.200", 403),
        ("127.0.0.0/8", "", 200),
        ("127.0.0.0/8", "217.20.145.200", 200),
        ("off", "", 200),
    ],
)
def test_unsigned_network_is_known_by_where_it_comes_from_not_by_what_it_says(
    town: Town, gate: str, networks: str, forwarded: str, status: int
) -> None:
    values = {"group_id": "5", "group_key": "key", "source_networks": networks}
    channel = connect(town.city, "ok", "ok", "", values, now=now())
    told = {"x-forwarded-for": forwarded} if forwarded else {}
    answer = httpx.post(hook(gate, channel), json=OK_MESSAGE, headers=told)

    assert (answer.status_code, Delivery.objects.count()) == (status, int(status == 200))


@pytest.mark.parametrize(
    ("told", "behind_proxy", "remote"),
    [
        ("", True, "127.0.0.1"),
        ("217.20.145.200", True, "217.20.145.200"),
        ("217.20.145.200, 203.0.113.7", True, "203.0.113.7"),
        ("217.20.145.200", False, "127.0.0.1"),
    ],
)
def test_proxy_on_this_machine_is_believed_about_the_last_address_only(
    told: str, behind_proxy: bool, remote: str
) -> None:
    headers = {"x-forwarded-for": told} if told else {}

    assert remote_of({"client": ("127.0.0.1", 5)}, headers, behind_proxy=behind_proxy)[0] == remote
    assert remote_of({"client": ("203.0.113.9", 5)}, headers, behind_proxy=behind_proxy) == ("203.0.113.9", False)
