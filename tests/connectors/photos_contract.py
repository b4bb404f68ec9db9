"""The suite of photos that go along with an answer: uploaded, published once, in their order."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from otklik.connectors.arranging import arrange
from otklik.connectors.base import ChannelConfig, Connector, SendFailed, SendUnknown
from otklik.connectors.events import Draft, Photo
from tests.connectors.ground import OUTCOMES, Fault, Given, NetworkUnderTest, Outcome, outcome_of, send_obediently
from tests.pictures import picture


class PhotosContract(Given):
    """Photos that go along, for networks that take them: `draft` is sent with two of them."""

    @pytest.fixture
    def shown(self, tmp_path: Path) -> tuple[Photo, ...]:
        places = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
        for place, colour in zip(places, ("seagreen", "firebrick"), strict=True):
            place.write_bytes(picture(320, 240, colour=colour))
        return tuple(Photo(place, alt=place.stem) for place in places)

    @pytest.fixture
    def with_photos(self, draft: Draft, shown: tuple[Photo, ...]) -> Draft:
        return replace(draft, photos=shown)

    def test_photos_are_published_once_in_their_order_with_the_words(
        self, connector: Connector, network: NetworkUnderTest, with_photos: Draft
    ) -> None:
        receipt = connector.send(with_photos)

        assert network.accepted() == [with_photos.text]
        assert network.photos() == [tuple(photo.content() for photo in with_photos.photos)]
        assert receipt.external_id != ""

    def test_one_photo_needs_no_words(
        self, connector: Connector, network: NetworkUnderTest, with_photos: Draft
    ) -> None:
        connector.send(replace(with_photos, text="", photos=with_photos.photos[:1]))

        assert (network.accepted(), [len(shown) for shown in network.photos()]) == ([""], [1])

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.BROKEN_REPLY])
    def test_fault_gives_its_error_with_photos_too(
        self, connector: Connector, network: NetworkUnderTest, with_photos: Draft, fault: Fault
    ) -> None:
        network.fail_next(fault)

        assert outcome_of(lambda: connector.send(with_photos)) == OUTCOMES[fault]

    @pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.SERVER_ERROR_AFTER, Fault.TOO_MANY_BARE])
    def test_photos_are_never_published_twice(
        self, connector: Connector, network: NetworkUnderTest, with_photos: Draft, fault: Fault
    ) -> None:
        network.fail_next(fault)

        receipt = send_obediently(connector, with_photos)

        content = tuple(photo.content() for photo in with_photos.photos)
        assert network.photos() in ([], [content])
        if receipt is not None:
            assert network.photos() == [content]

    def test_refused_connection_means_not_sent_with_photos_too(
        self, unreachable: Connector, with_photos: Draft
    ) -> None:
        assert outcome_of(lambda: unreachable.send(with_photos)) == Outcome.LATER

    def test_long_words_go_on_behind_the_photos(
        self, connector: Connector, network: NetworkUnderTest, with_photos: Draft
    ) -> None:
        words = "Засыпали и закатали. " * 300
        parts = arrange(connector, with_photos.kind, words, with_photos.photos)

        for number, part in enumerate(parts):
            key = f"{with_photos.idempotency_key}-{number}"
            connector.send(replace(with_photos, idempotency_key=key, text=part.text, photos=part.photos))

        assert "".join("".join(network.accepted()).split()) == "".join(words.split())
        assert [len(shown) for shown in network.photos()] == [2, *[0] * (len(parts) - 1)]
        assert parts == arrange(connector, with_photos.kind, words, with_photos.photos)

    def test_more_photos_than_one_part_takes_follow_in_more(self, connector: Connector, with_photos: Draft) -> None:
        most = connector.capabilities.photos_in(with_photos.kind)
        many = (with_photos.photos * most)[: most + 1]

        parts = arrange(connector, with_photos.kind, "Готово.", many)

        assert [(part.text, len(part.photos)) for part in parts] == [("Готово.", most), ("", 1)]

    def test_account_takes_the_photos_that_its_network_takes(self, connector: Connector, draft: Draft) -> None:
        assert connector.takes_photos(draft.kind)

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.SERVER_ERROR, Fault.BROKEN_REPLY])
    def test_no_secret_is_shown_where_photos_fail(
        self, connector: Connector, network: NetworkUnderTest, config: ChannelConfig, with_photos: Draft, fault: Fault
    ) -> None:
        network.fail_next(fault)

        with pytest.raises((SendFailed, SendUnknown)) as failed:
            connector.send(with_photos)

        shown = "".join(traceback.format_exception(failed.value))
        assert [secret for secret in config.secrets.values() if secret in shown] == []
