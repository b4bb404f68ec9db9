"""The composer without a script: every button brings the form along, photos are there again, conflicts are shown."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.common.clock import now
from otklik.media.services.preparing import prepare_next
from otklik.org.enums import Role
from otklik.posts.models import DraftPhoto, Post, PostDraft, RevisionPhoto
from tests.builders import make_official, signed_in
from tests.desk.office import Office
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import PDF, picture

KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
HERE = f"/desk/posts/drafts/{KEY}/"


def photo(name: str = "a.jpg", colour: str = "seagreen", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or picture(400, 300, colour=colour))


def typed(**more: Any) -> dict[str, Any]:
    return {"form_key": KEY, "rubric": "town", "title": "Двор", "text": "Готов.", "seen": "0", **more}


def prepared() -> None:
    while prepare_next(now=now()) is not None:
        pass


@pytest.fixture
def client(office: Office) -> Client:
    return office.browser(office.head)


def test_photos_come_with_the_words_and_both_are_there_again(client: Client) -> None:
    answer = client.post(f"{HERE}photos/", typed(photos=[photo(), photo("b.jpg", "navy"), photo("c.pdf", content=PDF)]))

    page = client.get(answer["Location"].split("#")[0]).content.decode()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/posts/new/?draft={KEY}#photos")
    assert ('value="Двор"' in page, page.count("being checked"), "c.pdf is not a photo" in page) == (True, 2, True)
    assert "Двор" in client.get("/desk/posts/").content.decode()


def test_photo_is_described_moved_cut_taken_out_and_published(client: Client, office: Office) -> None:
    client.post(f"{HERE}photos/", typed(photos=[photo(), photo("b.jpg", "navy"), photo("c.jpg", "plum")]))
    prepared()
    a, b, c = DraftPhoto.objects.order_by("position")
    said = {f"alt-{one.pk}": f"Фото {one.pk}" for one in (a, b, c)}
    seen = {"seen": str(PostDraft.objects.get().version)}

    client.post(f"{HERE}photos/{c.pk}/", typed(then="earlier", **said, **seen))
    client.post(f"{HERE}photos/{a.pk}/", {"then": "cut", "area": "0,0,0.5,1"})
    client.post(f"{HERE}photos/{b.pk}/", {"then": "take_out"})
    preview = client.post("/desk/posts/new/", typed(step="preview", **said)).content.decode()
    client.post("/desk/posts/new/", typed(step="publish", **said))

    shown = RevisionPhoto.objects.filter(revision__post=Post.objects.get()).order_by("position")
    assert [(row.alt, row.file.width) for row in shown] == [(f"Фото {a.pk}", 200), (f"Фото {c.pk}", 400)]
    assert preview.count('class="preview-photos"') == 1
    assert PostDraft.objects.count() == 0


def test_photo_without_words_is_asked_for_before_publishing(client: Client) -> None:
    client.post(f"{HERE}photos/", typed(photos=[photo()]))
    prepared()

    answer = client.post("/desk/posts/new/", typed(step="publish"))

    assert (answer.status_code, Post.objects.count()) == (409, 0)
    assert "Say what photo 1 shows" in answer.content.decode()


def test_children_need_a_consent(client: Client) -> None:
    client.post(f"{HERE}photos/", typed(photos=[photo()]))
    prepared()
    pk = DraftPhoto.objects.get().pk
    said = {f"alt-{pk}": "Дети на горке", f"children-{pk}": "on"}

    refused = client.post("/desk/posts/new/", typed(step="publish", **said, seen="2"))
    client.post("/desk/posts/new/", typed(step="publish", **said, **{f"consent-{pk}": "папка 7, лист 3"}, seen="3"))

    assert "Photo 1 shows children" in refused.content.decode()
    row = RevisionPhoto.objects.get()
    assert (row.shows_children, row.consent) == (True, "папка 7, лист 3")
    site = Client().get(f"/posts/{Post.objects.get().slug}/").content.decode()
    assert "папка" not in site


def test_two_devices_are_told_and_both_texts_are_there(client: Client) -> None:
    client.post(HERE, typed(text="С телефона"))

    answer = client.post("/desk/posts/new/", typed(text="С компьютера", step="preview"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert ("С телефона" in page, "С компьютера" in page, "changed on another device" in page) == (True, True, True)
    version = PostDraft.objects.get().version
    assert re.findall(r'name="seen" value="(\d+)"', page) == [str(version)]
    assert client.post("/desk/posts/new/", typed(text="С компьютера", step="preview", seen=version)).status_code == 200


def test_script_is_answered_in_short(client: Client) -> None:
    first = client.post(HERE, typed(), headers={"HX-Request": "true"})
    other = client.post(HERE, typed(text="Иначе"), headers={"HX-Request": "true"})
    tray = client.get(f"{HERE}photos/", headers={"HX-Request": "true"}).content.decode()

    assert (first.status_code, first.json()) == (200, {"version": 2})
    assert (other.status_code, other.json()["text"]) == (409, "Готов.")
    assert tray.lstrip().startswith("<fieldset")


def test_draft_is_thrown_away(client: Client) -> None:
    client.post(HERE, typed())

    client.post(f"{HERE}drop/")

    assert (PostDraft.objects.count(), client.post(f"{HERE}drop/").status_code) == (0, 404)


def test_draft_and_its_photos_are_nobody_elses(client: Client, office: Office) -> None:
    client.post(f"{HERE}photos/", typed(photos=[photo()]))
    prepared()
    row = DraftPhoto.objects.get()
    other = signed_in(make_official(office.town.city, Role.CHIEF_EDITOR))

    codes = [
        other.post(f"{HERE}photos/{row.pk}/", {"then": "take_out"}).status_code,
        other.post(f"{HERE}drop/").status_code,
        other.get(f"/desk/files/{row.file.key}/screen/").status_code,
    ]

    assert codes == [404, 404, 404]
    own = client.get(f"/desk/files/{row.file.key}/screen/")
    assert (own.status_code, len(own.getvalue()) > 0) == (200, True)
    assert "Двор" not in other.get(f"/desk/posts/new/?draft={KEY}").content.decode()
    assert DraftPhoto.objects.filter(removed_at=None).count() == 1


@pytest.mark.parametrize("area", ["", "1,2", "a,b,c,d", "0,0,9,9", "nan,0,1,1"])
def test_area_that_is_none_is_refused(client: Client, area: str) -> None:
    client.post(f"{HERE}photos/", typed(photos=[photo()]))
    prepared()
    row = DraftPhoto.objects.get()

    answer = client.post(f"{HERE}photos/{row.pk}/", {"then": "cut", "area": area}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert DraftPhoto.objects.get().crop is None


def test_unknown_draft_is_an_empty_form(client: Client) -> None:
    assert client.get(f"/desk/posts/new/?draft={uuid4()}").status_code == 200
    assert client.get("/desk/posts/new/?draft=x").status_code == 200
