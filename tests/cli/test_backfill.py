"""`otklik channel backfill`: an account's past moves in by its network's API, once, whatever happens half-way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache

from otklik.cases.models import Case
from otklik.channels.backfills import Backfill
from otklik.channels.enums import Decision
from otklik.channels.models import Channel, Delivery, Message, Outgoing, SearchEntry
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.cli.main import otklik
from otklik.common.clock import now
from otklik.connectors.vk import past
from otklik.posts.models import Origin, Post, Publication
from otklik.simulators.vk import payloads
from otklik.simulators.vk.faults import Fault
from otklik.simulators.vk.simulator import VkSimulator
from otklik.worker.taking import take_channel
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.public.town import make_town
from tests.servers import serve
from tests.stories import brain

pytestmark = pytest.mark.django_db
BEGAN = datetime(2024, 3, 2, 10, tzinfo=UTC).timestamp()
DAY = 86_400


@dataclass
class Clock:
    at: float = BEGAN

    def __call__(self) -> float:
        return self.at


@dataclass
class Network:
    vk: VkSimulator
    channel: Channel
    clock: Clock = field(default_factory=Clock)

    def post(self, text: str) -> int:
        self.clock.at += DAY
        return self.vk.town.publish(text, self.vk.town.owner_id).id

    def comment(self, post: int, text: str, who: int = 9, to: int | None = None) -> int:
        return self.vk.town.comment(post, who, text, to).id


@pytest.fixture
def network(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:  # noqa: F811
    cache.clear()
    monkeypatch.setattr("otklik.cli.backfilling.time.sleep", lambda _: None)
    town, clock = make_town(), Clock()
    vk = VkSimulator(77, "community-token-1", "user-token-1", in_background=False, clock=clock)
    with serve(vk.asgi) as url:
        secrets = {"token": "community-token-1", "callback_secret": "cbSecret77", "user_token": "user-token-1"}
        values = {"group_id": "77", "api_base": url, **secrets}
        yield Network(vk, connect(town.city, "vk", "city-vk", "", values, now=now()), clock)


@pytest.fixture
def blog(network: Network) -> Network:
    """Thirty posts; under the fifth a talk with a long thread and more comments than a page holds."""
    posts = [network.post(f"Запись {number}") for number in range(1, 31)]
    asked = network.comment(posts[4], "Когда починят дорогу?")
    network.comment(posts[4], "Весной", who=network.vk.town.owner_id, to=asked)
    for number in range(13):
        network.comment(posts[4], f"Ответ {number}", who=20 + number, to=asked)
    for number in range(120):
        network.comment(posts[4], f"Мнение {number}", who=100 + number)
    network.vk.town.numbers.posts[posts[4]] = {"likes": 312, "comments": 135, "views": 9001}
    network.vk.town.publish("Пишу вам на стену", 34)
    return network


def run(*options: str, name: str = "city-vk") -> Result:
    return CliRunner().invoke(otklik, ["channel", "backfill", name, *options])


def came(channel: Channel) -> tuple[list[object], ...]:
    """All that a reading leaves, without ids and the moments of reading."""
    of = Message.objects.filter(channel=channel)
    fields = ("object_key", "root_key", "parent_key", "text", "kind", "decision", "is_ours", "identity__external_id")
    return (
        sorted(Origin.objects.values_list("key", "post__title", "post__published_at", "likes", "views")),
        sorted(of.values_list(*fields), key=str),
        sorted(Publication.objects.filter(channel=channel).values_list("external_id", "post__title")),
        sorted(Backfill.objects.values_list("posts", "posts_before", "words", "words_fresh", "pages")),
    )


def test_blog_moves_in_with_its_comments_and_numbers(blog: Network) -> None:
    done = run()

    road = Post.objects.get(origin__likes=312)
    asked = Message.objects.get(text="Когда починят дорогу?")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "Posts: 30 came in.",
        "Comments: 136 came in; they open no cases.",
    ]
    assert (road.title, road.published_at.year, road.origin.views) == ("Запись 5", 2024, 9001)
    assert (asked.decision, asked.object_key) == (
        Decision.NO_ANSWER,
        f"wall-77_5:{asked.external_id}",
    )
    assert Message.objects.get(text="Весной").root_key == asked.object_key
    assert Message.objects.filter(text__startswith="Ответ").count() == 13
    assert Message.objects.filter(text__startswith="Мнение").count() == 120
    assert SearchEntry.objects.filter(message=asked).exists()
    assert (Case.objects.count(), Outgoing.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_second_run_adds_nothing(blog: Network) -> None:
    run()
    before = came(blog.channel)[:3]

    done = run()

    assert done.output.splitlines()[0] == "Posts: 0 came in, 30 were here already."
    assert came(blog.channel)[:3] == before


@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_stopped_and_gone_on_equals_one_run(blog: Network, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    run()
    whole = came(blog.channel)
    _forget(blog.channel)
    killed = KillsAfter(calls)
    monkeypatch.setattr("otklik.cli.backfilling.time.sleep", killed)

    with pytest.raises(Killed):
        run()
    monkeypatch.setattr("otklik.cli.backfilling.time.sleep", lambda _: None)
    second = run()

    assert second.output.splitlines()[0] == f"Going on where it was stopped; pages stored before: {calls}."
    assert came(blog.channel) == whole


class Killed(BaseException):
    """The process is gone."""


@dataclass
class KillsAfter:
    calls: int

    def __call__(self, _: float) -> None:
        self.calls -= 1
        if not self.calls:
            raise Killed


def _forget(channel: Channel) -> None:
    Message.objects.filter(channel=channel).delete()
    Backfill.objects.all().delete()
    Publication.objects.filter(post__origin__isnull=False).delete()
    Origin.objects.all().delete()


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.HTTP_ERROR, 429), (Fault.HTTP_ERROR, 503), (Fault.BROKEN_REPLY, 0), (Fault.REFUSED, 6)]
)
def test_network_that_falters_is_waited_for(blog: Network, fault: Fault, code: int) -> None:
    blog.vk.fail_next(fault, methods={"wall.getComments"}, code=code, times=2)

    assert run().output.splitlines()[0] == "Posts: 30 came in."


def test_network_that_stays_broken_is_told_and_the_next_run_goes_on(blog: Network) -> None:
    blog.vk.fail_next(Fault.HTTP_ERROR, methods={"wall.getComments"}, code=503, times=5)

    broken = run()

    assert (broken.exit_code, len(broken.output.strip().splitlines())) == (1, 1)
    assert "VK answered 503; what was read is kept, the same command goes on from there" in broken.output
    assert run().output.splitlines()[:2] == [
        "Going on where it was stopped; pages stored before: 2.",
        "Posts: 30 came in.",
    ]


def test_comment_that_the_webhook_brought_is_the_same_message(network: Network) -> None:
    post = network.post("Дороги")
    said = network.comment(post, "Спасибо за парк!")
    body = payloads.comment_callback(
        event_id="e1", group_id=77, secret="", comment_id=said, post_id=post, from_id=9, text="Спасибо за парк!",
        date=int(network.clock.at),
    )  # fmt: skip
    store([Arrival(network.channel.municipality_id, network.channel.pk, "d1", body, now())])
    take_channel(network.channel.pk, brain())

    done = run()

    assert "Comments: 0 came in, 1 were here already" in done.output
    assert Message.objects.filter(text="Спасибо за парк!").count() == 1


def test_what_was_said_lately_goes_to_the_inbox_only_when_told(network: Network) -> None:
    network.clock.at = now().timestamp() - 4 * DAY
    network.comment(network.post("Дороги"), "Яма на дороге, улица Садовая, дом 12, почините")
    run()
    assert (Delivery.objects.count(), Message.objects.filter(decision=Decision.NO_ANSWER).count()) == (0, 1)
    _forget(network.channel)

    done = run("--cases-since", "5")
    take_channel(network.channel.pk, brain())

    assert "Said lately: 1; they go to the inbox as if they had just arrived." in done.output
    assert Case.objects.filter(channel=network.channel).count() == 1


def test_since_ends_the_walk(blog: Network) -> None:
    done = run("--since", "2024-03-23")

    assert done.output.splitlines()[0] == "Posts: 10 came in."


def test_deleted_while_walking_costs_no_other(blog: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = max(blog.vk.town.posts)
    gone = iter(sorted(blog.vk.town.posts)[-4:-1])

    def delete(_: float) -> None:
        if (post := next(gone, None)) is not None and post != newest:
            del blog.vk.town.posts[post]

    monkeypatch.setattr("otklik.cli.backfilling.time.sleep", delete)
    run()

    assert set(Origin.objects.values_list("post__title", flat=True)) == {f"Запись {n}" for n in range(1, 31)}


def test_dry_run_changes_nothing(blog: Network) -> None:
    done = run("--dry-run")

    assert done.output.splitlines()[0].startswith("Posts there: 30. Comments and other words there: ")
    assert (Message.objects.filter(channel=blog.channel).count(), Backfill.objects.count()) == (0, 0)


def test_network_that_cannot_tell_says_what_to_do(network: Network) -> None:
    told = run(name=Channel.objects.filter(network="telegram").first().name)  # type: ignore[union-attr]

    assert (told.exit_code, len(told.output.strip().splitlines())) == (1, 1)
    assert "Telegram shows its bots nothing of what was said before they came" in told.output


def test_community_without_a_persons_token_is_told(network: Network) -> None:
    network.vk.fail_next(Fault.REFUSED, methods={"wall.get"}, code=27)

    told = run()

    assert (told.exit_code, "this call needs a person's token" in told.output) == (1, True)


def test_channel_that_is_off_is_not_called(network: Network) -> None:
    Channel.objects.filter(pk=network.channel.pk).update(is_enabled=False)

    assert "channel city-vk is off, so its network isn't called" in run().output
    assert network.vk.calls == []


def test_pages_overlap_less_than_they_hold() -> None:
    assert min(past.POSTS, past.COMMENTS) > past.OVERLAP
