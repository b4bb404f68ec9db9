"""Web push: the RFCs' own examples, who we are, and what a push service may answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from otklik.common import ssrf, webpush
from otklik.common.webpush import BadSubscription, Gone, Identity, NotTaken, PerhapsTaken, Push, Subscription
from otklik.simulators.push.simulator import Browser, PushSimulator
from tests.servers import closed_port, serve

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[PushSimulator, str]]:
    simulator = PushSimulator()
    with serve(simulator) as url:
        yield simulator, url


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return Identity(tmp_path / "push.key", "https://city.example")


def subscription(url: str, browser: Browser) -> Subscription:
    return Subscription.read(f"{url}/push/{browser.token}", browser.p256dh, browser.secret, allow_loopback=True)


def push(identity: Identity, to: Subscription, message: bytes = b"7", **said: str) -> None:
    with ssrf.client(allow_loopback=True) as http:
        webpush.send(http, identity, to, Push(message, **said), now=NOW)


def test_example_of_rfc_8291_is_encrypted_as_it_says() -> None:
    """Source: RFC 8291, section 5 and appendix A."""
    ours = ec.derive_private_key(
        int.from_bytes(webpush.decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    to = Subscription.read(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )

    body = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        to,
        salt=webpush.decoded("DGv6ra1nlYgDCS1FRnbzlw"),
        ours=ours,
        padded_to=0,
    )

    assert webpush.encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_message_is_read_by_its_browser_only_and_every_length_is_the_same(
    service: tuple[PushSimulator, str], identity: Identity
) -> None:
    simulator, url = service
    mine, other = (simulator.subscribe(identity.public) for _ in range(2))
    simulator.lengths.clear()

    for message in (b"1", "Сроки".encode()):
        push(identity, subscription(url, mine), message, topic="deadlines")
    stolen = Subscription(f"{url}/push/{mine.token}", *_keys(other))
    push(identity, stolen, b"not for you")

    assert mine.messages == [b"1", "Сроки".encode()]
    assert len(set(simulator.lengths)) == 1
    assert (simulator.headers[-1]["topic"], simulator.headers[-1]["ttl"]) == ("deadlines", "43200")


def _keys(browser: Browser) -> tuple[bytes, bytes]:
    return webpush.decoded(browser.p256dh), browser.auth


def test_push_service_refuses_whoever_the_browser_did_not_choose(
    service: tuple[PushSimulator, str], identity: Identity, tmp_path: Path
) -> None:
    simulator, url = service
    browser = simulator.subscribe(identity.public)
    somebody = Identity(tmp_path / "other.key", "https://city.example")

    with pytest.raises(NotTaken, match="403") as refused:
        push(somebody, subscription(url, browser))

    assert (refused.value.permanent, browser.messages) == (True, [])


def test_word_of_the_sender_is_for_one_service_and_half_a_day(identity: Identity) -> None:
    header = identity.authorization("https://push.example:8443/x/y?z=1", now=NOW)

    claims = json.loads(webpush.decoded(header.split(".")[1]))

    assert claims == {
        "aud": "https://push.example:8443",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "https://city.example",
    }
    assert header.endswith(f"k={identity.public}")


def test_identity_stays_the_same_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "push.key"

    publics = {Identity(file, "https://city.example").public for _ in range(2)}

    assert len(publics) == 1
    assert len(webpush.decoded(publics.pop())) == 65
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("fault", "error", "permanent", "wait_s"),
    [
        (404, Gone, None, None),
        (410, Gone, None, None),
        (429, NotTaken, False, 90.0),
        (503, NotTaken, False, None),
        (413, NotTaken, True, None),
        (400, NotTaken, True, None),
        (302, NotTaken, True, None),
    ],
)
def test_what_a_push_service_answers_is_told_apart(
    fault: int,
    error: type[Exception],
    permanent: bool | None,
    wait_s: float | None,
    service: tuple[PushSimulator, str],
    identity: Identity,
) -> None:
    simulator, url = service
    browser = simulator.subscribe(identity.public)
    simulator.retry_after = "90"
    simulator.faults.append(fault)

    with pytest.raises(error) as raised:
        push(identity, subscription(url, browser))

    assert getattr(raised.value, "permanent", None) == permanent
    assert getattr(raised.value, "wait_s", None) == wait_s


def test_push_service_that_falls_silent_may_have_taken_it(identity: Identity) -> None:
    browser = PushSimulator().subscribe(identity.public)
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        spoken, _ = listener.accept()
        spoken.recv(65536)
        spoken.close()

    ended = threading.Thread(target=hang_up)
    ended.start()
    with pytest.raises(PerhapsTaken):
        push(identity, subscription(f"http://127.0.0.1:{listener.getsockname()[1]}", browser))
    ended.join()
    listener.close()


def test_push_service_that_is_not_there_may_be_tried_again(identity: Identity) -> None:
    browser = PushSimulator().subscribe(identity.public)

    with pytest.raises(NotTaken) as raised:
        push(identity, subscription(f"http://127.0.0.1:{closed_port()}", browser))

    assert raised.value.permanent is False


def test_address_inside_our_own_network_is_refused_when_it_is_connected_to(identity: Identity) -> None:
    browser = PushSimulator().subscribe(identity.public)
    to = Subscription.read(f"https://127.0.0.1:{closed_port()}/x", browser.p256dh, browser.secret)

    with ssrf.client() as http, pytest.raises(NotTaken, match="inside our own network"):
        webpush.send(http, identity, to, Push(b"1"), now=NOW)


@pytest.mark.parametrize(
    ("endpoint", "p256dh", "auth"),
    [
        ("http://push.example/x", None, None),
        ("http://127.0.0.1/x", None, None),
        ("file:///etc/passwd", None, None),
        ("https://", None, None),
        ("https://name:word@push.example/x", None, None),
        ("https://push.example/" + "x" * 1000, None, None),
        (None, "BAAA", None),
        (None, "", None),
        (None, "*", None),
        (None, webpush.encoded(b"\x04" + bytes(64)), None),
        (None, None, "c2hvcnQ"),
    ],
)
def test_what_can_be_no_subscription_is_refused(endpoint: str | None, p256dh: str | None, auth: str | None) -> None:
    browser = PushSimulator().subscribe("")
    good = ("https://push.example/x", browser.p256dh, browser.secret)

    with pytest.raises(BadSubscription):
        Subscription.read(
            *(given if given is not None else fine for given, fine in zip((endpoint, p256dh, auth), good, strict=True))
        )


def test_message_that_is_too_long_is_refused() -> None:
    browser = PushSimulator().subscribe("")
    to = Subscription.read("https://push.example/x", browser.p256dh, browser.secret)

    with pytest.raises(ValueError, match="at most"):
        webpush.encrypt(b"x" * 2001, to)
