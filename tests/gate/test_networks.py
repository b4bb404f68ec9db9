"""Every network's deliveries at the real gate, over real HTTP: authentic, replayed, forged, cut off and oversized."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from otklik.channels.fediverse import Unproven
from otklik.channels.models import Channel, Delivery, Message, SecurityEvent
from otklik.connectors.base import MAX_TEXT_CHARS
from otklik.connectors.registry import CONNECTORS
from otklik.gate.app import Gate
from otklik.gate.hooks import MAX_BODY
from otklik.worker.taking import take_channel
from tests.gate.knocking import Knocker, knockers
from tests.servers import serve
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db(transaction=True)

HOLE = "Яма на дороге, улица Садовая, дом 12, почините"
NO_DOOR = {"email"}
"""Fetched, so that nobody may bring anything."""
HELD = {"activitypub"}
"""Kept apart until the key of whoever signed it has proved it."""
SIGNED_WHOLE = {"site", "instagram", "reception", "activitypub", "vk"}
"""The proof covers the body, or stands in it: what was cut off on the way proves nothing."""


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def networks(town: Town) -> dict[str, Knocker]:
    return knockers(town)


@pytest.fixture
def gate(networks: dict[str, Knocker]) -> Iterator[str]:
    with serve(Gate()) as url:
        yield url


def of_each(networks: dict[str, Knocker], ask: Callable[[Knocker], object]) -> dict[str, object]:
    return {name: ask(one) for name, one in networks.items()}


def stored(one: Knocker) -> int:
    held = Unproven.objects.filter(channel=one.channel).count()
    return Delivery.objects.filter(channel=one.channel).count() + held


def take(channel: Channel) -> None:
    while take_channel(channel.pk, brain()):
        pass


def counted(kind: str, channels: list[Channel], times: int) -> dict[str, int]:
    """Return how often each was refused so, once all of it was written down: the gate counts a moment later."""
    wanted = dict.fromkeys((one.name for one in channels), times)
    until = time.monotonic() + 15
    found: dict[str, int] = {}
    while found != wanted and time.monotonic() < until:
        time.sleep(0.05)
        rows = SecurityEvent.objects.filter(kind=kind, channel__in=channels)
        found = dict(rows.values_list("channel__name", "count"))
    return found


def test_every_network_stands_here(networks: dict[str, Knocker]) -> None:
    assert set(networks) == set(CONNECTORS)


def test_authentic_delivery_is_stored_once_however_often_it_comes(networks: dict[str, Knocker], gate: str) -> None:
    bodies = {name: one.saying(HOLE) for name, one in networks.items()}
    proofs = {name: one.proof(bodies[name]) for name, one in networks.items()}
    statuses = [
        {name: one.knock(gate, bodies[name], proofs[name]).status_code for name, one in networks.items()}
        for _ in range(3)
    ]

    wanted = {name: 403 if name in NO_DOOR else 200 for name in networks}
    assert statuses == [wanted, wanted, wanted]
    assert of_each(networks, stored) == {name: int(name not in NO_DOOR) for name in networks}


def test_words_of_every_network_reach_the_inbox_through_the_gate(networks: dict[str, Knocker], gate: str) -> None:
    for one in networks.values():
        one.knock(gate, one.saying(HOLE))
        take(one.channel)

    said = {
        name: list(Message.objects.filter(channel=one.channel).values_list("text", flat=True))
        for name, one in networks.items()
    }
    assert said == {name: [] if name in NO_DOOR | HELD else [HOLE] for name in networks}


def test_forged_delivery_is_refused_and_counted_and_nothing_is_stored(networks: dict[str, Knocker], gate: str) -> None:
    statuses = [of_each(networks, lambda one: one.forge(gate, one.saying(HOLE)).status_code) for _ in range(2)]

    assert statuses == [dict.fromkeys(networks, 403)] * 2
    assert (Delivery.objects.count(), Unproven.objects.count()) == (0, 0)
    doors = [one.forged_at for one in networks.values()]
    assert counted("forged", doors, 2) == {one.name: 2 for one in doors}


def test_delivery_without_any_proof_is_refused(networks: dict[str, Knocker], gate: str) -> None:
    """VK's proof is in the body, and what proves Odnoklassniki is where it comes from: those are forged above."""
    others = {name: one for name, one in networks.items() if name not in {"vk", "ok"}}

    assert of_each(others, lambda one: one.knock(gate, one.saying(HOLE), {}).status_code) == dict.fromkeys(others, 403)
    assert (Delivery.objects.count(), Unproven.objects.count()) == (0, 0)


def test_delivery_cut_off_on_the_way_is_refused_or_kept_as_it_came_and_stops_nobody(
    networks: dict[str, Knocker], gate: str
) -> None:
    def cut(one: Knocker) -> int:
        body = one.saying(HOLE)
        return one.knock(gate, body[: len(body) // 2], one.proof(body)).status_code

    statuses = of_each(networks, cut)
    after = of_each(networks, lambda one: one.knock(gate, one.saying(HOLE)).status_code)
    for one in networks.values():
        take(one.channel)

    refused = SIGNED_WHOLE | NO_DOOR
    assert statuses == {name: 403 if name in refused else 200 for name in networks}
    assert after == {name: 403 if name in NO_DOOR else 200 for name in networks}
    failed = Delivery.objects.filter(state="failed").values_list("channel__network", flat=True)
    assert sorted(failed) == sorted(set(networks) - refused)
    heard = Message.objects.filter(text=HOLE).values_list("channel__network", flat=True)
    assert sorted(heard) == sorted(set(networks) - NO_DOOR - HELD)


def test_half_a_delivery_that_the_network_itself_proves_is_kept_raw(networks: dict[str, Knocker], gate: str) -> None:
    halves = {name: one.saying(HOLE)[:60] for name, one in networks.items()}
    statuses = {name: one.knock(gate, halves[name]).status_code for name, one in networks.items()}
    for one in networks.values():
        take(one.channel)

    # Half a body holds no secret of VK's, and names nobody who could have signed it in the fediverse.
    refused = NO_DOOR | {"vk", "activitypub"}
    assert statuses == {name: 403 if name in refused else 200 for name in networks}
    rows = {one.channel.network: (bytes(one.body), one.state) for one in Delivery.objects.select_related("channel")}
    assert rows == {name: (halves[name], "failed") for name in set(networks) - refused}


def test_five_megabytes_are_stored_and_their_words_cut_and_the_fediverse_takes_no_such_thing(
    networks: dict[str, Knocker], gate: str
) -> None:
    statuses = of_each(networks, lambda one: one.knock(gate, one.saying("яма " * 700_000)).status_code)
    for one in networks.values():
        take(one.channel)

    assert statuses == {name: {"email": 403, "activitypub": 413}.get(name, 200) for name in networks}
    lengths = {one.channel.network: len(one.text) for one in Message.objects.select_related("channel")}
    taken = set(networks) - NO_DOOR - HELD
    assert (set(lengths), max(lengths.values()) <= MAX_TEXT_CHARS, min(lengths.values()) > 0) == (taken, True, True)


@pytest.mark.parametrize("tells_length", [True, False])
def test_oversized_delivery_is_refused_and_counted_whatever_its_proof(
    networks: dict[str, Knocker], gate: str, *, tells_length: bool
) -> None:
    def knock(one: Knocker) -> int:
        body = b'{"text": "' + b"x" * MAX_BODY + b'"}'
        if tells_length:
            return one.knock(gate, body).status_code
        return one.trickle(gate, body)

    assert of_each(networks, knock) == dict.fromkeys(networks, 413)
    assert (Delivery.objects.count(), Unproven.objects.count()) == (0, 0)
    doors = [one.channel for one in networks.values()]
    assert counted("oversized", doors, 1) == {one.name: 1 for one in doors}
