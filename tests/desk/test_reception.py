"""The reception: taking down what people say, and telling them the answer. By HTTP, up to the case and back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services.answering import approve, submit, write_draft
from otklik.cases.services.assigning import assign
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Channel, Delivery, Message, Outgoing
from otklik.channels.services import sending
from otklik.common import clock
from otklik.intake.understanding import Brain
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Department
from otklik.worker.taking import take_due
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import picture

NEW = "/desk/reception/new/"
KEY = "ab" * 16
TEXT = "Глубокая яма на дороге, Садовая 12, пробил колесо. Когда заделают?"


def typed(**fields: object) -> dict[str, object]:
    moment = clock.now() - timedelta(hours=5)
    return {
        "entry_id": KEY,
        "way": "phone",
        "text": TEXT,
        "told_at": moment.astimezone().strftime("%Y-%m-%dT%H:%M"),
        "name": "Нина Ручьёва",
        "contact": "8 900 000-00-00",
        "consents": "on",
        **fields,
    }


def called(office: Office, **fields: object) -> Case:
    """A call that was taken down and became a case."""
    office.browser(office.operator).post(NEW, typed(**fields))
    take_due(Brain())
    return Case.objects.select_related("municipality").get(channel__network="reception")


def answered(office: Office, case: Case) -> Outgoing:
    """The answer to it, approved."""
    now = clock.now() - timedelta(hours=1)
    roads = Department.objects.get(municipality=office.town.city, code="roads")
    if case.department_id != roads.pk:
        assign(access_of(office.operator), case, roads, now=now)
    case.refresh_from_db()
    write_draft(access_of(office.executor), case, "Засыпали сегодня утром.", Outcome.RESOLVED, now=now)
    submit(access_of(office.executor), case, now=now)
    approve(access_of(office.approver), case, now=now)
    return Outgoing.objects.get(answer_send__answer__case=case)


def test_call_goes_the_way_of_every_message(office: Office) -> None:
    browser = office.browser(office.operator)

    response = browser.post(NEW, typed())
    take_due(Brain())

    case = Case.objects.get(channel__network="reception")
    message = Message.objects.select_related("identity").get(case_message__case=case)
    assert response["Location"] == f"/desk/reception/taken/{KEY}/"
    assert (message.text, str(message.identity), message.kind) == (TEXT, "Нина Ручьёва", "report")
    assert message.received_at == message.occurred_at < clock.now() - timedelta(hours=4)
    assert f"№ {case.number}" in browser.get(response["Location"]).content.decode()
    assert Outgoing.objects.count() == 0  # whoever took it down has told them


def test_second_press_stores_nothing_twice(office: Office) -> None:
    browser = office.browser(office.operator)

    browser.post(NEW, typed())
    browser.post(NEW, typed())

    assert Delivery.objects.filter(channel__network="reception").count() == 1
    assert Channel.objects.filter(network="reception").count() == 1


def test_place_is_read_with_the_words(office: Office) -> None:
    office.browser(office.operator).post(NEW, typed(text="Не горит фонарь", place="ул. Садовая, 12"))
    take_due(Brain())

    assert Message.objects.get(channel__network="reception").text == "Не горит фонарь\nул. Садовая, 12"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "attach the letter"),
        ({"consents": ""}, "Ask whether we may keep it"),
        ({"told_at": ""}, "Say when they told us"),
        ({"told_at": "2999-01-01T10:00"}, "in the future"),
        ({"told_at": "1999-01-01T10:00"}, "look at the year"),
        ({"way": "telepathy"}, "Select a valid choice"),
        ({"entry_id": "../etc"}, "The page is broken"),
    ],
    ids=str,
)
def test_mistake_costs_nobody_the_words(office: Office, fields: dict[str, object], words: str) -> None:
    response = office.browser(office.operator).post(NEW, typed(**fields))

    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "8 900 000-00-00" in page
    assert Delivery.objects.count() == 0


def test_scan_alone_is_a_message(office: Office, data_folder: Path) -> None:  # noqa: F811
    scan = SimpleUploadedFile("letter.jpg", picture(), content_type="image/jpeg")

    office.browser(office.operator).post(NEW, typed(text="", way="paper", photos=[scan]))
    take_due(Brain())

    message = Message.objects.get(channel__network="reception")
    assert [(file.state, file.file.filename) for file in message.files.all()] == [("kept", "letter.jpg")]


def test_nobody_without_the_permission_takes_down(office: Office) -> None:
    editor = make_official(office.town.city, Role.EDITOR)

    assert signed_in(editor).post(NEW, typed()).status_code == 403
    assert Delivery.objects.count() == 0


def test_answer_waits_until_a_person_told_it(office: Office) -> None:
    case = called(office)
    row = answered(office, case)

    claimed = sending.claim("worker", now=clock.now() + timedelta(days=1), limit=10)

    case.refresh_from_db()
    page = office.browser(office.operator).get("/desk/reception/").content.decode()
    assert (row.state, claimed, case.status) == (OutgoingState.BY_HAND, [], Status.APPROVAL)
    assert "Засыпали сегодня утром." in page
    assert "8 900 000-00-00" in page


def test_told_answer_counts_from_when_it_was_told(office: Office) -> None:
    case = called(office)
    row = answered(office, case)
    told_at = (clock.now() - timedelta(minutes=30)).replace(second=0, microsecond=0)
    prefix = f"told-{row.pk}"
    fields = {
        f"{prefix}-how": "по телефону, Лугова",
        f"{prefix}-told_at": told_at.astimezone(ZoneInfo(office.town.city.timezone)).strftime("%Y-%m-%dT%H:%M"),
    }

    response = office.browser(office.operator).post(reverse("desk:reception_told", args=[row.pk]), fields)

    case.refresh_from_db()
    row.refresh_from_db()
    entry = JournalEntry.objects.get(case=case, action="told_by_hand")
    ours = Message.objects.get(is_ours=True, thread=row.thread)
    assert response.status_code == 302
    assert (case.status, case.answered_at, row.state) == (Status.ANSWERED, told_at, OutgoingState.SENT)
    assert (entry.actor, entry.detail["reason"]) == (office.operator, "по телефону, Лугова")
    assert ours.text == "Засыпали сегодня утром."


@pytest.mark.parametrize("shift_h", [-48, 48])
def test_told_at_no_possible_moment_is_refused(office: Office, shift_h: int) -> None:
    case = called(office)
    row = answered(office, case)
    moment = (clock.now() + timedelta(hours=shift_h)).strftime("%Y-%m-%dT%H:%M")
    fields = {f"told-{row.pk}-how": "по телефону", f"told-{row.pk}-told_at": moment}

    response = office.browser(office.operator).post(reverse("desk:reception_told", args=[row.pk]), fields)

    row.refresh_from_db()
    assert (response.status_code, row.state) == (409, OutgoingState.BY_HAND)


def test_whom_nobody_reached_shows_among_what_did_not_arrive(office: Office) -> None:
    case = called(office)
    row = answered(office, case)
    where = reverse("desk:reception_not_reached", args=[row.pk])

    office.browser(office.operator).post(where, {f"missed-{row.pk}-reason": "номер не отвечает третий день"})

    case.refresh_from_db()
    row.refresh_from_db()
    page = office.browser(office.approver).get(f"/desk/cases/{case.number}/").content.decode()
    assert (row.state, case.status) == (OutgoingState.FAILED, Status.APPROVAL)
    assert "номер не отвечает третий день" in page


def test_another_city_tells_nobody_anything(office: Office) -> None:
    row = answered(office, called(office))
    fields = {f"told-{row.pk}-how": "по телефону", f"told-{row.pk}-told_at": "2026-01-01T10:00"}

    response = signed_in(make_stranger()).post(reverse("desk:reception_told", args=[row.pk]), fields)

    row.refresh_from_db()
    assert (response.status_code, row.state) == (404, OutgoingState.BY_HAND)


def test_open_cases_of_the_place_show_while_typing(office: Office) -> None:
    there = called(office)
    browser: Client = office.browser(office.operator)

    near = browser.get(f"{NEW}same/", {"text": "Опять яма", "place": "Садовая, 12"}).content.decode()
    far = browser.get(f"{NEW}same/", {"text": "Опять яма", "place": "Лесная, 3"}).content.decode()

    assert f"№ {there.number}" in near
    assert "№" not in far


@pytest.mark.parametrize("rows", [1, 30])
def test_list_costs_as_many_queries_for_thirty_as_for_one(
    office: Office, rows: int, django_assert_max_num_queries: object
) -> None:
    case = called(office)
    row = answered(office, case)
    for number in range(rows - 1):
        row.pk, row.idempotency_key = None, f"answer:more:{number}"
        row.save()
        case.answers.get().sends.create(municipality=office.town.city, outgoing=row)
    browser = office.browser(office.operator)
    browser.get("/desk/reception/")

    with django_assert_max_num_queries(18):  # type: ignore[operator]
        page = browser.get("/desk/reception/").content.decode()

    assert page.count("I told them") == rows


def test_table_is_taken_down_once(office: Office) -> None:
    table = "Текст;Дата;ФИО;Телефон;Адрес\nНе горит фонарь;01.03.2026 10:30;Пётр;555;ул. Садовая, 12\nГде каток?;;;;\n"
    browser = office.browser(office.operator)

    for _ in range(2):
        response = browser.post("/desk/reception/many/", {"table": table})
    take_due(Brain())

    texts = set(Message.objects.filter(channel__network="reception").values_list("text", flat=True))
    assert response.status_code == 302
    assert texts == {"Не горит фонарь\nул. Садовая, 12", "Где каток?"}
    assert set(Message.objects.values_list("identity__display_name", flat=True)) == {
        None
    }  # nobody said they may be kept


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "No column is called"),
        ("Имя\nПётр".encode(), "No column is called"),
        (b"text\n", "has no rows"),
        ("text;received\nЯма;вчера".encode(), "is no date such as"),
        ("text;way\nЯма;голубь".encode(), "is none of"),
        ("text;name\n;Пётр".encode(), "Row 2 has no text"),
        (b"text\n" + b"x\n" * 1001, "More than 1000 rows"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_table_is_told_in_one_sentence(office: Office, table: bytes, words: str) -> None:
    file = SimpleUploadedFile("rows.csv", table or b" ")

    response = office.browser(office.operator).post("/desk/reception/many/", {"file": file})

    assert response.status_code == 422
    assert words in response.content.decode().replace("&quot;", '"')
    assert Delivery.objects.count() == 0


def test_table_of_an_old_spreadsheet_is_read(office: Office) -> None:
    file = SimpleUploadedFile("rows.csv", "текст\tспособ\nЯма во дворе\tлично\n".encode("cp1251"))

    office.browser(office.operator).post("/desk/reception/many/", {"file": file})

    (body,) = Delivery.objects.values_list("body", flat=True)
    assert '"way":"in_person","text":"Яма во дворе"' in bytes(body).decode()
