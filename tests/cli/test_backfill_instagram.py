"""`otklik channel backfill` of Instagram: posts, comments and answers in pages of Meta's cursors, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache

from otklik.cases.models import Case
from otklik.channels.enums import Decision
from otklik.channels.models import Channel, Delivery, Message, Outgoing
from otklik.channels.services.connecting import connect
from otklik.cli.main import otklik
from otklik.common.clock import now
from otklik.posts.models import Origin, Post, Publication
from otklik.simulators.instagram.faults import Fault
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.instagram.town import Person
from tests.cli.test_import import packed
from tests.cli.test_import import post as archived
from tests.connectors.instagram.accounts import ACCOUNT, APP_SECRET, NEIGHBOUR, RESIDENT, TOKEN, WORD
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.public.town import make_town
from tests.servers import serve

pytestmark = pytest.mark.django_db
BEGAN = int(datetime(2024, 3, 2, 10, tzinfo=UTC).timestamp())
DAY = 86_400
POSTS = "your_instagram_activity/content/posts_1.json"


@dataclass
class Clock:
    at: float = BEGAN

    def __call__(self) -> float:
        return self.at


@dataclass
class Network:
    instagram: InstagramSimulator
    channel: Channel
    clock: Clock = field(default_factory=Clock)

    def post(self, caption: str) -> str:
        self.clock.at += DAY
        return self.instagram.town.publish(caption).id

    def comment(self, post: str, text: str, who: Person = RESIDENT, to: str = "") -> str:
        return self.instagram.town.comment(post, who, text, to).id


@pytest.fixture
def network(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:  # noqa: F811
    cache.clear()
    monkeypatch.setattr("otklik.cli.backfilling.time.sleep", lambda _: None)
    town, clock = make_town(), Clock()
    instagram = InstagramSimulator(ACCOUNT, TOKEN, APP_SECRET, in_background=False, clock=clock)
    with serve(instagram.asgi) as url:
        secrets = {"token": TOKEN, "app_secret": APP_SECRET, "verify_token": WORD}
        values = {"account_id": ACCOUNT, "api_base": url, **secrets}
        yield Network(instagram, connect(town.city, "instagram", "city-ig", "", values, now=now()), clock)


@pytest.fixture
def blog(network: Network) -> Network:
    """Forty-five posts; under the fifth two pages of comments, one of them with two pages of answers."""
    posts = [network.post(f"Запись {number}") for number in range(1, 46)]
    asked = network.comment(posts[4], "Когда починят дорогу?")
    network.instagram.town.official_comment(posts[4], "Весной", asked)
    for number in range(60):
        network.comment(posts[4], f"Ответ {number}", NEIGHBOUR, asked)
    for number in range(70):
        network.comment(posts[4], f"Мнение {number}")
    network.instagram.town.numbers.posts[posts[4]] = {"like_count": 312, "comments_count": 132}
    return network


def run(*options: str) -> Result:
    return CliRunner().invoke(otklik, ["channel", "backfill", "city-ig", *options])


def bring_archive(path: Path, words: str, at: int) -> Result:
    archive = packed(path / "town.zip", {POSTS: [archived(words, at)]})
    owner = ["--owner", "town", "--channel", "city-ig"]
    return CliRunner().invoke(otklik, ["import", "instagram", str(archive), *owner])


def test_blog_moves_in_with_its_comments_answers_and_numbers(blog: Network) -> None:
    done = run()

    road = Post.objects.get(origin__likes=312)
    asked = Message.objects.get(text="Когда починят дорогу?")
    answers = Message.objects.filter(text__startswith="Ответ")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "Posts: 45 came in.",
        "Comments: 132 came in; they open no cases.",
        "Posts with photos or videos: 45; their words came, the files stayed there.",
    ]
    assert (road.title, road.published_at) == ("Запись 5", datetime.fromtimestamp(BEGAN + 5 * DAY, UTC))
    assert (asked.decision, str(asked.identity)) == (Decision.NO_ANSWER, f"@{RESIDENT.username}")
    assert Message.objects.get(text="Весной").is_ours
    assert Message.objects.filter(text__startswith="Мнение").count() == 70
    assert list(answers.values_list("root_key", flat=True)) == [asked.object_key] * 60
    assert (Case.objects.count(), Outgoing.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_second_run_adds_only_what_is_new(blog: Network) -> None:
    run()
    before = (Post.objects.count(), Message.objects.count())
    blog.comment(blog.post("Новое"), "Ура")

    done = run()

    assert done.output.splitlines()[:2] == [
        "Posts: 1 came in, 45 were here already.",
        "Comments: 1 came in, 132 were here already; they open no cases.",
    ]
    assert (Post.objects.count(), Message.objects.count()) == (before[0] + 1, before[1] + 1)


def test_since_ends_the_walk(blog: Network) -> None:
    done = run("--since", "2024-04-10")

    assert done.output.splitlines()[0] == "Posts: 7 came in."
    assert Message.objects.filter(channel=blog.channel).count() == 0


def test_post_of_the_archive_and_of_the_network_is_one(network: Network, tmp_path: Path) -> None:
    """The archive has the photos, the network the comments: both meet under one post."""
    post = network.post("Открыли *новый* парк")
    network.comment(post, "Красиво!")

    first = bring_archive(tmp_path, "Открыли *новый* парк", BEGAN + DAY)
    second = run()
    third = bring_archive(tmp_path, "Открыли *новый* парк", BEGAN + DAY)

    assert [one.exit_code for one in (first, second, third)] == [0, 0, 0], [first.output, second.output, third.output]
    assert second.output.splitlines()[0] == "Posts: 0 came in, 1 were here already."
    there = Publication.objects.get(channel=network.channel, external_id=post)
    assert there.post.origin == Origin.objects.get()
    assert Message.objects.get(text="Красиво!").thread.key == f"media:{post}"


def test_network_first_and_archive_after_is_one_post_too(network: Network, tmp_path: Path) -> None:
    network.post("Каток открыт")
    run()

    done = bring_archive(tmp_path, "Каток открыт", BEGAN + DAY)

    assert done.exit_code == 0, done.output
    assert Origin.objects.count() == 1


def test_two_posts_of_one_second_with_other_words_are_two(network: Network) -> None:
    for words in ("Каток открыт", "Горка открыта"):
        network.instagram.town.publish(words)

    assert run().output.splitlines()[0] == "Posts: 2 came in."


def test_network_that_asks_to_wait_is_waited_for_and_a_token_that_ended_is_told(network: Network) -> None:
    network.post("Дороги")
    network.instagram.fail_next(Fault.REFUSED, edges={"read"}, code=4)
    assert run("--dry-run").output.startswith("Posts there: 1. Comments and other words there: 0. Nothing was kept.")

    network.instagram.fail_next(Fault.REFUSED, edges={"read"}, code=190)
    ended = run()

    assert (ended.exit_code, len(ended.output.strip().splitlines())) == (1, 1)
    assert "Instagram doesn't accept the access token" in ended.output
