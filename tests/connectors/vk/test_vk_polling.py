"""VK asked: its long poll in place of callbacks, and the comments that callbacks have missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from otklik.connectors.base import Connector, SendFailed
from otklik.connectors.vk import polling
from otklik.connectors.vk.connector import Vk
from otklik.simulators.vk.faults import Fault
from otklik.simulators.vk.simulator import VkSimulator
from tests.connectors.ground import RECEIVED_AT as NOW
from tests.connectors.polls_contract import PollsContract
from tests.connectors.vk import accounts
from tests.servers import Stage, closed_port, serve


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def vk(stage: tuple[Stage, str]) -> VkSimulator:
    simulator = VkSimulator(
        accounts.GROUP, accounts.TOKEN, accounts.USER_TOKEN, in_background=False, clock=NOW.timestamp
    )
    stage[0].play = simulator.asgi
    return simulator


@pytest.fixture
def connector(stage: tuple[Stage, str], vk: VkSimulator) -> Vk:
    config = accounts.config(stage[1])
    made = Vk.from_config(replace(config, settings={**config.settings, "delivery": "polling"}))
    made.subscribe("https://city.example/hooks/1")
    return made


class TestVkIsAsked(PollsContract):
    round_name = "events"

    @pytest.fixture
    def polled(self, connector: Vk, vk: VkSimulator) -> Vk:
        self.vk = vk
        asyncio.run(vk.post("Дороги"))
        return connector

    @pytest.fixture
    def unreachable_polled(self) -> Vk:
        return Vk.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def happen(self, polled: Connector, number: int) -> None:
        comment(self.vk, f"Яма {number}")


def comment(vk: VkSimulator, *texts: str, reply_to: int | None = None) -> int:
    post = next(iter(vk.town.posts), None) or asyncio.run(vk.post("Дороги")).id
    made = [asyncio.run(vk.comment(post, accounts.RESIDENT, text, reply_to)) for text in texts]
    return made[-1].id


def ask(connector: Vk, name: str, cursor: str = "") -> tuple[list[str], str]:
    polled = connector.poll(name, cursor, now=NOW)
    said = [event.text for hook in polled.hooks for event in connector.parse(hook) if event.kind == "comment"]
    return said, polled.cursor


def test_what_is_asked_follows_the_settings(stage: tuple[Stage, str], connector: Vk) -> None:
    by_callback = Vk.from_config(accounts.config(stage[1]))
    without_person = Vk.from_config(accounts.config(stage[1], user_token=""))

    assert [one.name for one in connector.rounds()] == ["events", "comments"]
    assert ([one.name for one in by_callback.rounds()], without_person.rounds()) == (["comments"], ())


def test_events_come_once_and_again_until_the_cursor_moves(connector: Vk, vk: VkSimulator) -> None:
    _, begun = ask(connector, "events")
    comment(vk, "Яма", "Фонарь")
    said, cursor = ask(connector, "events", begun)
    comment(vk, "Лёд")

    assert said == ask(connector, "events", begun)[0][:2] == ["Яма", "Фонарь"]
    assert ask(connector, "events", cursor)[0] == ["Лёд"]


def test_polled_event_has_the_key_of_its_callback(stage: tuple[Stage, str], connector: Vk, vk: VkSimulator) -> None:
    _, begun = ask(connector, "events")
    comment(vk, "Яма")
    hooks = connector.poll("events", begun, now=NOW).hooks
    told = json.loads(hooks[-1].body)

    assert connector.delivery_key(hooks[-1]) == told["event_id"] != ""
    assert "secret" not in told


@pytest.mark.parametrize("failed", [1, 2, 3])
def test_lost_history_begins_anew_and_is_no_error(connector: Vk, vk: VkSimulator, failed: int) -> None:
    _, begun = ask(connector, "events")
    comment(vk, "Яма")
    vk.deliveries.long_poll.failures.append(failed)
    said, cursor = ask(connector, "events", begun)
    comment(vk, "Фонарь")

    assert (said, ask(connector, "events", cursor)[0]) == ([], ["Фонарь"])


def test_subscribing_to_be_asked_takes_the_callback_server_away(stage: tuple[Stage, str], vk: VkSimulator) -> None:
    by_callback = Vk.from_config(accounts.config(stage[1]))
    by_callback.subscribe("https://city.example/hooks/1")
    config = accounts.config(stage[1])
    polled = Vk.from_config(replace(config, settings={**config.settings, "delivery": "polling"}))
    before = [finding.ok for finding in polled.check()]
    polled.subscribe("https://city.example/hooks/1")

    assert vk.deliveries.servers == {}
    assert (before, [finding.ok for finding in polled.check()]) == ([True, True, False, True], [True] * 4)


def test_comments_that_callbacks_missed_are_found_with_their_answers(connector: Vk, vk: VkSimulator) -> None:
    top = comment(vk, "Яма")
    comment(vk, "И у нас", reply_to=top)
    said, cursor = ask(connector, "comments")
    comment(vk, "Фонарь")

    assert sorted(said) == ["И у нас", "Яма"]
    assert sorted(ask(connector, "comments", cursor)[0]) == ["И у нас", "Фонарь", "Яма"]


def test_found_comment_is_the_same_thing_as_its_callback(connector: Vk, vk: VkSimulator) -> None:
    _, begun = ask(connector, "events")
    comment(vk, "Яма")
    [found] = connector.poll("comments", "", now=NOW).hooks
    [told] = [hook for hook in connector.poll("events", begun, now=NOW).hooks if b"wall_reply_new" in hook.body]

    assert connector.parse(found) == connector.parse(told)


def test_what_was_said_before_we_looked_is_history(connector: Vk, vk: VkSimulator) -> None:
    vk.town.clock = lambda: NOW.timestamp() - 3600
    comment(vk, "Старая яма")
    vk.town.clock = NOW.timestamp
    comment(vk, "Новая яма")

    assert ask(connector, "comments")[0] == ["Новая яма"]


def test_many_posts_and_a_long_thread_are_looked_through_a_few_at_a_time(
    connector: Vk, vk: VkSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "SHOWN_ANSWERS", 2)
    posts = [asyncio.run(vk.post(f"Пост {number}")).id for number in range(7)]
    for post in posts:
        top = asyncio.run(vk.comment(post, accounts.RESIDENT, f"под {post}"))
    for number in range(4):
        asyncio.run(vk.comment(posts[-1], accounts.RESIDENT, f"ответ {number}", top.id))
    cursor, found, questions, more = "", set[str](), 0, True
    while more:
        polled = connector.poll("comments", cursor, now=NOW)
        cursor, more, questions = polled.cursor, polled.more, questions + 1
        found |= {event.text for hook in polled.hooks for event in connector.parse(hook)}

    assert found == {*(f"под {post}" for post in posts), *(f"ответ {number}" for number in range(4))}
    assert questions == 3


@pytest.mark.parametrize("method", ["wall.get", "wall.getComments", "groups.getLongPollServer"])
def test_fault_is_one_error_and_loses_nothing(connector: Vk, vk: VkSimulator, method: str) -> None:
    name = "events" if method.startswith("groups") else "comments"
    _, cursor = ask(connector, name)
    comment(vk, "Яма")
    vk.fail_next(Fault.HTTP_ERROR, methods=[method], code=429, retry_after_s=9)
    with pytest.raises(SendFailed) as failed:
        ask(connector, name, cursor)

    assert (failed.value.retry_after_s, ask(connector, name, cursor)[0]) == (9, ["Яма"])


def test_post_with_closed_comments_stops_nobody(connector: Vk, vk: VkSimulator) -> None:
    comment(vk, "Яма")
    asyncio.run(vk.post("Закрытый"))
    vk.fail_next(Fault.REFUSED, methods=["wall.getComments"], code=212)

    assert ask(connector, "comments")[0] == ["Яма"]
