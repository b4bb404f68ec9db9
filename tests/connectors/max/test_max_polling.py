from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from otklik.connectors.base import Connector
from otklik.connectors.max.connector import Max
from otklik.simulators.max.simulator import MaxSimulator
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.max import accounts
from tests.connectors.polls_contract import PollsContract
from tests.servers import closed_port, serve


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[MaxSimulator, str]]:
    simulator = MaxSimulator(
        accounts.TOKEN, accounts.CHANNEL, in_background=False, clock=lambda: RECEIVED_AT.timestamp() - 60
    )
    with serve(simulator.asgi) as url:
        yield simulator, url


class TestMaxPolling(PollsContract):
    round_name: ClassVar[str] = "channel"

    @pytest.fixture
    def polled(self, served: tuple[MaxSimulator, str]) -> Max:
        self.simulator, url = served
        self.simulator.town.messages.clear()
        self.post = self.simulator.town.publish("Ремонт")["body"]["mid"]
        return Max.from_config(accounts.config(url))

    @pytest.fixture
    def unreachable_polled(self) -> Max:
        return Max.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def happen(self, polled: Connector, number: int) -> None:
        self.simulator.town.comment(self.post, accounts.RESIDENT, f"Когда? {number}")
