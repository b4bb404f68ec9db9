"""Taking what is due: poison found by halving, one worker at a time, several on PostgreSQL."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from otklik.cases.models import Case
from otklik.channels.enums import DeliveryState
from otklik.channels.models import Delivery, Message
from otklik.channels.services.connecting import connect
from otklik.common.clock import now
from otklik.connectors.events import Event, Webhook
from otklik.connectors.registry import CONNECTORS
from otklik.connectors.site.connector import Site
from otklik.intake.understanding import Brain
from otklik.worker.presence import AnotherWorker, Presence
from otklik.worker.taking import take_due
from tests.stories import brain, found_town, store_body


class Brittle(Site):
    """A connector with a defect: it breaks on one text."""

    def parse(self, hook: Webhook) -> list[Event]:
        if b"poison" in hook.body:
            raise ZeroDivisionError("a defect of ours")
        return super().parse(hook)


def submission(key: str, text: str) -> bytes:
    return json.dumps({"submission_id": key, "text": text, "visitor": key}).encode()


@pytest.mark.django_db
def test_poison_row_is_found_marked_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    town = found_town()
    monkeypatch.setitem(CONNECTORS, "site", Brittle)
    for number in range(20):
        store_body(
            town.site, submission(f"k{number}", "poison" if number == 13 else f"Яма, улица Садовая, дом {number}")
        )
    town.work()

    assert Message.objects.filter(is_ours=False).count() == 19
    poison = Delivery.objects.get(state=DeliveryState.FAILED)
    assert poison.dedup_key == "submission:k13"
    assert "ZeroDivisionError: a defect of ours" in poison.note


@pytest.mark.django_db
def test_marked_row_that_is_tried_again_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    town = found_town()
    with monkeypatch.context() as broken:
        broken.setitem(CONNECTORS, "site", Brittle)
        store_body(town.site, submission("k1", "poison"))
        town.work()
    Delivery.objects.update(state=DeliveryState.RECEIVED)
    town.work()

    assert (Message.objects.get().text, Delivery.objects.get().state) == ("poison", DeliveryState.PARSED)


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="on PostgreSQL several workers may run")
def test_second_worker_on_sqlite_is_refused_and_may_come_when_the_first_is_gone(tmp_path: Path) -> None:
    first, second = Presence(tmp_path), Presence(tmp_path)
    first.begin()
    with pytest.raises(AnotherWorker):
        second.begin(wait_s=0.2)
    first.end()
    second.begin(wait_s=0.2)

    assert second.is_alive(second.name)
    assert not second.is_alive(first.name)
    second.end()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one worker")
def test_worker_on_postgresql_is_alive_until_its_connection_ends(tmp_path: Path) -> None:
    first, second = Presence(tmp_path), Presence(tmp_path)
    first.begin()
    second.begin()
    assert (first.is_alive(second.name), second.is_alive(first.name)) == (True, True)
    second.end()
    until = time.monotonic() + 10  # the server lets go when it has noticed the end of the connection
    while first.is_alive(second.name) and time.monotonic() < until:
        time.sleep(0.05)

    try:
        assert not first.is_alive(second.name)
    finally:
        first.end()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one worker")
def test_workers_side_by_side_take_everything_once() -> None:
    towns = [found_town(slug) for slug in ("yasnogorye", "zarechensk")]
    channels = [town.site for town in towns] + [connect(towns[0].city, "site", "second", "", {}, now=now())]
    for channel in channels:
        for number in range(150):
            text = f"Яма на дороге, улица Садовая, дом {channel.pk}{number}, почините"
            store_body(channel, submission(f"c{channel.pk}-{number}", text))

    def work() -> None:
        own = Brain()
        while Delivery.objects.filter(state=DeliveryState.RECEIVED).exists():
            take_due(own)
        connection.close()

    brain()
    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert Delivery.objects.filter(state=DeliveryState.PARSED).count() == 450
    assert Message.objects.filter(is_ours=False).count() == 450
    assert Case.objects.count() == 450
    for town in towns:
        numbers = list(Case.objects.filter(municipality=town.city).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a file's lock can't be lost")
def test_worker_whose_session_the_server_ended_shows_itself_again(tmp_path: Path) -> None:
    first, second = Presence(tmp_path), Presence(tmp_path)
    first.begin()
    second.begin()
    session = second._session
    assert session is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (session.info.backend_pid,))
    lost = not first.is_alive(second.name)

    second.keep()

    try:
        assert (lost, first.is_alive(second.name)) == (True, True)
    finally:
        first.end()
        second.end()
