"""The suite of networks that are asked: everything once and in order, again until the cursor moves, and no other error.

Give fixtures `polled` (a connector set up to be asked) and `unreachable_polled` (the same aimed at a closed port), the
class attribute `round_name`, and `happen`, which makes something happen in the network that the round brings.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.channels.states import CALLS
from otklik.connectors.base import Connector, Malformed, Polls, SendFailed, SendUnknown
from otklik.connectors.events import Polled
from tests.connectors.ground import RECEIVED_AT, shared

MOST = 1000
LONGEST_CURSOR = 100_000


class PollsContract:
    """Asking."""

    round_name: ClassVar[str]

    def happen(self, polled: Connector, number: int) -> None:
        """Make one thing happen that the round brings; called with 0, 1, 2, …"""
        raise NotImplementedError

    def ask(self, polled: Connector, cursor: str = "") -> Polled:
        return cast("Polls", polled).poll(self.round_name, cursor, now=RECEIVED_AT)

    def keys(self, polled: Connector, found: Polled) -> list[str]:
        return [polled.delivery_key(hook) for hook in found.hooks]

    @pytest.fixture
    def begun(self, polled: Connector) -> str:
        """The cursor of a round that has been asked before anything happened."""
        return self.ask(polled).cursor

    def test_round_is_declared(self, polled: Connector) -> None:
        rounds = cast("Polls", polled).rounds()

        assert self.round_name in [one.name for one in rounds]
        assert [one.name for one in rounds if not (0 < len(one.name) <= 40 and one.every_s >= 1)] == []
        assert [one.name for one in rounds if one.name not in CALLS] == []

    def test_everything_comes_once_and_again_until_the_cursor_moves(self, polled: Connector, begun: str) -> None:
        self.happen(polled, 0)
        self.happen(polled, 1)
        first = self.ask(polled, begun)
        again = self.ask(polled, begun)
        self.happen(polled, 2)
        second = self.ask(polled, first.cursor)

        keys = self.keys(polled, first)
        assert (len(keys), len(set(keys)), self.keys(polled, again)) == (2, 2, keys)
        assert (len(second.hooks), set(self.keys(polled, second)) & set(keys)) == (1, set())
        assert self.ask(polled, second.cursor).hooks == ()

    def test_what_comes_is_what_the_connector_reads(self, polled: Connector, begun: str) -> None:
        self.happen(polled, 0)
        found = self.ask(polled, begun)

        assert [len(polled.parse(hook)) for hook in found.hooks] == [1]
        assert [hook.received_at <= RECEIVED_AT + timedelta(days=1) for hook in found.hooks] == [True]
        assert (len(found.hooks) <= MOST, len(found.cursor) <= LONGEST_CURSOR) == (True, True)

    @shared
    @given(cursor=st.text(max_size=40) | st.integers().map(str) | st.just('{"next":"x"}') | st.just("[]"))
    def test_any_cursor_is_read_or_begins_anew(self, polled: Connector, cursor: str) -> None:
        try:
            found = self.ask(polled, cursor)
        except (SendFailed, SendUnknown):
            return
        for hook in found.hooks:
            try:
                polled.parse(hook)
            except Malformed:
                continue

    def test_network_that_is_away_is_one_error(self, unreachable_polled: Connector) -> None:
        with pytest.raises((SendFailed, SendUnknown)) as failed:
            self.ask(unreachable_polled)

        assert not getattr(failed.value, "permanent", False)
