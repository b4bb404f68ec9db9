"""The suite of people who can't be written to: the window has closed, or they forbade it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from otklik.connectors.base import Connector, WindowClosed
from otklik.connectors.events import Draft, Photo
from tests.connectors.ground import Given, NetworkUnderTest
from tests.pictures import picture


class WindowContract(Given):
    """A window that closes, for networks that have one; `draft` is a private message."""

    def test_network_is_declared_to_close(self, connector: Connector) -> None:
        assert connector.capabilities.closes_to_people

    def test_closed_window_refuses_for_good_and_says_that_it_is_about_the_person(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        network.close_to(draft)

        with pytest.raises(WindowClosed) as closed:
            connector.send(draft)

        assert (closed.value.permanent, closed.value.retry_after_s, str(closed.value) != "") == (True, None, True)
        assert network.accepted() == []

    def test_closed_window_refuses_photos_too(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft, tmp_path: Path
    ) -> None:
        if not connector.takes_photos(draft.kind):
            return
        (tmp_path / "one.jpg").write_bytes(picture(320, 240))
        network.close_to(draft)

        with pytest.raises(WindowClosed):
            connector.send(replace(draft, photos=(Photo(tmp_path / "one.jpg", alt="one"),)))

        assert network.accepted() == []

    def test_closed_window_is_no_fault_of_the_account(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        before = connector.check()
        network.close_to(draft)
        with pytest.raises(WindowClosed):
            connector.send(draft)

        assert connector.check() == before

    def test_window_that_opens_again_takes_the_same_words(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        network.close_to(draft)
        with pytest.raises(WindowClosed):
            connector.send(draft)
        network.open_to(draft)

        connector.send(draft)

        assert network.accepted() == [draft.text]
