"""Files of messages out of a network: beside the way of the message, again when it fails, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.channels.enums import FetchState
from otklik.channels.models import Message, MessageFile, Thread
from otklik.channels.services.connecting import connect
from otklik.channels.services.filing import fetch_next, file_attachments, let_go_of_deleted
from otklik.common.clock import now
from otklik.media.services.preparing import prepare_next
from otklik.simulators.telegram.faults import Fault
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.builders import make_city
from tests.connectors.telegram.accounts import CHANNEL, GROUP, SECRET, TOKEN
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import picture
from tests.servers import Stage, serve

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as url:
        yield stage, url


@pytest.fixture
def simulator(stage: tuple[Stage, str]) -> TelegramSimulator:
    simulator = TelegramSimulator(TOKEN, CHANNEL, GROUP, in_background=False)
    stage[0].play = simulator.asgi
    return simulator


@pytest.fixture
def message(stage: tuple[Stage, str], simulator: TelegramSimulator) -> Message:
    """A photo of a pothole in the discussion group, as the message's way stores it."""
    simulator.town.files["AgAC000001"] = picture(64, 48)
    city = make_city()
    values = {
        "bot_token": TOKEN,
        "webhook_secret": SECRET,
        "channel_chat_id": str(CHANNEL),
        "discussion_chat_id": str(GROUP),
        "api_base": stage[1],
    }
    channel = connect(city, "telegram", "city-tg", "", values, now=now())
    told = {"url": "", "mime": "image/jpeg", "filename": "", "may_store": True}
    return Message.objects.create(
        municipality=city,
        channel=channel,
        thread=Thread.objects.create(municipality=city, channel=channel, key="t", visibility="public"),
        object_key="k:1",
        external_id="1",
        root_key="k:1",
        kind="comment",
        visibility="public",
        attachments=[
            {**told, "kind": "photo", "source_ref": "AgAC000001"},
            {**told, "kind": "sticker", "source_ref": "S1"},
        ],
        occurred_at=now(),
        received_at=now(),
    )


def rows() -> list[tuple[str, str]]:
    return list(MessageFile.objects.order_by("position").values_list("kind", "state"))


def test_photo_is_fetched_and_what_is_no_photo_stays_there(message: Message) -> None:
    file_attachments([message], now=now())
    before = rows()

    done = [fetch_next(now=now()), fetch_next(now=now())]
    prepare_next(now=now())

    assert before == [("photo", FetchState.DUE), ("sticker", FetchState.LEFT)]
    assert done == [True, False]
    photo = MessageFile.objects.get(position=0)
    assert (photo.state, photo.file.state, photo.file.width) == (FetchState.KEPT, "ready", 64)


def test_message_without_files_costs_nothing(message: Message) -> None:
    message.attachments = []

    with CaptureQueriesContext(connection) as asked:
        file_attachments([message] * 50, now=now())

    assert (len(asked), rows()) == (0, [])


def test_network_that_fails_is_asked_again_and_not_for_ever(message: Message, simulator: TelegramSimulator) -> None:
    file_attachments([message], now=now())
    simulator.fail_next(Fault.SERVER_ERROR, times=20, method="getFile")
    at, asked = now(), 0
    while fetch_next(now=at):
        asked += 1
        at += timedelta(hours=4)

    photo = MessageFile.objects.get(position=0)
    assert (asked, photo.state, photo.file) == (7, FetchState.FAILED, None)
    assert photo.trouble.startswith("Telegram answered with 500")


def test_network_that_recovers_gives_the_file(message: Message, simulator: TelegramSimulator) -> None:
    file_attachments([message], now=now())
    simulator.fail_next(Fault.SERVER_ERROR, method="getFile")

    first = fetch_next(now=now())
    too_soon = fetch_next(now=now())
    later = fetch_next(now=now() + timedelta(minutes=1))

    assert (first, too_soon, later) == (True, False, True)
    assert rows()[0] == ("photo", FetchState.KEPT)


def test_file_that_the_network_does_not_know_is_given_up_at_once(
    message: Message, simulator: TelegramSimulator
) -> None:
    simulator.town.files.clear()
    file_attachments([message], now=now())

    fetch_next(now=now())

    assert rows()[0] == ("photo", FetchState.FAILED)


def test_program_sent_as_a_photo_is_not_kept(message: Message, simulator: TelegramSimulator) -> None:
    simulator.town.files["AgAC000001"] = b"MZ" + bytes(100)
    file_attachments([message], now=now())

    fetch_next(now=now())

    assert rows()[0] == ("photo", FetchState.FAILED)


def test_file_of_a_deleted_message_is_not_fetched_and_let_go(message: Message) -> None:
    file_attachments([message], now=now())
    Message.objects.update(deleted_at=now())

    fetch_next(now=now())

    assert rows()[0] == ("photo", FetchState.LEFT)
    assert (let_go_of_deleted(), rows()) == (2, [])
