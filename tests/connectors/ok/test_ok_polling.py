from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from otklik.connectors.base import Connector
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.simulators.ok.simulator import OkSimulator
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.ok import accounts
from tests.connectors.polls_contract import PollsContract
from tests.servers import closed_port, serve


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[OkSimulator, str]]:
    simulator = accounts.simulator(clock=lambda: RECEIVED_AT.timestamp() - 60)
    with serve(simulator.asgi) as url:
        yield simulator, url


class TestOkPolling(PollsContract):
    round_name: ClassVar[str] = "comments"

    @pytest.fixture
    def polled(self, served: tuple[OkSimulator, str]) -> Odnoklassniki:
        self.simulator, url = served
        self.simulator.town.topics.clear()
        self.topic = self.simulator.town.publish("Ремонт")
        return Odnoklassniki.from_config(accounts.config(url))

    @pytest.fixture
    def unreachable_polled(self) -> Odnoklassniki:
        return Odnoklassniki.from_config(accounts.config(f"http://127.0.0.1:{closed_port()}"))

    def happen(self, polled: Connector, number: int) -> None:
        self.simulator.town.comment(self.topic, accounts.RESIDENT, f"Когда? {number}")
