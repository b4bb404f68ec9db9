"""The field: an executor's tasks, and what a phone sends being done once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from otklik.cases.enums import AnswerState, Status
from otklik.cases.fieldwork import FieldDeed
from otklik.cases.models import Answer, Case
from otklik.cases.photos import CasePhoto
from otklik.cases.services import answering, assigning
from otklik.cases.services.fieldwork import Sending, do_once
from otklik.cases.tasks import tasks_of
from otklik.desk.field import geo_link
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Place
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.pictures import picture as jpeg

JSON = {"Accept": "application/json"}


def send(client: Client, case: Case, deed: str, **said: object) -> tuple[int, dict[str, str]]:
    values = {"key": str(uuid4()), "deed": deed, **said}
    answer = client.post(reverse("desk:field_send", args=[case.number]), values, headers=JSON)
    return answer.status_code, answer.json()


def drafted(text: str = "Засыпали сегодня.", **said: object) -> dict[str, object]:
    return {"text": text, "outcome": "resolved", "seen": "", **said}


def test_tasks_are_mine_and_the_departments_by_deadline(office: Office) -> None:
    access, now = access_of(office.executor), office.town.now
    late, mine, free = (office.case(f"Яма {n}", ago_h=n) for n in (5, 3, 1))
    other = office.case("Нет воды", topic="utilities.heating")
    for case in (mine, late):
        assigning.take(access, Case.objects.get(pk=case.pk), now=now)
    taken = office.case("Чужая яма")
    assigning.take(access_of(office.approver), Case.objects.get(pk=taken.pk), now=now)

    tasks = tasks_of(access)

    assert [task.case.pk for task in tasks.mine] == [late.pk, mine.pk]
    assert [task.case.pk for task in tasks.free] == [free.pk]
    assert other.pk not in {task.case.pk for task in (*tasks.mine, *tasks.free)}


def test_danger_to_life_is_the_first_task_whatever_else_is_late(office: Office) -> None:
    late, danger = office.case("Яма", ago_h=50), office.case("Открытый люк у садика", urgency=4, ago_h=0.1)

    assert [task.case.pk for task in tasks_of(access_of(office.executor)).free] == [danger.pk, late.pk]


def test_task_waiting_for_an_approver_is_counted_not_listed(office: Office) -> None:
    access, case = access_of(office.executor), office.case()
    answering.write_draft(access, case, "Засыпали.", answering.Outcome.RESOLVED, now=office.town.now)
    answering.submit(access, case, now=office.town.now)

    tasks = tasks_of(access)

    assert (list(tasks.mine), tasks.handed_on) == ([], 1)


@pytest.mark.parametrize("rows", [1, 30])
def test_list_takes_the_same_queries_whatever_is_in_it(
    rows: int, office: Office, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    access = access_of(office.executor)
    for n in range(rows):
        office.case(f"Яма {n}")
    assigning.take(access, office.case("Моя"), now=office.town.now)

    with django_assert_num_queries(5):
        tasks = tasks_of(access)

    assert (len(tasks.mine), len(tasks.free)) == (1, rows)


def test_case_of_another_department_is_no_task(office: Office) -> None:
    case = office.case(topic="utilities.heating")
    client = office.browser(office.executor)

    assert client.get(f"/desk/field/{case.number}/").status_code == 404
    assert send(client, case, "take")[0] == 404


def test_whoever_only_looks_has_no_field(office: Office) -> None:
    case = office.case()

    codes = [office.browser(office.operator).get(one).status_code for one in ("/desk/field/", "/desk/field/who/")]
    codes.append(office.browser(office.operator).post(f"/desk/field/{case.number}/send/").status_code)

    assert codes == [403, 403, 403]


def test_case_of_another_city_is_no_task(office: Office) -> None:
    case = office.case()

    assert send(signed_in(make_stranger()), case, "take")[0] == 404


def test_same_sending_twice_is_done_once_and_heard_twice(office: Office) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())

    answers = [send(client, case, "draft", key=key, **drafted(then="submit")) for _ in range(2)]

    assert answers == [(200, {"state": "done", "words": "Saved and handed on for approval."})] * 2
    assert Answer.objects.filter(case=case).count() == 1
    assert case.journal.filter(action="submitted").count() == 1


def test_same_sending_is_heard_again_after_the_case_went_elsewhere(office: Office) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())
    first = send(client, case, "return", key=key, reason="Это двор, не дорога")
    Case.objects.filter(pk=case.pk).update(department=None)

    assert send(client, case, "return", key=key, reason="Это двор, не дорога") == first


def test_key_of_somebody_else_is_another_key(office: Office) -> None:
    case, key = office.case(), str(uuid4())
    colleague = make_official(office.town.city, (Role.EXECUTOR, case.department))

    codes = [
        send(who, case, "note", key=key, note="Был там")[0] for who in map(signed_in, (office.executor, colleague))
    ]

    assert codes == [200, 200]
    assert case.notes.count() == 2


def test_key_used_for_something_else_is_refused(office: Office) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())
    send(client, case, "note", key=key, note="Был там")

    code, said = send(client, case, "take", key=key)

    assert (code, said["state"]) == (409, "refused")
    case.refresh_from_db()
    assert case.status == Status.ASSIGNED


def test_refused_sending_leaves_nothing_and_may_be_sent_again(office: Office) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())
    colleague = access_of(office.approver)
    answering.write_draft(colleague, case, "Слова коллеги.", answering.Outcome.EXPLAINED, now=office.town.now)

    code, said = send(client, case, "draft", key=key, **drafted("Мои слова."))
    again = send(client, case, "draft", key=key, **drafted("Мои слова.", seen="Слова коллеги."))

    assert (code, said["words"].startswith("Somebody changed this case")) == (409, True)
    assert again[0] == 200
    assert Answer.objects.get(case=case).text == "Мои слова."


def test_failure_in_the_middle_notes_no_key(office: Office) -> None:
    case, key = office.case(), uuid4()

    def fails() -> None:
        case.notes.create(municipality=office.town.city, author=office.executor, text="?", at=office.town.now)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        do_once(access_of(office.executor), case, Sending(key, "note"), fails, now=office.town.now)

    assert (case.notes.count(), FieldDeed.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("deed", "said"), [("draft", {"text": "", "outcome": "resolved"}), ("note", {"note": " "}), ("return", {})]
)
def test_empty_words_are_refused_in_a_sentence(deed: str, said: dict[str, str], office: Office) -> None:
    code, heard = send(office.browser(office.executor), office.case(), deed, **said)

    assert (code, heard["state"]) == (422, "refused")
    assert heard["words"].endswith(".")


@pytest.mark.parametrize("said", [{"key": "x"}, {"deed": "approve"}, {"key": ""}])
def test_sending_without_a_key_or_of_something_else_is_not_found(said: dict[str, str], office: Office) -> None:
    values = {"key": str(uuid4()), "deed": "take", **said}

    answer = office.browser(office.executor).post(f"/desk/field/{office.case().number}/send/", values)

    assert answer.status_code == 404


def test_without_scripts_the_form_works_and_keeps_what_was_typed(office: Office) -> None:
    case, client = office.case(), office.browser(office.executor)
    address = reverse("desk:field_send", args=[case.number])

    refused = client.post(address, {"key": str(uuid4()), "deed": "draft", **drafted("")})
    done = client.post(address, {"key": str(uuid4()), "deed": "draft", **drafted("Засыпали.", then="save")})

    assert refused.status_code == 422
    assert (done.status_code, done["Location"]) == (302, f"/desk/field/{case.number}/")
    assert Answer.objects.get(case=case, state=AnswerState.DRAFT).text == "Засыпали."


def test_pages_name_the_session_that_may_keep_them(office: Office) -> None:
    case, client = office.case(), office.browser(office.executor)
    other = office.browser(office.approver)

    mine = {client.get(one)["X-Otklik-Keep"] for one in ("/desk/field/", f"/desk/field/{case.number}/")}

    assert len(mine) == 1
    assert other.get("/desk/field/")["X-Otklik-Keep"] not in mine
    assert client.get("/desk/field/")["Cache-Control"] == "no-store"
    assert "X-Otklik-Keep" not in client.get(f"/desk/cases/{case.number}/")


def test_key_to_what_waits_is_its_authors_in_every_session(office: Office) -> None:
    mine = [office.browser(office.executor).get("/desk/field/who/").json() for _ in range(2)]
    other = office.browser(office.approver).get("/desk/field/who/").json()

    assert len({one["lock"] for one in mine}) == len({one["owner"] for one in mine}) == 1
    assert len({one["session"] for one in mine}) == 2
    assert not {other["lock"], other["owner"]} & {mine[0]["lock"], mine[0]["owner"]}
    assert len(bytes.fromhex(other["lock"])) == 32


def picture(name: str = "яма.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg(), content_type="image/jpeg")


def test_draft_with_photos_is_handed_on_once(office: Office) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())
    said = drafted("Олег, засыпали.", then="submit", alt="Засыпанная яма")

    answers = [send(client, case, "draft", key=key, **said, photos=[picture(), picture("2.jpg")]) for _ in range(2)]

    assert [code for code, _ in answers] == [200, 200]
    assert Answer.objects.get(case=case).state == AnswerState.SUBMITTED
    assert [photo.alt for photo in CasePhoto.objects.filter(case=case)] == ["Засыпанная яма"] * 2


def test_sending_that_died_after_the_words_goes_on_with_the_photos(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())
    said = drafted("Олег, засыпали.", then="submit", alt="Засыпанная яма")
    with monkeypatch.context() as broken:
        broken.setattr("otklik.cases.services.picturing.keep", dies)
        with pytest.raises(OSError, match="no space"):
            send(client, case, "draft", key=key, **said, photos=[picture()])
    assert Answer.objects.get(case=case).state == AnswerState.DRAFT

    assert send(client, case, "draft", key=key, **said, photos=[picture()])[0] == 200

    assert Answer.objects.get(case=case).state == AnswerState.SUBMITTED
    assert CasePhoto.objects.filter(case=case).count() == 1


def dies(*_args: object, **_more: object) -> None:
    raise OSError("no space")


def test_photo_that_is_none_is_refused_with_the_words_kept(office: Office) -> None:
    case, client = office.case(), office.browser(office.executor)
    fake = SimpleUploadedFile("яма.jpg", b"MZ\x90\x00 not a picture", content_type="image/jpeg")

    code, heard = send(client, case, "draft", **drafted("Засыпали.", then="submit", alt="Яма"), photos=[fake])

    assert (code, heard["state"], heard["taken"]) == (409, "refused", True)
    assert Answer.objects.get(case=case).state == AnswerState.DRAFT


def test_draft_that_a_colleague_replaced_meanwhile_is_not_handed_on_for_them(office: Office) -> None:
    case, client, key = office.case(), office.browser(office.executor), str(uuid4())
    said = drafted("Мои слова.", then="submit", alt="")
    first = send(client, case, "draft", key=key, **said, photos=[picture()])  # refused: nobody said what it shows
    case.refresh_from_db()
    colleague = access_of(office.approver)
    answering.write_draft(colleague, case, "Слова коллеги.", answering.Outcome.EXPLAINED, now=office.town.now)

    again = send(client, case, "draft", key=key, **said, photos=[picture()])

    assert (first[0], again[0]) == (409, 409)
    assert Answer.objects.get(case=case).state == AnswerState.DRAFT


def test_place_opens_a_map_app_by_its_address(office: Office) -> None:
    case = office.case(place="ул. Садовая, 12")
    case.place = Place(name="Садовая", lat=44.5, lon=41.25)

    assert geo_link(case, office.town.city).startswith("geo:44.500000,41.250000?q=%D1%83%D0%BB.%20%D0%A1")
    case.place = None
    assert geo_link(case, office.town.city).startswith("geo:0,0?q=")
    case.place_text = ""
    assert geo_link(case, office.town.city) == ""


def test_app_starts_where_the_day_begins(office: Office) -> None:
    people = (office.head, office.executor, office.approver, office.operator)

    found = [office.browser(one).get("/desk/start/")["Location"] for one in people]

    assert found == ["/desk/head/", "/desk/field/", "/desk/", "/desk/"]


def test_app_says_what_it_is_and_which_worker_serves_it(office: Office) -> None:
    manifest = Client().get("/desk/manifest.webmanifest").json()
    worker = Client().get("/desk/worker.js")

    assert (manifest["scope"], manifest["start_url"], len(manifest["icons"])) == ("/desk/", "/desk/start/", 3)
    assert worker["Content-Type"] == "text/javascript; charset=utf-8"
    assert worker["Cache-Control"] == "no-cache"
    assert worker.content.startswith(b'const SETUP = {"version": "')
    assert Client().get("/desk/offline/").status_code == 200
