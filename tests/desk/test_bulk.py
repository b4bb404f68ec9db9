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
    done, refused = page.split("Done:")[1].split("</section>")[:2]
    named = [re.findall(r'<a href="/desk/cases/(\d+)/">', part) for part in (done, refused)]
    assert (len(named[0]), named[1]) == (1, [str(closed.number)])


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


def test_executor_is_offered_what_an_executor_may_do_to_many(office: Office) -> None:
    office.case()

    offered = {}
    for who in ("executor", "curator"):
        bar = read(office, "/desk/", who).partition('id="bulk-kind"')[2].partition("</select>")[0]
        offered[who] = re.findall(r'value="(\w+)"', bar)

    assert offered == {"executor": ["snooze"], "curator": ["assign", "topic", "reject", "snooze"]}


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


def test_executor_puts_many_out_of_sight_and_takes_it_back(office: Office) -> None:
    calm, hot = office.case(), office.case(urgency=3)
    client = office.browser(office.executor)

    answer = client.post(
        "/desk/bulk/", {"kind": "snooze", "how_long": "week", "case": [calm.pk, hot.pk], "back": "/desk/?view=open"}
    )
    page = answer.content.decode()
    away, left = (numbers(read(office, f"/desk/?view={view}", "executor")) for view in ("snoozed", "open"))
    counts = re.findall(
        r"<span>(In work|Out of sight)</span><span class=\"count\">([^<]+)<", read(office, "/desk/", "executor")
    )
    undo = re.search(r'action="(/desk/bulk/\d+/undo/)"', page)
    assert undo is not None
    client.post(undo[1])

    assert "Urgent, late or under personal control: they stay in sight." in page
    assert (away, left, dict(counts)) == ([calm.number], [hot.number], {"In work": "1", "Out of sight": "1"})
    assert numbers(read(office, "/desk/", "executor")) == [hot.number, calm.number]


def test_case_is_put_away_and_brought_back_on_its_own_screen(office: Office) -> None:
    case = office.case()
    client = office.browser(office.executor)
    url = f"/desk/cases/{case.number}/"

    forged = client.post(f"{url}snooze/", {"snooze-how_long": "news", "snooze-for_all": "on"})
    put = client.post(f"{url}snooze/", {"snooze-how_long": "news"}, follow=True).content.decode()
    back = client.post(f"{url}unsnooze/", follow=True).content.decode()

    assert forged.status_code == 403
    assert "Out of sight until something new comes" in put
    assert f'action="{url}unsnooze/"' in put
    assert "Out of sight until" not in back
    assert "In sight again." in back
