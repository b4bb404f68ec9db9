"""What anybody can check of the posts, on the pages and by the command line's own eyes."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from otklik.org.access import access_of
from otklik.posts.models import Post, Rubric
from otklik.posts.services.publishing import Words
from otklik.posts.services.revising import correct, withdraw
from otklik.proof.checking import check, keys_of
from otklik.proof.models import Log
from otklik.proof.services.sequencing import sequence_due
from otklik.proof.signatures import head_of_note
from tests.public.town import Town

TEXT = "Отопление включим 25 сентября. Сначала школы и больница, потом все 312 домов."


@pytest.fixture
def post(town: Town) -> Post:
    made = town.post("Тепло дадим раньше", text=TEXT)
    sequence_due(now=town.now)
    return made


def correct_date(town: Town, post: Post) -> None:
    words = Words(post.title, TEXT.replace("25", "27"), Rubric(post.rubric))
    correct(access_of(town.head), post, words, "Дата перенесена", version=1, now=town.now)


def verdict(client: Client, text: str) -> str:
    page = client.post("/verify/", {"text": text}, headers={"Accept-Language": "en"})
    assert page["Cache-Control"] == "no-store"
    found = re.search(r'class="verdict".*?</section>', page.content.decode(), re.DOTALL)
    return html.unescape(found.group()) if found else ""


def test_proof_beside_the_post_stands_on_the_published_keys(client: Client, post: Post) -> None:
    proof = client.get(f"/posts/{post.slug}.json").json()
    keys = keys_of(client.get("/.well-known/otklik-keys.json").json())

    checked = check(proof, keys)

    assert (checked.statement["title"], checked.statement["text"]) == (post.title, post.text)
    assert (checked.position, checked.size) == (1, 2)


def test_head_of_the_log_is_public_and_goes_on(town: Town, client: Client, post: Post) -> None:
    keys = keys_of(client.get("/.well-known/otklik-keys.json").json())
    log = Log.objects.get(municipality=town.city)
    head = head_of_note(client.get("/.well-known/otklik-log").content.decode(), log.origin, keys)
    town.post("Ещё новость")
    sequence_due(now=town.now)

    grown = client.get(f"/.well-known/otklik-log/from/{head.size}").json()

    assert head.size == 2
    assert head_of_note(grown["checkpoint"], log.origin, keys).size == 3
    assert client.get("/.well-known/otklik-log/from/99").status_code == 404
    assert client.get("/.well-known/otklik-log/from/0").status_code == 404


def test_page_of_a_post_says_that_it_is_signed(client: Client, post: Post) -> None:
    page = client.get(f"/posts/{post.slug}/", headers={"Accept-Language": "en"}).content.decode()

    assert "Signed by the city" in page
    assert f'href="/posts/{post.slug}/history/"' in page


def test_history_shows_what_changed_and_why(town: Town, client: Client, post: Post) -> None:
    correct_date(town, post)

    page = client.get(f"/posts/{post.slug}/history/", headers={"Accept-Language": "en"}).content.decode()

    assert re.findall(r"<ins><span[^>]*>added: </span>([^<]*)</ins>", page) == ["27"]
    assert re.findall(r"<del><span[^>]*>taken out: </span>([^<]*)</del>", page) == ["25"]
    assert "Дата перенесена" in page
    assert [one["href"] for one in ({"href": found} for found in re.findall(r'href="([^"]*\.json)"', page))] == [
        f"/posts/{post.slug}/history/2.json",
        f"/posts/{post.slug}/history/1.json",
    ]
    first = client.get(f"/posts/{post.slug}/history/1.json").json()
    assert first["statement"]["text"] == TEXT
    assert client.get(f"/posts/{post.slug}/history/3.json").status_code == 404


def test_page_of_a_corrected_post_says_so(town: Town, client: Client, post: Post) -> None:
    correct_date(town, post)

    page = client.get(f"/posts/{post.slug}/", headers={"Accept-Language": "en"}).content.decode()

    assert "27 сентября" in page
    assert "Corrected" in page
    assert "Дата перенесена" in page


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (TEXT, "Yes, this is genuine"),
        ("Сначала школы и больница, потом все 313 домов", "No, this was altered"),
        ("Сначала школы и больница, потом все 312 домов. А денег на остальное нет и не будет", "Only a part"),
        ("Горячую воду отключат на две недели во всём городе", "Nothing like it was published here"),
        ("Сначала школы", "Too few words to tell"),
        ("https://vk.example/wall-1", "This address is not known here"),
    ],
)
def test_pasted_words_get_their_verdict(client: Client, post: Post, text: str, title: str) -> None:
    assert title in verdict(client, text)


def test_verdict_of_corrected_and_withdrawn_words(town: Town, client: Client, post: Post) -> None:
    correct_date(town, post)
    assert "corrected later" in verdict(client, TEXT)
    post.refresh_from_db()
    withdraw(access_of(town.head), post, "Не та дата", version=2, now=town.now)
    assert "taken back later" in verdict(client, TEXT)


def test_pasted_script_is_text(client: Client, post: Post) -> None:
    found = client.post("/verify/", {"text": f"<script>alert(1)</script> {TEXT}"}).content.decode()

    assert "<script>alert" not in found
    assert "&lt;script&gt;alert(1)" in found


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_pasted_is_asked_for(client: Client, post: Post, text: str) -> None:
    page = client.post("/verify/", {"text": text}, headers={"Accept-Language": "en"}).content.decode()

    assert "Paste something first" in page


def test_flood_of_texts_is_slowed_down(client: Client, post: Post, settings: Any) -> None:
    asked = [
        client.post("/verify/", {"text": TEXT}, headers={"X-Forwarded-For": "203.0.113.9"}).status_code
        for _ in range(61)
    ]

    assert asked == [200] * 60 + [429]


def test_withdrawn_post_keeps_its_proof(town: Town, client: Client, post: Post) -> None:
    withdraw(access_of(town.head), post, "Не та дата", version=1, now=town.now)

    proof = client.get(f"/posts/{post.slug}.json")

    assert json.loads(proof.content)["statement"]["change"] == "withdrawn"
