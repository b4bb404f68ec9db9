"""Asking Instagram: comments that webhooks missed, and a delivery that Meta has switched off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from otklik.connectors.base import Connector
from otklik.connectors.instagram.connector import Instagram
from otklik.connectors.keeping import SUBSCRIPTION
from otklik.simulators.instagram.simulator import InstagramSimulator
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.instagram import accounts
from tests.connectors.instagram.accounts import ACCOUNT, NEIGHBOUR, RESIDENT
from tests.connectors.polls_contract import PollsContract
from tests.servers import Stage, closed_port, serve

ADDRESS = "https://city.example/hooks/t"


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def network(stage: tuple[Stage, str]) -> InstagramSimulator:
    made = InstagramSimulator(
        ACCOUNT, accounts.TOKEN, accounts.APP_SECRET, in_background=False, clock=RECEIVED_AT.timestamp
    )
    stage[0].play = made.asgi
    return made


@pytest.fixture
def polled(stage: tuple[Stage, str], network: InstagramSimulator) -> Instagram:
    return Instagram.from_config(replace(accounts.config(stage[1]), hook_url=ADDRESS))


class TestInstagramComments(PollsContract):
    round_name = "comments"

    @pytest.fixture
    def unreachable_polled(self) -> Instagram:
        return Instagram.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    @pytest.fixture(autouse=True)
    def post(self, network: InstagramSimulator) -> str:
        self.town = network.town
        self.media = network.town.publish("Дороги").id
        return self.media

    def happen(self, polled: Connector, number: int) -> None:
        self.town.comment(self.media, RESIDENT, f"Яма {number}")


def test_missed_comment_is_the_one_that_the_webhook_told(polled: Instagram, network: InstagramSimulator) -> None:
    begun = polled.poll("comments", "", now=RECEIVED_AT).cursor
    network.deliveries.url, network.deliveries.fields = ADDRESS, {"comments"}
    post = network.town.publish("Дороги")
    top = network.town.comment(post.id, RESIDENT, "Когда?")
    network.town.comment(post.id, NEIGHBOUR, "И у нас?", top.id)
    told = [accounts.hook_of(one.body) for one in network.deliveries.pending]

    found = polled.poll("comments", begun, now=RECEIVED_AT).hooks

    assert [polled.delivery_key(hook) for hook in found] == [polled.delivery_key(hook) for hook in told]
    pairs = zip([event for hook in found for event in polled.parse(hook)], told, strict=True)
    assert [(e.text, e.parent_external_id, e.thread_key) for e, _ in pairs] == [
        ("Когда?", "", f"media:{post.id}"),
        ("И у нас?", top.id, f"media:{post.id}"),
    ]


def test_more_posts_than_one_question_takes_are_asked_on_at_once(
    polled: Instagram, network: InstagramSimulator
) -> None:
    begun = polled.poll("comments", "", now=RECEIVED_AT).cursor
    for number in range(7):
        network.town.comment(network.town.publish(f"Запись {number}").id, RESIDENT, f"Яма {number}")
    brought, cursor, more = 0, begun, True
    while more:
        found = polled.poll("comments", cursor, now=RECEIVED_AT)
        brought, cursor, more = brought + len(found.hooks), found.cursor, found.more

    assert brought == 7


def test_what_was_said_before_we_began_is_no_gap(polled: Instagram, network: InstagramSimulator) -> None:
    post = network.town.publish("Дороги")
    network.town.comment(post.id, RESIDENT, "Давно").at -= 3600

    assert polled.poll("comments", "", now=RECEIVED_AT).hooks == ()


def test_delivery_that_meta_switched_off_is_switched_on_again(polled: Instagram, network: InstagramSimulator) -> None:
    before = polled.poll(SUBSCRIPTION, "", now=RECEIVED_AT).cursor
    polled.subscribe(ADDRESS)
    seen = polled.poll(SUBSCRIPTION, before, now=RECEIVED_AT).cursor
    network.deliveries.fields.clear()

    polled.poll(SUBSCRIPTION, seen, now=RECEIVED_AT)

    assert (before, seen, polled.is_subscribed(ADDRESS)) == ("", ADDRESS, True)
