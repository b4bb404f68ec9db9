"""Photos of posts on the residents' pages and in feeds: their place is kept, everything works without a script."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import feedparser
import pytest
from django.conf import settings
from django.test import Client

from otklik.org.access import access_of
from otklik.posts.models import Post
from otklik.posts.photos import Shot, shots_of_posts
from otklik.posts.services.publishing import Words, publish
from tests.media.conftest import data_folder, english  # noqa: F401 - a data folder of each test's own
from tests.posts.pictured import pictured
from tests.public.town import Town


@pytest.fixture
def post(town: Town) -> Post:
    first, second = pictured(town.head, "Качели", "Горка")
    hidden = replace(second, alt="", alt_waived="узор")
    return publish(access_of(town.head), Words("Двор готов", "Приходите.", photos=(first, hidden)), now=town.now)


@pytest.fixture
def shots(post: Post) -> list[Shot]:
    return shots_of_posts([post])[post.pk]


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(page: str) -> list[dict[str, str]]:
    """The attributes of every picture but the blurs behind them."""
    tags = [dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in re.findall(r"<img[^>]*>", page)]
    return [one for one in tags if not one["src"].startswith("data:")]


def test_card_begins_with_the_first_photo_and_keeps_its_place(client: Client, post: Post, shots: list[Shot]) -> None:
    for path in ("/", "/rubrics/town/"):
        said = page(client, path)

        (img,) = shown(said)
        assert (img["alt"], img["width"], img["height"], img["src"]) == ("Качели", "1600", "1200", shots[0].card)
        assert re.findall(r'<source type="([^"]*)"', said) == ["image/avif"]


def test_post_shows_every_photo_as_a_link_to_the_whole(client: Client, post: Post, shots: list[Shot]) -> None:
    said = page(client, f"/posts/{post.slug}/")

    links = re.findall(r'<a class="gallery-photo" href="([^"]*)" data-look>', said)
    assert links == [shot.whole for shot in shots]
    assert [(one["alt"], one.get("loading")) for one in shown(said)] == [("Качели", None), ("", "lazy")]
    assert '<span class="for-screen-readers">Фото 2</span></a>' in said


def test_others_are_shown_the_first_photo(client: Client, post: Post, shots: list[Shot]) -> None:
    said = page(client, f"/posts/{post.slug}/")
    home = settings.ENVIRONMENT.public_url

    og = dict(re.findall(r'<meta property="([^"]*)" content="([^"]*)">', said))
    assert (og["og:image"], og["og:image:alt"]) == (f"{home}{shots[0].whole}", "Качели")
    linked = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', said)[0])
    assert [one["url"] for one in linked["image"]] == [f"{home}{shot.whole}" for shot in shots]
    assert [one.get("caption") for one in linked["image"]] == ["Качели", None]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_feeds_carry_the_photos(client: Client, post: Post, shots: list[Shot], kind: str) -> None:
    read = feedparser.parse(client.get(f"/news.{kind}").content)
    home = settings.ENVIRONMENT.public_url

    assert read.bozo == 0
    enclosed = [one.href for one in read.entries[0].enclosures]
    assert enclosed == [f"{home}{shot.whole}" for shot in shots[: 2 if kind == "atom" else 1]]
    assert [f'src="{home}{shot.screen}"' in read.entries[0].summary for shot in shots] == [True, True]


def test_json_feed_carries_the_photos(client: Client, post: Post, shots: list[Shot]) -> None:
    item = client.get("/news.json").json()["items"][0]
    home = settings.ENVIRONMENT.public_url

    assert item["image"] == f"{home}{shots[0].whole}"
    assert [(one["url"], one["mime_type"]) for one in item["attachments"]] == [
        (f"{home}{shot.whole}", "image/jpeg") for shot in shots
    ]


def test_post_without_photos_shows_none(town: Town, client: Client) -> None:
    post = town.post("Без фотографий")

    said = page(client, f"/posts/{post.slug}/")
    assert [words for words in ("og:image", "gallery-photo", "ImageObject") if words in said] == []
    assert "image" not in client.get("/news.json").json()["items"][0]
