"""Photos of officials: who may put them, what is taken, what an approver sees, what is cleared for everybody."""

from __future__ import annotations

import itertools
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from otklik.cases.enums import Outcome, PhotoSide, PhotoUse, Withdrawal
from otklik.cases.models import Case
from otklik.cases.photos import CasePhoto, ShownPhoto
from otklik.cases.publicity import photos_to_clear
from otklik.cases.services import answering, controlling, picturing, unveiling
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.cases.services.showing import agree, disagree
from otklik.channels.enums import FetchState
from otklik.channels.models import Message, MessageFile
from otklik.common.clock import now
from otklik.media.enums import FileState
from otklik.media.folder import path_of
from otklik.media.models import Rendition, StoredFile
from otklik.media.services.sweeping import unused
from otklik.org.access import Refused, access_of
from otklik.org.enums import Role
from tests.builders import make_official, signed_in
from tests.cases.picturing import draw_all, put, put_one
from tests.desk.office import Office, make_stranger
from tests.desk.test_files import with_photo
from tests.media.conftest import data_folder, english  # noqa: F401 - a data folder of each test's own, one language
from tests.media.test_drawing import bomb
from tests.pictures import PROGRAM, picture

pytestmark = pytest.mark.usefixtures("data_folder")


def send(client: Client, case: Case, content: bytes, name: str = "IMG.jpg", **said: object) -> tuple[int, str]:
    upload = SimpleUploadedFile(name, content, "image/jpeg")
    answer = client.post(f"/desk/cases/{case.number}/photos/", {"photos": upload, "alt": "Дорога", **said})
    return answer.status_code, answer.content.decode()


def drafted(office: Office, case: Case) -> None:
    answering.write_draft(access_of(office.executor), case, "Игорь, засыпали.", Outcome.RESOLVED, now=now())


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"\xff\xd8\xff" + b"\0" * 30_000_000, "big.jpg", "big.jpg is larger than 20 MB"),
        (PROGRAM, "yard.jpg", "yard.jpg is a program, not a photo"),
        (b"%PDF-1.4 and so on", "paper.jpg", "paper.jpg is not a photo: only photos go here."),
        (b"PK\x03\x04" + b"\0" * 100, "zip.jpg", "zip.jpg is of a kind we can"),
        (b"", "empty.jpg", "empty.jpg is empty"),
    ],
    ids=["30 MB", "program", "PDF", "archive", "empty"],
)
def test_file_that_is_no_photo_gets_one_clear_sentence(
    office: Office, content: bytes, name: str, sentence: str
) -> None:
    case = office.case()

    code, page = send(
        office.browser(office.executor), case, content, name, text="Слова, которые жалко", outcome="resolved"
    )

    assert (code, page.count(sentence.replace("'", "&#x27;"))) == (422, 1)
    assert "Слова, которые жалко" in page
    assert (CasePhoto.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_photo_of_an_iphone_is_taken_and_keeps_nothing_of_where_it_was_taken(office: Office) -> None:
    photo = put_one(access_of(office.executor), office.case(), deed="phone-00001")

    assert (photo.file.state, photo.file.mime) == (FileState.READY, "image/jpeg")
    heic = put(access_of(office.executor), office.case(), picture(64, 48, format="HEIF", place=(44.6, 41.9))).photos[0]
    whole = Rendition.objects.get(file=heic.file, look="whole")
    with Image.open(path_of(office.town.city.pk, whole.digest)) as drawn:
        assert (drawn.format, dict(drawn.getexif())) == ("JPEG", {})


def test_bomb_is_taken_for_no_photo_and_stops_the_approval(office: Office) -> None:
    case = office.case()
    put(access_of(office.executor), case, bomb(30_000, 30_000))
    drafted(office, case)
    answering.submit(access_of(office.executor), case, now=now())

    with pytest.raises(ValueError, match="a photo can't be opened"):
        answering.approve(access_of(office.approver), case, now=now())


def test_photo_that_is_still_being_checked_is_not_approved(office: Office) -> None:
    case = office.case()
    sent = picturing.Sent([picturing.Upload("a.jpg", [picture()], "Дорога")])
    picturing.attach(access_of(office.executor), case, sent, now=now())
    drafted(office, case)
    answering.submit(access_of(office.executor), case, now=now())

    with pytest.raises(ValueError, match="still being checked"):
        answering.approve(access_of(office.approver), case, now=now())
    draw_all()
    assert answering.approve(access_of(office.approver), case, now=now()).photos.count() == 1


def test_photo_without_words_is_not_handed_on_unless_it_is_said_why(office: Office) -> None:
    case, executor = office.case(), access_of(office.executor)
    (photo,) = put(executor, case, alt="").photos
    drafted(office, case)

    with pytest.raises(ValueError, match="say of each photo"):
        answering.submit(executor, case, now=now())
    case.refresh_from_db()
    picturing.describe(executor, case, photo.pk, "", "Только план, слова в ответе", now=now())
    assert answering.submit(executor, case, now=now()).photos.get().alt_waived == "Только план, слова в ответе"


def test_photos_change_only_while_the_words_may(office: Office) -> None:
    case, executor = office.case(), access_of(office.executor)
    photo = put_one(executor, case)
    drafted(office, case)
    answering.submit(executor, case, now=now())
    case.refresh_from_db()

    for change in (
        lambda: put(executor, case, deed="later-00001"),
        lambda: picturing.remove(executor, case, photo.pk, now=now()),
        lambda: picturing.describe(executor, case, photo.pk, "Другое", "", now=now()),
    ):
        with pytest.raises(IllegalMove):
            change()
    assert [one.alt for one in CasePhoto.objects.filter(case=case)] == ["Ровный асфальт"]


def test_approver_who_saw_other_photos_approves_nothing(office: Office) -> None:
    case, executor, approver = office.case(), access_of(office.executor), access_of(office.approver)
    photo = put_one(executor, case)
    drafted(office, case)
    answering.submit(executor, case, now=now())
    seal = office.browser(office.approver).get(f"/desk/cases/{case.number}/").context["screen"].pictures.seal
    case.refresh_from_db()
    answering.decline(approver, case, "Не та улица", now=now())
    picturing.remove(executor, case, photo.pk, now=now())
    put(executor, case, picture(colour="navy"), deed="other-00001")
    case.refresh_from_db()
    answering.submit(executor, case, now=now())

    with pytest.raises(Overtaken):
        answering.approve(approver, case, now=now(), seen=seal)
    answer = answering.approve(approver, case, now=now())
    assert answer.photos.count() == 1


def test_eleventh_photo_is_left_out_with_a_sentence(office: Office) -> None:
    case, executor = office.case(), access_of(office.executor)
    small = [picture(8, 8, colour=colour) for colour in ("red", "blue")] * 6

    found = put(executor, case, *small)

    assert (len(found.photos), found.refused[0]) == (10, "More than 10 photos: the rest was left out.")


def test_photos_are_put_in_another_order(office: Office) -> None:
    case, executor = office.case(), access_of(office.executor)
    _, second = put(executor, case, picture(8, 8), picture(8, 8, colour="red")).photos

    picturing.put_first(executor, case, second.pk, now=now())

    assert CasePhoto.objects.filter(case=case).first() == second


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CURATOR, Role.AIDE, Role.EDITOR, Role.ADMIN])
def test_whoever_writes_no_answers_puts_no_photos(office: Office, role: Role) -> None:
    case = office.case()
    client = signed_in(make_official(office.town.city, role))

    assert send(client, case, picture())[0] == 403
    with pytest.raises(Refused):
        put(access_of(make_official(office.town.city, role)), case)
    assert CasePhoto.objects.count() == 0


def test_other_departments_and_cities_put_and_see_none(office: Office) -> None:
    case, other = office.case(), office.case(topic="utilities.heating")
    photo = put_one(access_of(office.approver), case)
    stranger = signed_in(make_stranger())

    assert send(office.browser(office.executor), other, picture())[0] == 404
    assert send(stranger, case, picture())[0] == 404
    assert stranger.post(f"/desk/cases/{case.number}/photos/{photo.pk}/", {"then": "remove"}).status_code == 404
    looks = [
        client.get(f"/desk/files/{photo.file.key}/thumb/") for client in (stranger, office.browser(office.executor))
    ]
    assert [look.status_code for look in looks] == [404, 200]
    looks[1].getvalue()


def test_photo_of_another_case_is_not_changed_through_ones_own(office: Office) -> None:
    own, other = office.case(), office.case(topic="utilities.heating")
    photo = put_one(access_of(office.head), other)

    answer = office.browser(office.executor).post(f"/desk/cases/{own.number}/photos/{photo.pk}/", {"then": "after"})

    assert answer.status_code == 422
    assert CasePhoto.objects.get(pk=photo.pk).side == ""


def test_before_and_after_stand_side_by_side_on_the_desk(office: Office) -> None:
    case, executor = office.case(), access_of(office.executor)
    row = with_photo(office, case)
    picturing.describe_resident_photo(executor, case, row.pk, "Яма", now=now())
    picturing.mark_resident_photo(executor, case, row.pk, PhotoSide.BEFORE, now=now())
    put_one(executor, case, side=PhotoSide.AFTER)

    page = office.browser(office.executor).get(f"/desk/cases/{case.number}/").content.decode()

    assert page.count("data-before-after") == 1
    assert 'alt="Яма"' in page
    marked = put_one(executor, case, use=PhotoUse.EVIDENCE, side=PhotoSide.BEFORE)
    assert [one.pk for one in CasePhoto.objects.filter(case=case, side="before")] == [marked.pk]


def test_report_to_the_head_shows_photos(office: Office) -> None:
    case = office.case()
    controlling.set_control(access_of(office.head), case, now=now())
    upload = SimpleUploadedFile("IMG.jpg", picture(), "image/jpeg")
    said = {"report-text": "Закатали, шов проверим завтра.", "use": "report", "photos": upload, "alt": "Заплата"}

    sent = office.browser(office.executor).post(f"/desk/cases/{case.number}/report/", said)
    draw_all()

    assert sent.status_code == 302
    page = office.browser(office.head).get(f"/desk/cases/{case.number}/").content.decode()
    assert CasePhoto.objects.get(case=case).report is not None
    assert 'alt="Заплата"' in page
    assert photos_to_clear(case) == []


def shown(office: Office, row: MessageFile, case: Case, *areas: tuple[float, float, float, float]) -> ShownPhoto:
    wanted = unveiling.Unveiling(row.file_id, "Яма у остановки", areas)
    return unveiling.show_photo(access_of(office.operator), case, wanted, now=now())


def look(key: str) -> tuple[int, str, bytes]:
    answer = Client().get(f"/cases/photos/{key}/whole/", headers={"host": "127.0.0.1:8000"})
    return answer.status_code, answer.headers.get("Cache-Control", ""), answer.getvalue()


def test_only_a_cleared_photo_is_seen_by_everybody_until_it_is_taken_off(office: Office) -> None:
    case = office.case()
    row = with_photo(office, case)
    office.town.show(case)
    page = f"/cases/{case.number}/"

    assert "data-look" not in Client().get(page).content.decode()
    first = shown(office, row, case)
    assert f"/cases/photos/{first.key}/screen/" in Client().get(page).content.decode()
    assert look(first.key)[:2] == (200, "public, max-age=300")
    unveiling.take_off(access_of(office.operator), case, row.file_id, Withdrawal.PERSONAL, now=now())
    assert look(first.key)[0] == 410
    assert first.key not in Client().get(page).content.decode()
    again = shown(office, row, case)
    assert (again.pk, again.key != first.key, look("0" * 32)[0]) == (first.pk, True, 404)


def test_covered_face_is_gone_from_the_picture_itself(office: Office) -> None:
    case = office.case()
    row = with_photo(office, case)
    office.town.show(case)

    made = shown(office, row, case, (0.25, 0.0, 0.75, 0.5))

    with Image.open(BytesIO(look(made.key)[2])) as seen, Image.open(BytesIO(_whole(row.file))) as original:
        assert made.file_id != row.file_id
        covered, sharp = (steepest(one.convert("L")) for one in (seen, original))
        assert (sharp > 60, covered < 30) == (True, True)
        outside = (seen.width - 2, seen.height - 2)
        assert abs(seen.convert("L").getpixel(outside) - original.convert("L").getpixel(outside)) < 8


def steepest(picture: Image.Image) -> int:
    """Return the greatest step from one point to the next below, down the middle of the upper half."""
    column = [picture.getpixel((picture.width // 2, y)) for y in range(picture.height // 2 - 2)]
    return max(abs(one - other) for one, other in itertools.pairwise(column))


def _whole(file: StoredFile) -> bytes:
    row = Rendition.objects.get(file=file, look="whole")
    return path_of(file.municipality_id, row.digest).read_bytes()


@pytest.mark.parametrize("area", [(0.5, 0.5, 0.4, 0.6), (-0.1, 0, 0.5, 0.5), (0, 0, 1.2, 1), (0.1, 0.1, 0.1, 0.2)])
def test_area_that_makes_no_sense_is_refused(office: Office, area: tuple[float, float, float, float]) -> None:
    case = office.case()
    row = with_photo(office, case)

    with pytest.raises(ValueError, match="inside the photo"):
        shown(office, row, case, area)


def test_private_photo_needs_the_residents_word_and_goes_with_it(office: Office) -> None:
    case = office.case(visibility="private")
    row = with_photo(office, case)

    with pytest.raises(Overtaken):
        shown(office, row, case)
    page = f"/desk/cases/{case.number}/showing/photos/{row.file_id}/"
    assert office.browser(office.operator).get(page).status_code == 404
    agree(case, now=now())
    office.town.show(case)
    made = shown(office, row, case)
    assert look(made.key)[0] == 200
    disagree(case, now=now())
    assert look(made.key)[0] == 410


def test_deleted_message_takes_its_photo_along_at_once(office: Office) -> None:
    case = office.case()
    row = with_photo(office, case)
    office.town.show(case)
    made = shown(office, row, case)

    Message.objects.filter(pk=row.message_id).update(deleted_at=now())

    assert look(made.key)[0] == 410
    assert unveiling.forget_deleted_shown(now=now()) == 1
    assert ShownPhoto.objects.get().file is None


def test_operator_clears_a_photo_on_the_screen_and_looks_first(office: Office) -> None:
    case = office.case()
    row = with_photo(office, case)
    office.town.show(case)
    operator, page = office.browser(office.operator), f"/desk/cases/{case.number}/showing/photos/{row.file_id}/"
    typed = {"left": ["10", ""], "top": ["10", ""], "width": ["20,5", ""], "height": ["30", ""], "alt": "Яма"}

    seen = operator.post(page, {**typed, "then": "look"})
    assert seen.context["drawn"].key in seen.content.decode()
    assert ShownPhoto.objects.count() == 0
    assert operator.post(page, {**typed, "then": "show"}).status_code == 302
    assert ShownPhoto.objects.get().areas == [[0.1, 0.1, 0.305, 0.4]]
    assert operator.post(page, {**typed, "alt": "", "then": "show"}).status_code == 422
    assert operator.post(page, {**typed, "width": ["много", ""], "then": "look"}).status_code == 422


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.APPROVER, Role.HEAD, Role.AIDE])
def test_whoever_publishes_no_cases_clears_no_photos(office: Office, role: Role) -> None:
    case = office.case()
    row = with_photo(office, case)
    client = signed_in(make_official(office.town.city, role))

    assert client.get(f"/desk/cases/{case.number}/showing/photos/{row.file_id}/").status_code == 403
    with pytest.raises(Refused):
        unveiling.show_photo(
            access_of(make_official(office.town.city, role)), case, unveiling.Unveiling(row.file_id, "x"), now=now()
        )


def test_sweep_keeps_what_messages_answers_and_pages_refer_to(office: Office) -> None:
    from datetime import timedelta

    case = office.case()
    row = with_photo(office, case)
    put_one(access_of(office.executor), case)
    loose = StoredFile.objects.create(
        municipality=office.town.city, key="f" * 32, kind="picture", mime="image/jpeg", digest="x", size=1,
        due_at=now(), created_at=now(), state=FileState.READY,
    )  # fmt: skip

    found = list(unused(now=now() + timedelta(days=2)))

    assert row.state == FetchState.KEPT
    assert found == [loose]
