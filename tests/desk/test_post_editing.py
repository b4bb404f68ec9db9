"""Correcting a post and taking it back at the desk."""

from __future__ import annotations

import html
import re

import pytest

from otklik.org.access import access_of
from otklik.posts.models import Post, Rubric
from otklik.posts.services.publishing import Words
from otklik.posts.services.revising import correct
from otklik.proof.models import Key
from tests.desk.office import Office

TEXT = "Отопление включим 25 сентября."


@pytest.fixture
def post(office: Office) -> Post:
    return office.town.post("Тепло", text=TEXT)


def said(**changes: object) -> dict[str, object]:
    return {
        "rubric": "town",
        "title": "Тепло",
        "text": "Отопление включим 27 сентября.",
        "reason": "Дата перенесена",
        "version": 1,
        **changes,
    }


def test_form_holds_what_the_post_says(office: Office, post: Post) -> None:
    page = office.browser(office.head).get(f"/desk/posts/{post.pk}/edit/").content.decode()

    assert re.search(r"<textarea[^>]*>\s*Отопление включим 25 сентября\.</textarea>", page)
    assert 'name="version" value="1"' in page


def test_correction_is_on_the_site_at_once(office: Office, post: Post) -> None:
    done = office.browser(office.head).post(f"/desk/posts/{post.pk}/edit/", said())

    assert (done.status_code, done["Location"]) == (302, "/desk/posts/")
    page = office.browser(office.head).get(f"/posts/{post.slug}/").content.decode()
    assert "27 сентября" in page
    assert "Дата перенесена" in page


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("title", "A post needs a headline"),
        ("text", "The post is empty"),
        ("reason", "Say why: readers see the reason"),
    ],
)
def test_what_is_missing_is_named_and_nothing_changes(office: Office, post: Post, field: str, sentence: str) -> None:
    page = office.browser(office.head).post(f"/desk/posts/{post.pk}/edit/", said(**{field: " "}))

    assert page.status_code == 422
    assert sentence in html.unescape(page.content.decode())
    assert Post.objects.get(pk=post.pk).text == TEXT


def test_somebody_else_was_first_and_no_words_are_lost(office: Office, post: Post) -> None:
    words = Words("Тепло", "Отопление включим 26 сентября.", Rubric.TOWN)
    correct(access_of(office.head), post, words, "Раньше", version=1, now=office.town.now)

    page = office.browser(office.head).post(f"/desk/posts/{post.pk}/edit/", said())

    shown = html.unescape(page.content.decode())
    assert page.status_code == 409
    assert "Somebody has changed this post meanwhile" in shown
    assert "26 сентября" in shown
    assert re.search(r"<textarea[^>]*>\s*Отопление включим 27 сентября\.</textarea>", shown)
    again = office.browser(office.head).post(
        f"/desk/posts/{post.pk}/edit/", said(version=re.findall(r'name="version" value="(\d+)"', shown)[0])
    )
    assert again.status_code == 302
    assert Post.objects.get(pk=post.pk).text == "Отопление включим 27 сентября."


def test_post_taken_back_leaves_the_list(office: Office, post: Post) -> None:
    browser = office.browser(office.head)
    assert "can't be undone" in html.unescape(browser.get(f"/desk/posts/{post.pk}/withdraw/").content.decode())

    done = browser.post(f"/desk/posts/{post.pk}/withdraw/", {"reason": "Ошибка", "version": 1})

    assert done.status_code == 302
    assert f'id="post-{post.pk}"' not in browser.get("/desk/posts/").content.decode()
    assert browser.get(f"/posts/{post.slug}/").status_code == 410
    late = browser.post(f"/desk/posts/{post.pk}/edit/", said())
    assert late.status_code == 409
    assert "taken back meanwhile" in late.content.decode()


def test_withdrawal_without_a_reason_is_refused(office: Office, post: Post) -> None:
    page = office.browser(office.head).post(f"/desk/posts/{post.pk}/withdraw/", {"reason": "", "version": 1})

    assert page.status_code == 422
    assert Post.objects.get(pk=post.pk).withdrawn_at is None


@pytest.mark.parametrize("address", ["/desk/posts/new/", "/desk/posts/{pk}/edit/"])
def test_without_a_key_nothing_goes_out_and_the_screen_says_why(office: Office, post: Post, address: str) -> None:
    Key.objects.filter(municipality=office.town.city).update(until=office.town.now)
    form = said(step="publish", form_key="6f3c8f5e-8a1c-4a56-9f0e-0d2f6f7c1b11")

    page = office.browser(office.head).post(address.format(pk=post.pk), form)

    assert page.status_code == 409
    assert "the city can't sign" in html.unescape(page.content.decode())
    assert "otklik keys make" in page.content.decode()
    assert Post.objects.count() == 1


@pytest.mark.parametrize("what", ["edit", "withdraw"])
def test_others_are_refused(office: Office, post: Post, what: str) -> None:
    for official in (office.operator, office.executor, office.approver):
        answer = office.browser(official).post(f"/desk/posts/{post.pk}/{what}/", said())
        assert answer.status_code == 403
    assert Post.objects.get(pk=post.pk).version == 1


def test_another_citys_post_is_not_found(office: Office, post: Post) -> None:
    from otklik.org.enums import Role
    from tests.builders import make_city, make_official

    stranger = make_official(make_city("zarechye"), Role.HEAD)
    assert office.browser(stranger).get(f"/desk/posts/{post.pk}/edit/").status_code == 404
