"""The head on a phone: a post with three photos, in the order that the head wants, stands on the site."""

from __future__ import annotations

from pathlib import Path

from django.test import Client
from playwright.sync_api import expect

from otklik.common.clock import now
from otklik.media.services.preparing import prepare_next
from otklik.posts.models import Post, PostDraft, RevisionPhoto
from tests.browsing import chromium, needs_chromium  # noqa: F401 - a fixture
from tests.desk.served import Desk, desk  # noqa: F401 - a fixture
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import picture

pytestmark = needs_chromium
PHONE = {"width": 390, "height": 844}


def files(folder: Path) -> list[Path]:
    made = []
    for name, colour in (("first.jpg", "teal"), ("second.jpg", "plum"), ("third.jpg", "navy")):
        path = folder / name
        path.write_bytes(picture(800, 600, colour=colour))
        made.append(path)
    return made


def test_head_publishes_three_photos_from_a_phone(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    page = desk.open("head", "/desk/posts/new/", viewport=PHONE, has_touch=True)
    page.get_by_label("Headline").fill("Двор на Садовой")
    page.get_by_label("Text").fill("Готов. Приходите.")
    page.get_by_label("Choose photos").set_input_files(files(tmp_path))
    rows = page.locator("[data-photo]")
    expect(rows).to_have_count(3)
    while prepare_next(now=now()) is not None:
        pass
    expect(rows.locator("img")).to_have_count(3)

    for number, words in ((1, "Качели"), (2, "Горка"), (3, "Скамейка")):
        page.get_by_label(f"What photo {number} shows").fill(words)
    expect(page.locator("[data-state]")).to_contain_text("Saved")
    rows.nth(2).get_by_role("button", name="Earlier").click()
    expect(page.get_by_label("What photo 2 shows")).to_have_value("Скамейка")
    rows.nth(0).get_by_role("button", name="Crop").click()
    page.get_by_role("button", name="1 : 1").click()
    page.locator("[data-crop-done]").click()
    expect(rows.nth(0).get_by_role("button", name="Whole again")).to_be_visible()
    rows.nth(1).get_by_role("button", name="Take away").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Bring it back").click()
    expect(rows).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.get_by_role("button", name="Look at it before publishing").last.click()
    expect(page.locator(".preview-photos img")).to_have_count(3)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/desk/posts/")

    post = Post.objects.get(title="Двор на Садовой")
    shown = RevisionPhoto.objects.filter(revision__post=post).order_by("position")
    assert [(row.alt, row.file.width) for row in shown] == [("Качели", 600), ("Скамейка", 800), ("Горка", 800)]
    assert Client().get(f"/posts/{post.slug}/").content.decode().count("gallery-photo") == 3
    assert PostDraft.objects.count() == 0


def test_what_was_typed_without_a_connection_is_there_again(desk: Desk) -> None:  # noqa: F811
    page = desk.open("head", "/desk/posts/new/", viewport=PHONE)
    page.route("**/desk/posts/drafts/**", lambda route: route.abort())
    page.get_by_label("Text").fill("Без связи")
    expect(page.locator("[data-state]")).to_contain_text("No connection")

    page.unroute("**/desk/posts/drafts/**")
    page.goto(f"{desk.url}/desk/posts/new/")
    page.get_by_role("button", name="Put them back").click()

    expect(page.get_by_label("Text")).to_have_value("Без связи")
    expect(page.locator("[data-state]")).to_contain_text("Saved")
    assert PostDraft.objects.get().text == "Без связи"
