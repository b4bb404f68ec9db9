"""The search field of the desk: what it finds, what it marks, and what it never shows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cases.test_searching import said
from tests.desk.office import Office
from tests.desk.test_inbox import numbers, read


def test_search_shows_cases_with_the_words_marked(office: Office) -> None:
    case = said(office, "Вывезите мусор с Рябиновой", name="Ольга Зорина")
    said(office, "Не горит фонарь")

    page = read(office, "/desk/?q=мусора")

    assert numbers(page) == [case.number]
    assert re.findall(r"<mark>([^<]+)</mark>", page) == ["мусор"]
    assert "Ольга Зорина:" in page


def test_number_in_the_search_field_opens_its_case(office: Office) -> None:
    case = said(office, "Нет воды")
    client = office.browser(office.curator)

    assert client.get(f"/desk/?q=№ {case.number}")["Location"] == f"/desk/cases/{case.number}/"
    assert client.get("/desk/?q=99887766").status_code == 200


def test_open_case_keeps_the_search_beside_it(office: Office) -> None:
    case, other = said(office, "Яма у школы"), said(office, "Яма у дома")

    page = read(office, f"/desk/cases/{case.number}/?q=яма")

    assert numbers(page) == [other.number, case.number]


def test_filters_narrow_what_is_found(office: Office) -> None:
    case = said(office, "Яма у школы", network="vk")
    said(office, "Яма у дома", network="telegram")

    assert numbers(read(office, f"/desk/?q=яма&channel={case.channel_id}")) == [case.number]
    assert numbers(read(office, "/desk/?q=яма&view=answered")) == []


def test_search_never_shows_another_departments_case(office: Office) -> None:
    said(office, "Холодные батареи и яма", topic="utilities.heating")

    page = read(office, "/desk/?q=батареи", "executor")

    assert numbers(page) == []
    assert "Холодные" not in page


def test_words_of_residents_are_text_not_markup(office: Office) -> None:
    said(office, "<script>alert(1)</script> яма")

    page = read(office, "/desk/?q=яма")

    assert "<script>alert" not in page


@pytest.mark.parametrize("count", [1, 30])
def test_query_count_of_a_search_does_not_depend_on_what_is_found(office: Office, count: int) -> None:
    for _ in range(count):
        said(office, "Яма у дома")
    client = office.browser(office.curator)
    client.get("/desk/?q=яма")

    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/?q=яма")

    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 22
