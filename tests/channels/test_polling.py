"""Asking networks: what comes is stored with its cursor or not at all, once, by one worker at a time."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from otklik.channels.models import Channel, Delivery, Message
from otklik.channels.polls import Poll
from otklik.channels.services import polling, receiving
from otklik.channels.services.connecting import disable
from otklik.channels.services.polling import Answered, TakenOver
from otklik.common.clock import now
from otklik.connectors.base import Round, SendFailed, SendUnknown
from otklik.connectors.events import Polled, Webhook
from otklik.connectors.registry import CONNECTORS
from otklik.connectors.site.connector import Site
from otklik.simulators.site.payloads import comment_submission
from otklik.worker.polling import Poller
from tests.stories import Town, found_town, store_body

pytestmark = pytest.mark.django_db

LETTERS = [
    comment_submission(f"p{number}", f"Яма, улица Садовая, дом {number}", name="Иван", visitor=f"v{number}")
    for number in range(5)
]
AT_ONCE = 2


class Asked(Site):
    """A network that is asked: it tells two bodies at a time, from the cursor on."""

    error: Exception | None = None

    def rounds(self) -> tuple[Round, ...]:
        return (Round("letters", 60.0),)

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        if self.error is not None:
            raise self.error
        start = int(cursor or 0)
        end = min(start + AT_ONCE, len(LETTERS))
        hooks = tuple(Webhook({"x-asked": name}, body, now) for body in LETTERS[start:end])
        return Polled(hooks, str(end), more=end < len(LETTERS))


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setitem(CONNECTORS, "site", Asked)
    monkeypatch.setattr(Asked, "error", None)
    found = found_town()
    polling.arrange(found.site, polling.rounds_of(found.site), now=now())
    return found


def claimed(worker: str = "one", *, at: datetime | None = None) -> Poll:
    [poll] = polling.claim(worker, now=at or now(), limit=8)
    return poll


def ask_and_record(poll: Poll, *, at: datetime | None = None) -> None:
    polling.record(poll, polling.ask(poll, now=at or now()), now=at or now())


def stored() -> list[str]:
    return [json.loads(bytes(one.body))["submission_id"] for one in Delivery.objects.order_by("id")]


def test_what_is_asked_for_goes_the_way_of_every_webhook(town: Town) -> None:
    for _ in range(3):
        ask_and_record(claimed())
    town.work()

    poll = Poll.objects.get()
    assert (stored(), poll.cursor) == ([f"p{number}" for number in range(5)], "5")
    assert Message.objects.filter(is_ours=False).count() == 5
    assert Delivery.objects.order_by("id")[0].headers == {"x-asked": "letters"}


def test_a_webhook_and_a_poll_of_one_thing_are_one(town: Town) -> None:
    store_body(town.site, LETTERS[1])
    ask_and_record(claimed())
    store_body(town.site, LETTERS[0])
    town.work()

    assert (stored(), Message.objects.filter(is_ours=False).count()) == (["p1", "p0"], 2)


def test_next_question_waits_unless_there_is_more(town: Town) -> None:
    at = now()
    ask_and_record(claimed(at=at), at=at)
    ask_and_record(claimed(at=at), at=at)
    ask_and_record(claimed(at=at), at=at)

    poll = Poll.objects.get()
    assert (poll.due_at, poll.last_success_at, poll.last_news_at) == (at + timedelta(seconds=60), at, at)
    assert polling.claim("one", now=at + timedelta(seconds=59), limit=8) == []


def test_quiet_answer_is_a_success_without_news(town: Town) -> None:
    at = now()
    Poll.objects.update(cursor="5")
    ask_and_record(claimed(at=at), at=at)

    poll = Poll.objects.get()
    assert (poll.last_success_at, poll.last_news_at, stored()) == (at, None, [])


def test_round_is_asked_by_one_worker_at_a_time(town: Town) -> None:
    claimed("one")

    assert polling.claim("two", now=now(), limit=8) == []


def test_worker_killed_before_storing_loses_nothing_and_doubles_nothing(town: Town) -> None:
    ask_and_record(claimed())
    polling.ask(claimed("dead"), now=now())

    assert polling.give_back(lambda name: name != "dead", now=now()) == 1
    for _ in range(2):
        ask_and_record(claimed("next"))
    assert stored() == [f"p{number}" for number in range(5)]


def test_worker_killed_while_storing_has_moved_no_cursor(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = claimed()
    answered = polling.ask(poll, now=now())

    def stores_and_dies(arrivals: list[receiving.Arrival]) -> None:
        receiving.store_silently(arrivals)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(polling, "store_silently", stores_and_dies)
        with pytest.raises(KeyboardInterrupt):
            polling.record(poll, answered, now=now())

    poll.refresh_from_db()
    assert (stored(), poll.cursor, poll.claimed_by) == ([], "", "one")


def test_slow_worker_whose_lease_ended_writes_nothing(town: Town) -> None:
    slow = claimed("slow")
    answered = polling.ask(slow, now=now())
    later = now() + polling.LEASE
    ask_and_record(claimed("quick", at=later), at=later)
    second = claimed("quick", at=later)
    ask_and_record(second, at=later)

    with pytest.raises(TakenOver):
        polling.record(slow, answered, now=later)
    assert (Poll.objects.get().cursor, stored()) == ("4", ["p0", "p1", "p2", "p3"])


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (SendFailed("wrong password", permanent=True), [5, 15, 60, 300, 900, 900]),
        (SendUnknown("silence"), [5, 15, 60, 300, 900, 900]),
        (SendFailed("wait", permanent=False, retry_after_s=42), [42, 42]),
        (SendFailed("wait", permanent=False, retry_after_s=10**9), [polling.MOST_PATIENCE_S]),
    ],
)
def test_failing_network_is_asked_less_and_less_often(
    town: Town, monkeypatch: pytest.MonkeyPatch, error: Exception, waits: list[float]
) -> None:
    monkeypatch.setattr(Asked, "error", error)
    at, found = now(), []
    for _ in waits:
        ask_and_record(claimed(at=at), at=at)
        poll = Poll.objects.get()
        assert poll.due_at is not None
        found.append((poll.due_at - at).total_seconds())
        at = poll.due_at

    poll = Poll.objects.get()
    assert (found, poll.error, poll.failures, poll.cursor) == (waits, str(error), len(waits), "")
    monkeypatch.setattr(Asked, "error", None)
    ask_and_record(claimed(at=at), at=at)
    poll.refresh_from_db()
    assert (poll.error, poll.failures, poll.last_success_at, poll.last_failure_at is not None) == ("", 0, at, True)


def test_changed_channel_is_asked_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asked, "error", SendFailed("wrong password", permanent=True))
    ask_and_record(claimed())
    assert polling.claim("one", now=now(), limit=8) == []
    polling.arrange(town.site, polling.rounds_of(town.site), now=now())

    assert claimed().name == "letters"


def test_round_that_is_no_longer_wanted_is_kept_and_not_asked(town: Town) -> None:
    ask_and_record(claimed())
    polling.arrange(town.site, (), now=now())
    assert polling.claim("one", now=now() + timedelta(days=1), limit=8) == []
    polling.arrange(town.site, polling.rounds_of(town.site), now=now())

    assert claimed().cursor == "2"


def test_switched_off_channel_is_not_asked(town: Town) -> None:
    disable(town.site, now=now())

    assert polling.claim("one", now=now(), limit=8) == []


def test_channel_that_cannot_be_used_says_why(town: Town) -> None:
    Channel.objects.update(sealed_secrets=b"")
    poll = claimed()
    answered = polling.ask(poll, now=now())

    assert answered == Answered(error="channel site: webhook_secret must have at least 16 characters", called=False)


@pytest.mark.parametrize("rows", [1, 30])
def test_rounds_of_channels_are_one_query(town: Town, rows: int, django_assert_num_queries: object) -> None:
    for number in range(rows):
        Poll.objects.create(municipality=town.city, channel=town.site, name=f"r{number}")

    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        assert len(polling.polls_of([town.site])[town.site.pk]) == rows + 1


def work_until(poller: Poller, done: int) -> None:
    for _ in range(200):
        poller.step()
        if Delivery.objects.count() >= done:
            return
    raise AssertionError("not everything was asked for")


@pytest.mark.django_db(transaction=True)
def test_worker_finds_the_channel_and_asks_until_there_is_no_more(town: Town) -> None:
    Poll.objects.all().delete()
    poller = Poller("one", lambda name: True)
    work_until(poller, 5)
    while poller.step():
        pass

    poll = Poll.objects.get()
    assert (stored(), poll.cursor, poll.claimed_by) == ([f"p{number}" for number in range(5)], "5", "")


@pytest.mark.django_db(transaction=True)
def test_mistake_of_ours_is_on_the_row_and_stops_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asked, "error", ZeroDivisionError("a defect of ours"))
    poller = Poller("one", lambda name: True)
    while not Poll.objects.filter(failures=1).exists():
        poller.step()

    assert "ZeroDivisionError: a defect of ours" in Poll.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_worker_that_ends_leaves_its_open_question_due(town: Town) -> None:
    poller = Poller("one", lambda name: True)
    claimed("one")
    poller.end()

    assert claimed("two").cursor == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one worker")
def test_two_workers_side_by_side_ask_and_store_everything_once(town: Town) -> None:
    asked: list[str] = []

    def work(name: str) -> None:
        for _ in range(60):
            for poll in polling.claim(name, now=now(), limit=8):
                asked.append(poll.cursor)
                ask_and_record(poll)
        connection.close()

    workers = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (asked, stored()) == (["", "2", "4"], [f"p{number}" for number in range(5)])


def test_nothing_is_recorded_for_a_round_taken_over_meanwhile(town: Town) -> None:
    poll = claimed()
    polling.arrange(town.site, (), now=now())

    with pytest.raises(TakenOver):
        polling.record(poll, Answered(cursor="9", error="too late"), now=now())
