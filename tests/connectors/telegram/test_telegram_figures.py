from __future__ import annotations

from collections.abc import Mapping

from otklik.connectors.figures import Figure
from otklik.connectors.telegram.connector import Telegram
from tests.connectors.figures_contract import FiguresContract
from tests.connectors.ground import Fault
from tests.connectors.telegram.test_telegram_contract import Network, _Telegram, server

__all__ = ["server"]


class TestTelegramFigures(_Telegram, FiguresContract):
    account_tells = frozenset({Figure.FOLLOWERS})

    def tell_account(self, network: Network, figures: Mapping[Figure, int]) -> None:
        network.simulator.town.member_count = figures.get(Figure.FOLLOWERS, -1)

    def fail(self, network: Network, fault: Fault) -> None:
        network._play(fault, "getChatMemberCount")

    def test_posts_tell_reactions_by_themselves(self, connector: Telegram) -> None:
        assert (connector.tells().posts, connector.posts_at_once) == (frozenset({Figure.REACTIONS}), 0)
