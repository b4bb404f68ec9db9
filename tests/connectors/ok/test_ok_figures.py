from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from otklik.connectors.base import ChannelConfig
from otklik.connectors.figures import Figure, Tells
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.simulators.ok import faults
from tests.connectors.figures_contract import FiguresContract
from tests.connectors.ground import Fault
from tests.connectors.ok import accounts
from tests.connectors.ok.test_ok_contract import Network, _Ok, server

__all__ = ["server"]
TRENDS = {Figure.REACH: "reach", Figure.VIEWS: "renderings"}
SUMMARIES = {Figure.LIKES: "like_summary", Figure.SHARES: "reshare_summary"}


class TestOkFigures(_Ok, FiguresContract):
    account_tells = frozenset({Figure.FOLLOWERS, *TRENDS})
    post_tells = frozenset({Figure.VIEWS, Figure.COMMENTS, *SUMMARIES})

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.base_url, statistics="on")

    def tell_account(self, network: Network, figures: Mapping[Figure, int]) -> None:
        town = network.simulator.town
        town.counters = {"members": figures.get(Figure.FOLLOWERS)}
        town.trends = {TRENDS[figure]: value for figure, value in figures.items() if figure in TRENDS}

    def make_post(self, network: Network) -> str:
        return network.simulator.town.publish("Сквер")

    def tell_post(self, network: Network, post: str, figures: Mapping[Figure, int]) -> None:
        told: dict[str, Any] = {
            SUMMARIES[figure]: {"count": value, "self": False}
            for figure, value in figures.items()
            if figure in SUMMARIES
        }
        if Figure.COMMENTS in figures:
            told["discussion_summary"] = {"comments_count": figures[Figure.COMMENTS]}
        if Figure.VIEWS in figures:
            told["views_count"] = figures[Figure.VIEWS]
        network.simulator.town.summaries[post] = told

    def remove_post(self, network: Network, post: str) -> None:
        network.simulator.town.topics.pop(post)

    def tell_more(self, network: Network) -> None:
        network.simulator.town.counters["moods"] = 4

    def fail(self, network: Network, fault: Fault) -> None:
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                network.simulator.fail_next(faults.Fault.DENIED, doing="look")
            case _:
                network.simulator.fail_next(faults.Fault(fault.value), doing="look")

    def test_what_is_hardly_described_is_asked_only_with_the_setting(self, network: Network) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 7, Figure.REACH: 9})
        quiet = Odnoklassniki.from_config(accounts.config(network.base_url))
        network.simulator.calls.clear()

        assert (quiet.tells(), quiet.post_figures(["6001"])) == (Tells(frozenset({Figure.FOLLOWERS})), {})
        assert quiet.account_figures().figures == {Figure.FOLLOWERS: 7}
        assert network.simulator.calls == ["group.getCounters"]

    def test_without_a_persons_token_nothing_is_told(self, network: Network) -> None:
        assert Odnoklassniki.from_config(accounts.config(network.base_url, with_person=False)).tells() == Tells()

    def test_setting_that_is_neither_is_named(self, network: Network) -> None:
        with pytest.raises(ValueError, match="statistics: on or off"):
            Odnoklassniki.from_config(accounts.config(network.base_url, statistics="perhaps"))
