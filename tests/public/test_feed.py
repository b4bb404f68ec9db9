"""The front page: posts by keyset, and figures beside what they were."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from otklik.org.access import access_of
from otklik.posts import queries
from otklik.posts.services.revising import withdraw
from tests.public.town import Town


def titles(page: str) -> list[str]:
    return re.findall(r"<h2><a href=\"/posts/[\w-]+/\">([^<]+)</a></h2>", page)


@pytest.mark.parametrize("posts", [1, 3])
def test_feed_asks_the_same_queries_for_any_number_of_posts(
    town: Town, client: Client, django_assert_num_queries: Any, posts: int
) -> None:
    for number in range(posts):
        town.post(f"Новость {number}", ago_h=number)

    with django_assert_num_queries(5):  # the city, the posts, their photos, the figures, what came of it
        client.get("/")


def test_feed_pages_show_every_post_once(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEED_PAGE", 2)
    for number in range(5):
        town.post(f"Новость {number}", ago_h=number // 2)

    address, seen = "/", []
    while address:
        page = client.get(address).content.decode()
        seen += titles(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""

    assert sorted(seen) == [f"Новость {number}" for number in range(5)]


@pytest.mark.parametrize("after", ["x", "1", "-", "1-", "9" * 40 + "-1", "99999999999999999-1", "1-²", "1-2-3"])
def test_feed_takes_a_broken_page_address_for_the_first_page(town: Town, client: Client, after: str) -> None:
    town.post("Новость")

    assert titles(client.get("/", {"after": after}).content.decode()) == ["Новость"]


def test_withdrawn_post_is_gone(town: Town, client: Client) -> None:
    post = town.post("Новость")
    withdraw(access_of(town.head), post, "Не та дата", version=1, now=town.now)

    assert titles(client.get("/").content.decode()) == []
    page = client.get(f"/posts/{post.slug}/")
    assert page.status_code == 410
    assert "Не та дата" in page.content.decode()
    assert client.get(f"/posts/{post.slug}/comment/").status_code == 404


def test_figures_stand_beside_those_before_them(town: Town, client: Client) -> None:
    town.case(town.say("site", "Фонарь не горит"), ago_h=2)
    town.case(town.say("site", "Мусор"), ago_h=30)
    answered = town.case(town.say("site", "Яма"), ago_h=31)
    town.answer(answered, "Засыпали.")

    page = client.get("/").content.decode()

    assert re.findall(r'stat-value">(\d+)<', page) == ["2", "1", "0"]
    assert "за сутки +1, накануне +2" in page
    assert re.findall(r'class="stat" href="([^"]+)"', page) == [
        "/cases/?show=open",
        "/cases/?show=answered",
        "/cases/?show=solved",
    ]


def test_post_of_another_city_is_not_here(town: Town, client: Client) -> None:
    from tests.builders import make_city

    post = town.post("Новость")
    make_city("zarechensk", host="zarechensk.example")
    town.city.host = "yasnogorye.example"
    town.city.save(update_fields=["host"])

    response = client.get(f"/posts/{post.slug}/", headers={"host": "localhost"})

    assert response.status_code in (404, 503)
