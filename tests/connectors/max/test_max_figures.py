from __future__ import annotations

from collections.abc import Mapping

from otklik.connectors.figures import Figure, Tells
from otklik.connectors.max.connector import Max
from otklik.simulators.max import faults
from tests.connectors.figures_contract import FiguresContract
from tests.connectors.ground import Fault
from tests.connectors.max import accounts
from tests.connectors.max.test_max_contract import Network, _Max, server

__all__ = ["server"]


class TestMaxFigures(_Max, FiguresContract):
    account_tells = frozenset({Figure.FOLLOWERS})
    post_tells = frozenset({Figure.VIEWS})

    def tell_account(self, network: Network, figures: Mapping[Figure, int]) -> None:
        network.simulator.town.counted = {"participants_count": figures.get(Figure.FOLLOWERS)}

    def make_post(self, network: Network) -> str:
        return str(network.simulator.town.publish("Сквер")["body"]["mid"])

    def tell_post(self, network: Network, post: str, figures: Mapping[Figure, int]) -> None:
        stat = {"views": figures[Figure.VIEWS]} if figures else None
        network.simulator.town.messages[post]["stat"] = stat

    def remove_post(self, network: Network, post: str) -> None:
        network.simulator.town.messages.pop(post)

    def tell_more(self, network: Network) -> None:
        network.simulator.town.counted["mood_count"] = 4

    def fail(self, network: Network, fault: Fault) -> None:
        for doing in ("look", "read"):
            network._play(fault, doing)

    def test_bot_without_a_channel_is_told_nothing(self, network: Network) -> None:
        assert Max.from_config(accounts.config(network.base_url, channel_id="")).tells() == Tells()

    def test_refusal_of_the_channel_is_permanent(self) -> None:
        assert faults.REFUSALS[faults.Fault.DENIED].status == 403
