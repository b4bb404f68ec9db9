"""Photos on the desk: beside the words, for whoever may read them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.models import Case
from otklik.channels.models import Message, MessageFile
from otklik.common.clock import now
from otklik.media.models import StoredFile
from otklik.media.services.keeping import keep
from otklik.media.services.preparing import prepare_next
from otklik.org.enums import Role
from otklik.org.models import Place
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import PLACE, picture


def with_photo(office: Office, case: Case, fetched: str = "kept", **stored: object) -> MessageFile:
    """A photo beside the words that opened a case."""
    message = Message.objects.get(case_message__case=case)
    file = keep(office.town.city.pk, "яма.jpg", [picture(64, 48, place=PLACE)], now=now())
    prepare_next(now=now())
    StoredFile.objects.filter(pk=file.pk).update(**stored)
    return MessageFile.objects.create(
        municipality=office.town.city,
        message=message,
        position=message.files.count(),
        kind="photo",
        file=file if fetched == "kept" else None,
        state=fetched,
        filename="яма.jpg",
        due_at=now(),
    )


def status(client: object, row: MessageFile) -> int:
    answer = client.get(f"/desk/files/{row.file.key}/thumb/")
    answer.getvalue()
    return answer.status_code


def test_photo_stands_beside_the_words_and_opens(office: Office) -> None:
    case = office.case(name="Нина")
    row = with_photo(office, case)
    client = office.browser(office.executor)

    page = client.get(f"/desk/cases/{case.number}/").content.decode()

    assert f'href="/desk/files/{row.file.key}/screen/" data-look' in page
    assert 'alt="Photo 1 from Нина"' in page
    assert status(client, row) == 200


def test_photo_is_seen_by_whoever_may_read_the_words_and_nobody_else(office: Office) -> None:
    row = with_photo(office, office.case(topic="utilities.heating"))

    seen = {
        who: status(office.browser(getattr(office, who)), row)
        for who in ("operator", "curator", "head", "aide", "executor", "approver")
    }

    assert seen == {"operator": 200, "curator": 200, "head": 200, "aide": 200, "executor": 404, "approver": 404}
    assert status(signed_in(make_stranger()), row) == 404
    assert status(signed_in(make_official(office.town.city, Role.EDITOR)), row) == 403


def test_photo_of_an_unsorted_message_is_the_operators(office: Office) -> None:
    row = with_photo(office, office.case())
    message = office.unsorted()
    MessageFile.objects.filter(pk=row.pk).update(message=message)

    assert status(office.browser(office.operator), row) == 200
    assert status(office.browser(office.aide), row) == 404
    assert (
        f"/desk/files/{row.file.key}/thumb/"
        in office.browser(office.operator).get(f"/desk/sort/{message.pk}/").content.decode()
    )


def test_photo_of_a_deleted_message_is_gone(office: Office) -> None:
    case = office.case()
    row = with_photo(office, case)
    Message.objects.update(deleted_at=now(), text="")

    assert status(office.browser(office.operator), row) == 404
    assert row.file.key not in office.browser(office.operator).get(f"/desk/cases/{case.number}/").content.decode()


@pytest.mark.parametrize(
    ("fetched", "stored", "words"),
    [
        ("kept", {"state": "quarantined", "finding": "Pretended.Virus"}, "holds a virus (Pretended.Virus)"),
        ("kept", {"state": "unreadable", "trouble": "broken"}, "the picture is broken"),
        ("kept", {"state": "waiting", "trouble": "scanner"}, "the virus scanner doesn&#x27;t answer"),
        ("kept", {"state": "waiting"}, "A file is being checked"),
        ("due", {}, "photo: яма.jpg: being fetched"),
        ("failed", {}, "photo: яма.jpg: could not be fetched"),
        ("left", {}, "photo: яма.jpg"),
    ],
    ids=["virus", "broken", "scanner away", "being checked", "due", "failed", "left"],
)
def test_file_that_cannot_be_seen_says_why(office: Office, fetched: str, stored: dict, words: str) -> None:
    case = office.case()
    row = with_photo(office, case, fetched, **stored)

    page = office.browser(office.curator).get(f"/desk/cases/{case.number}/").content.decode()

    assert words in page
    assert "/thumb/" not in page
    assert row.file is None or status(office.browser(office.curator), row) == 404


def test_place_of_a_photo_is_suggested_by_the_nearest_place(office: Office) -> None:
    Place.objects.create(
        municipality=office.town.city, kind="street", name="Садовая", lat=PLACE[0] + 0.002, lon=PLACE[1]
    )
    Place.objects.create(
        municipality=office.town.city, kind="street", name="Дальняя", lat=PLACE[0] + 0.02, lon=PLACE[1]
    )
    case = office.case()
    with_photo(office, case)

    page = office.browser(office.operator).get(f"/desk/cases/{case.number}/").content.decode()

    assert "The photo says it was taken near Садовая (44.63300, 41.93300)" in page


@pytest.mark.parametrize("photos", [1, 8])
def test_photos_cost_the_screen_no_query_each(office: Office, photos: int) -> None:
    plain, case = office.case(), office.case()
    for _ in range(photos):
        with_photo(office, case)
    client = office.browser(office.curator)

    counts = []
    for one in (plain, case):
        client.get(f"/desk/cases/{one.number}/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/desk/cases/{one.number}/")
        counts.append(len(asked))

    assert counts[1] - counts[0] == 1  # the places on the map, once
