"""Many cases at once and saved views, through the desk's own forms."""

from __future__ import annotations

import re

import pytest

from otklik.cases.enums import Status
from otklik.cases.models import BulkAction, Case, SavedView
from otklik.org.models import Department
from tests.desk.office import Office
from tests.desk.test_inbox import numbers, read


def test_chosen_cases_are_passed_on_and_taken_back(office: Office) -> None:
    cases = [office.case(), office.case()]
    there = Department.objects.get(municipality=office.town.city, code="utilities")
    client = office.browser(office.curator)

    said = {"kind": "assign", "department": there.pk, "case": [one.pk for one in cases], "back": "/desk/?view=open"}
    answer = client.post("/desk/bulk/", said)
    page = client.get(answer["Location"]).content.decode()
    undo = re.search(r'action="(/desk/bulk/\d+/undo/)"', page)
    passed = set(Case.objects.values_list("department", flat=True))
    assert undo is not None
    client.post(undo[1])

    assert (answer["Location"], passed) == ("/desk/?view=open", {there.pk})
    assert set(Case.objects.values_list("department", flat=True)) == {office.town.roads.pk}


def test_all_of_the_list_is_what_its_address_says(office: Office) -> None:
    office.case(urgency=4)
    calm = office.case(urgency=1)

    office.browser(office.curator).post(
        "/desk/bulk/", {"kind": "reject", "reason": "спам", "all": "on", "back": "/desk/?view=urgent"}
    )

    calm.refresh_from_db()
    assert (calm.status, Case.objects.filter(status=Status.REJECTED).count()) == (Status.ASSIGNED, 1)


def test_what_was_refused_is_named(office: Office) -> None:
    done, closed = office.case(), office.case()
    Case.objects.filter(pk=closed.pk).update(status=Status.CLOSED)

    answer = office.browser(office.curator).post(
        "/desk/bulk/", {"kind": "reject", "reason": "спам", "case": [done.pk, closed.pk]}
    )

    page = answer.content.decode()
    assert "1 case changed." in page
    assert re.findall(r'<a href="/desk/cases/(\d+)/">', page) == [str(closed.number)]


@pytest.mark.parametrize("kind", ["assign", "topic", "reject"])
def test_executor_does_nothing_to_many(office: Office, kind: str) -> None:
    case = office.case()

    answer = office.browser(office.executor).post("/desk/bulk/", {"kind": kind, "reason": "x", "case": case.pk})

    assert answer.status_code == 403
    assert BulkAction.objects.count() == 0


def test_aide_controls_many_but_passes_none_on(office: Office) -> None:
    case = office.case()
    client = office.browser(office.aide)

    refused = client.post("/desk/bulk/", {"kind": "reject", "reason": "x", "case": case.pk}).status_code
    client.post("/desk/bulk/", {"kind": "control", "case": case.pk})

    case.refresh_from_db()
    assert (refused, case.personal_control, case.status) == (403, True, Status.ASSIGNED)


def test_nobody_takes_back_what_another_did(office: Office) -> None:
    case = office.case()
    office.browser(office.curator).post("/desk/bulk/", {"kind": "reject", "reason": "x", "case": case.pk})
    action = BulkAction.objects.get()

    answer = office.browser(office.operator).post(f"/desk/bulk/{action.pk}/undo/")

    assert (answer.status_code, BulkAction.objects.get().undone_at) == (404, None)


def test_address_to_go_back_to_is_our_own(office: Office) -> None:
    answer = office.browser(office.curator).post(
        "/desk/bulk/", {"kind": "reject", "reason": "x", "back": "https://evil.example/"}
    )

    assert answer["Location"] == "/desk/"


def test_executor_sees_no_boxes(office: Office) -> None:
    office.case()

    assert "row-pick" not in read(office, "/desk/", "executor")
    assert "row-pick" in read(office, "/desk/")


def test_list_is_kept_and_stands_in_the_rail_with_its_count(office: Office) -> None:
    case = office.case(network="vk")
    office.case(network="telegram")
    client = office.browser(office.curator)

    answer = client.post("/desk/views/save/", {"name": "Из ВК", "sharing": "own", "kept_channel": case.channel_id})
    page = client.get(answer["Location"]).content.decode()

    assert numbers(page) == [case.number]
    assert re.findall(r'aria-current="page"[^>]*>.*?<span>([^<]+)</span><span class="count">([^<]+)<', page) == [
        ("Из ВК", "1")
    ]
    assert "<h1>Из ВК</h1>" in page


def test_views_page_renames_moves_deletes_and_restores(office: Office) -> None:
    client = office.browser(office.curator)
    for name in ("Первый", "Второй"):
        client.post("/desk/views/save/", {"name": name, "sharing": "city"})
    first, second = SavedView.objects.order_by("id")

    client.post(f"/desk/views/{second.pk}/rename/", {"name": "Главный"})
    client.post(f"/desk/views/{second.pk}/move/", {"step": "up"})
    client.post(f"/desk/views/{first.pk}/delete/")
    page = client.get("/desk/views/").content.decode()
    client.post(f"/desk/views/{first.pk}/restore/")

    assert re.findall(r"<li>\s*<a [^>]+><b>([^<]+)", page) == ["Главный"]
    assert f"/desk/views/{first.pk}/restore/" in page
    assert SavedView.objects.filter(deleted_at=None).count() == 2


def test_view_of_another_person_or_city_is_not_changed(office: Office) -> None:
    office.browser(office.curator).post("/desk/views/save/", {"name": "Моё", "sharing": "own"})
    view = SavedView.objects.get()
    client = office.browser(office.operator)

    codes = {
        client.post(f"/desk/views/{view.pk}/{deed}/", {"name": "x"}).status_code
        for deed in ("rename", "move", "delete", "restore")
    }

    assert (codes, client.post("/desk/views/save/", {"name": "x", "sharing": "city"}).status_code) == ({403}, 403)
    assert client.post("/desk/views/987654/rename/").status_code == 404
