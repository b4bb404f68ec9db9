"""Telegram asked for updates, in place of its webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from otklik.connectors.base import Connector, SendFailed, SendUnknown
from otklik.connectors.telegram.connector import Telegram
from otklik.simulators.telegram.faults import Fault
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.connectors.ground import RECEIVED_AT as NOW
from tests.connectors.polls_contract import PollsContract
from tests.connectors.telegram import accounts
from tests.servers import Stage, closed_port, serve


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def telegram(stage: tuple[Stage, str]) -> TelegramSimulator:
    stage[0].play = simulator = TelegramSimulator(accounts.TOKEN, accounts.CHANNEL, accounts.GROUP, in_background=False)
    return simulator


@pytest.fixture
def connector(stage: tuple[Stage, str], telegram: TelegramSimulator) -> Telegram:
    return Telegram.from_config(accounts.config(stage[1], delivery="polling"))


class TestTelegramIsAsked(PollsContract):
    round_name = "updates"

    @pytest.fixture
    def polled(self, connector: Telegram, telegram: TelegramSimulator) -> Telegram:
        self.telegram = telegram
        return connector

    @pytest.fixture
    def unreachable_polled(self) -> Telegram:
        return Telegram.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}", delivery="polling"))

    def happen(self, polled: Connector, number: int) -> None:
        write(self.telegram, f"Яма {number}")


def write(telegram: TelegramSimulator, *texts: str) -> None:
    for text in texts:
        asyncio.run(telegram.direct_message(accounts.RESIDENT, text))


def ask(connector: Telegram, cursor: str = "", days: float = 0) -> tuple[list[str], str]:
    polled = connector.poll("updates", cursor, now=NOW + timedelta(days=days))
    said = [event.text for hook in polled.hooks for event in connector.parse(hook)]
    return said, polled.cursor


def test_only_a_channel_that_is_polled_is_asked(stage: tuple[Stage, str], connector: Telegram) -> None:
    by_webhook = Telegram.from_config(accounts.config(stage[1]))

    assert ([one.name for one in connector.rounds()], by_webhook.rounds()) == (["updates"], ())
    with pytest.raises(ValueError, match="delivery"):
        Telegram.from_config(accounts.config(stage[1], delivery="pigeon"))


def test_updates_come_once_and_again_until_the_cursor_moves(connector: Telegram, telegram: TelegramSimulator) -> None:
    write(telegram, "Яма", "Фонарь")
    said, cursor = ask(connector)
    write(telegram, "Лёд")

    assert said == ask(connector)[0][:2] == ["Яма", "Фонарь"]
    assert ask(connector, cursor)[0] == ["Лёд"]
    assert ask(connector, ask(connector, cursor)[1])[0] == []


def test_polled_update_has_the_key_of_its_webhook(connector: Telegram, telegram: TelegramSimulator) -> None:
    write(telegram, "Яма")
    [hook] = connector.poll("updates", "", now=NOW).hooks
    [pending] = telegram.deliveries.pending

    assert connector.delivery_key(hook) == connector.delivery_key(accounts.hook_of(pending.update))


def test_after_a_week_of_silence_no_number_is_named(connector: Telegram, telegram: TelegramSimulator) -> None:
    telegram.deliveries.next_id = 900
    write(telegram, "Яма")
    _, cursor = ask(connector)
    assert ask(connector, cursor)[0] == []
    telegram.deliveries.next_id = 5  # Telegram begins anywhere then
    write(telegram, "Фонарь")

    assert ask(connector, cursor, days=8)[0] == ["Фонарь"]


def test_webhook_that_is_still_set_is_removed(connector: Telegram, telegram: TelegramSimulator) -> None:
    write(telegram, "Яма")
    telegram.deliveries.url = "https://old.example/hooks/1"

    assert (ask(connector)[0], telegram.deliveries.url) == (["Яма"], "")


def test_subscribing_sets_or_removes_the_webhook(
    stage: tuple[Stage, str], connector: Telegram, telegram: TelegramSimulator
) -> None:
    Telegram.from_config(accounts.config(stage[1])).subscribe("https://city.example/hooks/1")
    before = telegram.deliveries.url
    webhook_left = connector.check()[-1]
    connector.subscribe("https://city.example/hooks/1")

    assert (before, telegram.deliveries.url) == ("https://city.example/hooks/1", "")
    assert (webhook_left.ok, connector.check()[-1].ok) == (False, True)


@pytest.mark.parametrize(
    ("fault", "error", "wait_s"),
    [
        (Fault.TOO_MANY, SendFailed, 7),
        (Fault.SERVER_ERROR, SendUnknown, None),
        (Fault.TIMEOUT_BEFORE, SendUnknown, None),
        (Fault.BROKEN_REPLY, SendUnknown, None),
        (Fault.UNAUTHORIZED, SendFailed, None),
    ],
)
def test_fault_is_one_error_and_loses_nothing(
    connector: Telegram, telegram: TelegramSimulator, fault: Fault, error: type[Exception], wait_s: float | None
) -> None:
    write(telegram, "Яма")
    telegram.fail_next(fault)
    with pytest.raises(error) as failed:
        ask(connector)

    assert (getattr(failed.value, "retry_after_s", None), accounts.TOKEN in str(failed.value)) == (wait_s, False)
    assert ask(connector)[0] == ["Яма"]
