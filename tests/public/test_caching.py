"""Pages for everybody may be kept by the gate; pages with a form or a code by nobody."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.public.town import Town, furnish

SHARED = ("feed", "post", "cases", "public_case", "about", "map", "accountability")
PRIVATE = ("write", "comment", "own_new", "own_answered", "find", "same_here")


@pytest.mark.parametrize("name", SHARED)
def test_anonymous_page_is_shared_and_sets_no_cookie(town: Town, client: Client, name: str) -> None:
    address = furnish(town)[name]

    response = client.get(address)

    assert response.status_code == 200
    assert response.cookies == {}
    assert response["Cache-Control"] == "public, s-maxage=10"
    assert {part.strip() for part in response["Vary"].split(",")} == {"Accept-Language", "Cookie"}
    assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize("name", PRIVATE)
def test_page_with_a_form_or_a_code_is_never_kept(town: Town, client: Client, name: str) -> None:
    response = client.get(furnish(town)[name])

    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"


def test_missing_page_is_not_kept(town: Town, client: Client) -> None:
    response = client.get("/posts/no-such-post/")

    assert response.status_code == 404
    assert "Cache-Control" not in response


def test_page_for_everybody_refuses_to_be_posted_to(town: Town, client: Client) -> None:
    assert client.post("/").status_code == 405


def test_theme_is_the_citys_accent(town: Town, client: Client) -> None:
    town.city.accent = "#b4532a"
    town.city.save(update_fields=["accent"])

    response = client.get("/theme.css")

    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response.content.startswith(b":root{--accent:#af4e25;--on-accent:#ffffff;")


def test_theme_of_a_wrong_accent_is_the_default(town: Town, client: Client) -> None:
    town.city.accent = "red"
    town.city.save(update_fields=["accent"])

    assert client.get("/theme.css").content == b""


def test_without_a_city_the_page_says_what_to_do(db: None, client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 503
    assert "./otklik init" in response.content.decode()


def test_language_is_chosen_by_cookie_over_the_browser(town: Town, client: Client) -> None:
    chosen = client.get("/lang/", {"to": "en", "next": "/about/"})
    page = client.get("/about/", headers={"accept-language": "ru"})

    assert (chosen.status_code, chosen["Location"], chosen.cookies["lang"].value) == (302, "/about/", "en")
    assert '<html lang="en">' in page.content.decode()


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_language_switch_never_leads_elsewhere(town: Town, client: Client, where: str) -> None:
    assert client.get("/lang/", {"to": "en", "next": where})["Location"] == "/"


def test_unknown_language_sets_no_cookie(town: Town, client: Client) -> None:
    assert client.get("/lang/", {"to": "xx", "next": "/"}).cookies == {}


def test_robots_stay_out_of_private_pages(town: Town, client: Client) -> None:
    assert "Disallow: /case/\n" in client.get("/robots.txt").content.decode()
