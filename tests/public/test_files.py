"""Photos of residents: taken with the form, seen by whoever may read the words."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client

from otklik.channels.enums import Decision
from otklik.channels.models import Message, MessageFile
from otklik.common.clock import now
from otklik.media.models import StoredFile
from otklik.media.services.preparing import prepare_next
from otklik.public import limits
from tests.builders import make_official
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import PDF, PLACE, PROGRAM, picture
from tests.public.test_writing import ingest, typed
from tests.public.town import Town


def photo(name: str = "яма.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if content is not None else picture(800, 600, place=PLACE))


def seen(client: Client, address: str) -> HttpResponseBase:
    """The answer, read to its end as a browser would."""
    answer = client.get(address)
    answer.getvalue()
    return answer


def prepared(town: Town) -> None:
    while prepare_next(now=now()) is not None:
        pass


def test_photos_come_with_the_words(town: Town, client: Client) -> None:
    answer = client.post("/write/", {**typed(client), "photos": [photo(), photo("смета.pdf", PDF)]})

    message = ingest(town)
    prepared(town)

    assert answer.status_code == 302
    rows = list(MessageFile.objects.filter(message=message).order_by("position"))
    assert [(row.kind, row.file.filename, row.file.state) for row in rows] == [
        ("photo", "яма.jpg", "ready"),
        ("document", "смета.pdf", "ready"),
    ]


def test_what_is_not_taken_is_said_and_nothing_else_is_lost(town: Town, client: Client) -> None:
    fields = typed(client)

    refused = client.post("/write/", {**fields, "photos": [photo(), photo("отпуск.jpg", PROGRAM)]})
    page = refused.content.decode()
    kept = re.search(r'name="kept" value="([0-9a-f]{32})"', page)
    again = client.post("/write/", {**fields, "kept": kept[1]})
    message = ingest(town)

    assert refused.status_code == 422
    assert "отпуск.jpg — это программа" in page
    assert fields["text"] in page
    assert again.status_code == 302
    assert [row.file.filename for row in message.files.all()] == ["яма.jpg"]


def test_large_photo_is_refused_with_what_to_do(town: Town, client: Client) -> None:
    answer = client.post("/write/", {**typed(client), "photos": photo("IMG.jpg", picture() + bytes(30_000_000))})

    assert answer.status_code == 422
    assert "IMG.jpg больше 20 МБ" in answer.content.decode()


def test_second_click_is_one_message_with_its_photos(town: Town, client: Client) -> None:
    fields = typed(client)

    for _ in range(2):
        client.post("/write/", {**fields, "photos": photo()})
    ingest(town)

    assert (Message.objects.count(), MessageFile.objects.count()) == (1, 1)


def test_other_photos_with_the_same_words_are_another_message(town: Town, client: Client) -> None:
    fields = typed(client)

    client.post("/write/", {**fields, "photos": photo()})
    client.post("/write/", {**fields, "photos": photo(content=picture(20, 20))})
    ingest(town)

    assert Message.objects.count() == 2


@pytest.mark.parametrize("whose", ["another message's", "an official's", "nobody's"])
def test_key_of_another_file_is_not_taken(town: Town, client: Client, whose: str) -> None:
    client.post("/write/", {**typed(client), "photos": photo()})
    theirs = StoredFile.objects.get()
    if whose == "another message's":
        ingest(town)
    elif whose == "an official's":
        StoredFile.objects.update(uploaded_by=make_official(town.city))
    key = "0" * 32 if whose == "nobody's" else theirs.key

    client.post("/write/", {**typed(client), "kept": key})

    newest = ingest(town)
    assert newest.files.count() == 0


def test_address_that_sends_too_many_files_is_slowed_down(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FILES", 1)
    monkeypatch.setattr(limits, "_is_loopback", lambda _: False)

    answer = client.post("/write/", {**typed(client), "photos": [photo(), photo("2.jpg")]})

    assert answer.status_code == 422
    assert "подождите десять минут" in answer.content.decode()


def said_with_photo(town: Town, client: Client, **said: object) -> tuple[Message, StoredFile]:
    client.post("/write/", {**typed(client), "photos": photo()})
    kept = StoredFile.objects.get()
    message = town.say("site", "Яма на Садовой, 12", **said)
    MessageFile.objects.create(
        municipality=town.city, message=message, position=0, kind="photo", file=kept, state="kept", due_at=now()
    )
    prepared(town)
    return message, kept


def test_photo_of_public_words_is_for_all_with_strict_headers(town: Town, client: Client) -> None:
    _, file = said_with_photo(town, client)

    answer = client.get(f"/files/{file.key}/thumb/")
    content = answer.getvalue()

    assert (answer.status_code, content[8:12]) == (200, b"WEBP")
    assert {name: answer[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")} == {
        "Content-Type": "image/webp",
        "Cache-Control": "public, max-age=86400",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Disposition"].startswith("inline; filename")
    again = client.get(f"/files/{file.key}/thumb/", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("change", ["private", "deleted", "spam", "raw", "not ready", "unknown"])
def test_photo_that_is_not_for_all_does_not_exist(town: Town, client: Client, change: str) -> None:
    said = {"visibility": "private"} if change == "private" else {}
    message, file = said_with_photo(town, client, **said)
    if change == "deleted":
        Message.objects.filter(pk=message.pk).update(deleted_at=now())
    elif change == "spam":
        Message.objects.filter(pk=message.pk).update(decision=Decision.SPAM)
    elif change == "not ready":
        StoredFile.objects.update(state="waiting")
    key, look = ("0" * 32 if change == "unknown" else file.key), ("raw" if change == "raw" else "whole")

    assert client.get(f"/files/{key}/{look}/").status_code == 404


def test_private_photo_opens_by_the_code_of_its_case_only(town: Town, client: Client) -> None:
    message, file = said_with_photo(town, client, visibility="private", name="Нина")
    case = town.case(message)
    other = town.case(town.say("site", "Другое", visibility="private", name="Пётр"))

    own = seen(client, f"/case/{case.code}/files/{file.key}/screen/")
    page = client.get(f"/case/{case.code}/").content.decode()

    assert (own.status_code, own["Cache-Control"]) == (200, "private, no-cache")
    assert f'href="/case/{case.code}/files/{file.key}/screen/"' in page
    assert client.get(f"/case/{other.code}/files/{file.key}/screen/").status_code == 404
    assert client.get(f"/case/none/files/{file.key}/screen/").status_code == 404


def test_photo_of_a_private_message_is_not_public_with_its_case(town: Town, client: Client) -> None:
    message, file = said_with_photo(town, client, visibility="private")
    town.case(message, is_public=True)

    assert seen(client, f"/files/{file.key}/thumb/").status_code == 404


def test_document_is_saved_not_shown(town: Town, client: Client) -> None:
    client.post("/write/", {**typed(client), "photos": photo("смета.html", PDF)})
    message = ingest(town)
    prepared(town)
    Message.objects.filter(pk=message.pk).update(visibility="public")
    file = StoredFile.objects.get()

    answer = client.get(f"/files/{file.key}/whole/")

    content = answer.getvalue()

    assert content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert file.filename == "смета.pdf"


def test_photo_stands_in_the_conversation_under_a_post(town: Town, client: Client) -> None:
    post = town.post("Дороги")
    _, file = said_with_photo(town, client, post=post, name="Нина")

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert f'src="/files/{file.key}/thumb/"' in page
    assert 'alt="Фото 1, автор: Нина"' in page


def test_photos_are_added_to_ones_own_case(town: Town, client: Client) -> None:
    case = town.case(town.say("site", "Яма на Садовой, 12", visibility="private", name="Нина"))
    fields = typed(client, f"/case/{case.code}/")

    refused = client.post(f"/case/{case.code}/add/", {**fields, "photos": photo("отпуск.jpg", PROGRAM)})
    taken = [client.post(f"/case/{case.code}/add/", {**fields, "photos": photo()}).status_code for _ in range(2)]
    prepared(town)

    row = MessageFile.objects.get()
    assert (refused.status_code, taken) == (422, [302, 302])
    assert "отпуск.jpg — это программа" in refused.content.decode()
    assert seen(client, f"/case/{case.code}/files/{row.file.key}/thumb/").status_code == 200
