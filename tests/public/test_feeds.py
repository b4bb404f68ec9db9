"""The news by the standards of others: feeds, sitemaps, and what search engines read in a page."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.conf import settings
from django.test import Client

from otklik.org.access import access_of
from otklik.posts.models import Post, Rubric
from otklik.posts.services.publishing import Words
from otklik.posts.services.revising import correct, withdraw
from tests.public.town import Town


def home() -> str:
    return str(settings.ENVIRONMENT.public_url)


def tree(client: Client, address: str) -> ElementTree.Element:
    return ElementTree.fromstring(client.get(address).content)  # noqa: S314 - our own page


@pytest.fixture
def posts(town: Town) -> list[Post]:
    return [
        town.post("Мост открыт", "Проезд **бесплатный** & свободный <b>для всех</b>.", Rubric.PROJECTS, ago_h=3),
        town.post("Ищем водителя", "Смена с 6:30.", Rubric.VACANCIES, ago_h=2),
        town.post("Ярмарка", "В субботу на площади.", Rubric.TOWN, ago_h=1),
    ]


def corrected(town: Town, post: Post, text: str, after_h: float) -> None:
    words = Words(post.title, text, Rubric(post.rubric))
    at = post.published_at + timedelta(hours=after_h)
    correct(access_of(town.head), post, words, "Уточнили", version=1, now=at)


@pytest.mark.parametrize(("kind", "version"), [("atom", "atom10"), ("rss", "rss20")])
def test_feed_is_read_by_a_reader_of_feeds(client: Client, posts: list[Post], kind: str, version: str) -> None:
    answer = client.get(f"/news.{kind}")
    found = feedparser.parse(answer.content, response_headers={"content-type": answer["Content-Type"]})

    assert (found.bozo, found.version) == (False, version)
    assert [entry.title for entry in found.entries] == ["Ярмарка", "Ищем водителя", "Мост открыт"]
    assert [entry.link for entry in found.entries] == [f"{home()}/posts/{post.slug}/" for post in reversed(posts)]
    assert found.feed.title == "Ясногорье: новости"


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_feed_of_a_rubric_holds_that_rubric_only(client: Client, posts: list[Post], kind: str) -> None:
    found = feedparser.parse(client.get(f"/rubrics/vacancies/news.{kind}").content)

    assert [entry.title for entry in found.entries] == ["Ищем водителя"]


def test_json_feed_has_what_its_version_requires(client: Client, posts: list[Post]) -> None:
    whole, vacancies = (client.get(f"{path}news.json") for path in ("/", "/rubrics/vacancies/"))
    body = whole.json()

    assert whole["Content-Type"] == "application/feed+json"
    assert body["version"] == "https://jsonfeed.org/version/1.1"
    assert (body["title"], body["feed_url"]) == ("Ясногорье: новости", f"{home()}/news.json")
    assert [item["id"] for item in body["items"]] == [f"{home()}/posts/{post.slug}/" for post in reversed(posts)]
    assert all(datetime.fromisoformat(item["date_published"]).tzinfo for item in body["items"])
    assert [item["title"] for item in vacancies.json()["items"]] == ["Ищем водителя"]


@pytest.mark.parametrize(
    "address", ["/news.exe", "/rubrics/other/", "/rubrics/other/news.atom", "/rubrics/town/news.x"]
)
def test_unknown_feed_or_rubric_is_not_found(town: Town, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_correction_moves_the_date_of_the_entry_and_withdrawal_takes_it_out(
    town: Town, client: Client, posts: list[Post]
) -> None:
    corrected(town, posts[0], "Проезд платный.", after_h=0.5)
    withdraw(access_of(town.head), posts[2], "Отменили", version=1, now=town.now)

    entries = feedparser.parse(client.get("/news.atom").content).entries

    assert [entry.title for entry in entries] == ["Ищем водителя", "Мост открыт"]
    changed = datetime.fromisoformat(entries[1].updated) - datetime.fromisoformat(entries[1].published)
    assert changed == timedelta(minutes=30)
    assert "платный" in entries[1].summary


def test_text_of_a_post_cannot_break_a_feed_or_a_page(town: Town, client: Client) -> None:
    post = town.post("</script><b>", "]]></script><script>alert(1)</script> & ещё")

    entry = feedparser.parse(client.get("/news.atom").content).entries[0]
    page = client.get(f"/posts/{post.slug}/").content.decode()
    linked = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)

    assert entry.title == "</script><b>"
    assert "<script>alert" not in page
    assert linked is not None
    assert json.loads(linked[1])["headline"] == "</script><b>"


def test_json_feed_leads_to_the_proofs(client: Client, posts: list[Post]) -> None:
    body = client.get("/news.json").json()

    assert body["_otklik"] == {
        "keys": f"{home()}/.well-known/otklik-keys.json",
        "log": f"{home()}/.well-known/otklik-log",
    }
    assert body["items"][0]["_otklik"] == {"proof": f"{home()}/posts/{posts[2].slug}.json"}
    assert body["items"][2]["content_html"].startswith("<p>Проезд <strong>бесплатный</strong> &amp; свободный")


@pytest.mark.parametrize("count", [1, 10])
def test_queries_of_a_feed_do_not_grow(town: Town, client: Client, count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        town.post(f"Новость {number}", ago_h=number)

    with django_assert_num_queries(3):  # the city, its posts, their photos
        client.get("/news.json")


def test_sitemap_names_what_everybody_may_read(town: Town, client: Client, posts: list[Post]) -> None:
    withdraw(access_of(town.head), posts[2], "Отменили", version=1, now=town.now)
    case = town.case(town.say("vk", "Яма на Садовой", name="Олег"))
    town.show(case)
    hidden = town.case(town.say("vk", "Не горит фонарь", name="Нина"))

    places = [one.text for one in tree(client, "/sitemap.xml").iter() if one.tag.endswith("}loc")]

    assert f"{home()}/posts/{posts[0].slug}/" in places
    assert f"{home()}/cases/{case.number}/" in places
    assert f"{home()}/posts/{posts[2].slug}/" not in places
    assert f"{home()}/cases/{hidden.number}/" not in places


def test_sitemap_of_news_holds_two_days(town: Town, client: Client, posts: list[Post]) -> None:
    town.post("Давно", ago_h=49)

    root = tree(client, "/news-sitemap.xml")

    assert [one.text for one in root.iter() if one.tag.endswith("}title")] == [
        "Ярмарка",
        "Ищем водителя",
        "Мост открыт",
    ]


def test_robots_name_the_sitemaps(town: Town, client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert [line for line in lines if line.startswith("Sitemap")] == [
        f"Sitemap: {home()}/sitemap.xml",
        f"Sitemap: {home()}/news-sitemap.xml",
    ]


def test_post_is_a_news_article_for_search_engines(town: Town, client: Client, posts: list[Post]) -> None:
    corrected(town, posts[0], "Проезд платный.", after_h=1)

    page = client.get(f"/posts/{posts[0].slug}/").content.decode()
    linked = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)

    assert linked is not None
    said = json.loads(linked[1])
    assert (said["@type"], said["headline"], said["correction"]) == ("NewsArticle", "Мост открыт", "Уточнили")
    assert said["author"] == {"@type": "Person", "name": "Анна Берестова", "jobTitle": "Глава города"}
    assert datetime.fromisoformat(said["dateModified"]) - datetime.fromisoformat(said["datePublished"]) == timedelta(
        hours=1
    )


def test_page_of_a_rubric_shows_its_posts_and_its_feeds(client: Client, posts: list[Post]) -> None:
    page = html.unescape(client.get("/rubrics/vacancies/").content.decode())

    assert re.findall(r"<h2><a href=\"/posts/[\w-]+/\">([^<]+)</a></h2>", page) == ["Ищем водителя"]
    assert 'href="/rubrics/vacancies/news.atom"' in page
    assert re.findall(r'href="/rubrics/(\w+)/" aria-current', page) == ["vacancies"]


def test_rubric_without_posts_says_so(town: Town, client: Client) -> None:
    assert (
        "Nothing in this rubric yet"
        in client.get("/rubrics/thanks/", headers={"Accept-Language": "en"}).content.decode()
    )
