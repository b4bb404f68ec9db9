"""Posts in Instagram: containers, the wait for them, the limits, and doubts that are read up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Photo, Target
from otklik.connectors.instagram.connector import Instagram
from otklik.simulators.instagram.faults import Fault
from otklik.simulators.instagram.simulator import InstagramSimulator
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.instagram import accounts
from tests.servers import serve

HOME = "http://127.0.0.1/photos"
PHOTO = Photo(Path("/nowhere.jpg"), "Качели во дворе", url=f"{HOME}/a.jpg", width=1600, height=1200)
OTHER = Photo(Path("/nowhere.jpg"), "", url=f"{HOME}/b.jpg", width=1080, height=1350)
POST = Draft("post:1:1", DraftKind.POST, Target(), "Двор готов.", (PHOTO, OTHER))


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[InstagramSimulator, str]]:
    simulator = InstagramSimulator(accounts.ACCOUNT, accounts.TOKEN, accounts.APP_SECRET, in_background=False)
    with serve(simulator.asgi) as base_url:
        yield simulator, base_url


@pytest.fixture
def simulator(served: tuple[InstagramSimulator, str]) -> InstagramSimulator:
    town = served[0].town
    town.posts.clear()
    town.published.clear()
    town.slow_containers, town.posts_a_day = 0, 50
    return served[0]


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def connector(served: tuple[InstagramSimulator, str], pauses: list[float]) -> Instagram:
    made = Instagram.from_config(accounts.config(served[1]))
    return replace(made, account=replace(made.account, pause=pauses.append))


def test_album_is_published_once_in_its_order(connector: Instagram, simulator: InstagramSimulator) -> None:
    receipt = connector.send(POST)

    [post] = simulator.town.posts.values()
    assert (post.caption, post.photos) == ("Двор готов.", (PHOTO.url, OTHER.url))
    assert (receipt.external_id, receipt.post_external_id) == (post.id, post.id)
    assert (receipt.thread_key, receipt.permalink) == (f"media:{post.id}", f"https://www.instagram.com/p/{post.id}/")
    made = [call.params for call in simulator.calls if call.path.endswith("/media") and call.method == "POST"]
    assert [one.get("alt_text") for one in made[-3:]] == ["Качели во дворе", None, None]


def test_one_photo_is_a_post_of_its_own(connector: Instagram, simulator: InstagramSimulator) -> None:
    connector.send(replace(POST, photos=(OTHER,)))

    assert [post.photos for post in simulator.town.posts.values()] == [(OTHER.url,)]


def test_slow_photos_are_waited_for(connector: Instagram, simulator: InstagramSimulator, pauses: list[float]) -> None:
    simulator.town.slow_containers = 3

    connector.send(POST)

    assert pauses == [0.5, 1.0, 2.0]
    assert len(simulator.town.posts) == 1


def test_photos_that_are_never_ready_wait_for_the_next_turn(
    connector: Instagram, simulator: InstagramSimulator
) -> None:
    simulator.town.slow_containers = 99

    with pytest.raises(SendFailed) as failed:
        connector.send(POST)

    assert (failed.value.permanent, failed.value.retry_after_s) == (False, 60.0)
    assert simulator.town.posts == {}


def test_used_up_day_waits_an_hour(connector: Instagram, simulator: InstagramSimulator) -> None:
    simulator.town.posts_a_day = 1
    connector.send(POST)

    with pytest.raises(SendFailed, match="1 posts a day") as failed:
        connector.send(POST)

    assert (failed.value.permanent, failed.value.retry_after_s) == (False, 3600.0)
    assert len(simulator.town.posts) == 1


@pytest.mark.parametrize("edge", ["media", "read"])
@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.HTTP_ERROR, Fault.BROKEN_REPLY])
def test_failure_before_the_last_call_published_nothing(
    connector: Instagram, simulator: InstagramSimulator, edge: str, fault: Fault
) -> None:
    simulator.fail_next(fault, edges={edge})

    with pytest.raises(SendFailed) as failed:
        connector.send(POST)

    assert not failed.value.permanent
    assert simulator.town.posts == {}


@pytest.mark.parametrize(
    ("fault", "there"), [(Fault.TIMEOUT_BEFORE, 0), (Fault.TIMEOUT_AFTER, 1), (Fault.BROKEN_REPLY, 1)]
)
def test_doubt_about_the_last_call_is_read_up(
    connector: Instagram, simulator: InstagramSimulator, fault: Fault, there: int
) -> None:
    simulator.fail_next(fault, edges={"media_publish"})

    with pytest.raises(SendUnknown):
        connector.send(POST)

    found = connector.find_sent(POST)
    assert [post.id for post in simulator.town.posts.values()] == ([found.external_id] if found else [])
    assert len(simulator.town.posts) == there


def test_same_words_of_an_earlier_post_are_not_taken_for_it(
    connector: Instagram, simulator: InstagramSimulator
) -> None:
    simulator.town.publish("Двор готов.").at = RECEIVED_AT.timestamp() - 3600

    assert connector.find_sent(replace(POST, queued_at=RECEIVED_AT)) is None


@pytest.mark.parametrize(
    ("photos", "words"),
    [
        ((), "one to ten photos"),
        ((PHOTO,) * 11, "one to ten photos"),
        ((replace(PHOTO, url="http://city.example/a.jpg"),), "Only photo"),
        ((replace(PHOTO, mime="image/png"),), "JPEG"),
        ((PHOTO, replace(PHOTO, width=3000, height=1000)), "crop photo 2"),
        ((replace(PHOTO, width=500, height=1000),), "crop photo 1"),
    ],
)
def test_what_instagram_cannot_show_is_refused_for_good(
    connector: Instagram, simulator: InstagramSimulator, photos: tuple[Photo, ...], words: str
) -> None:
    with pytest.raises(SendFailed, match=words) as failed:
        connector.send(replace(POST, photos=photos))

    assert failed.value.permanent
    assert simulator.town.posts == {}


def test_site_without_https_names_the_remedy() -> None:
    real = Instagram.from_config(accounts.config("https://graph.instagram.example"))

    with pytest.raises(SendFailed, match="OTKLIK_PUBLIC_URL") as failed:
        real.send(POST)

    assert failed.value.permanent
