from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.models import Case
from otklik.desk.head import greeting
from tests.desk.office import Office


def cards(page: str) -> list[list[int]]:
    """The cases of each part of the page."""
    parts = re.findall(r'<section class="cards".*?</section>', page, re.DOTALL)
    return [[int(number) for number in re.findall(r'href="/desk/cases/(\d+)/', part)] for part in parts]


def test_head_sees_late_cases_under_control_first_and_each_case_once(office: Office) -> None:
    later, late, urgent, overdue, waiting, _calm = (office.case(urgency=n) for n in (4, 2, 4, 2, 2, 2))
    now = office.town.now
    Case.objects.filter(pk=later.pk).update(personal_control=True)
    Case.objects.filter(pk=late.pk).update(personal_control=True, answer_due_at=now - timedelta(hours=3))
    Case.objects.filter(pk=overdue.pk).update(answer_due_at=now - timedelta(hours=1))
    Case.objects.filter(pk=waiting.pk).update(status="approval")

    page = office.browser(office.head).get("/desk/head/").content.decode()

    assert cards(page) == [[late.number, later.number], [urgent.number, overdue.number], [waiting.number]]


@pytest.mark.parametrize("count", [1, 3, 30])
def test_query_count_of_the_morning_does_not_depend_on_it(office: Office, count: int) -> None:
    for _ in range(count):
        office.case(urgency=3)
    client = office.browser(office.head)

    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/head/")

    assert len(asked) == 14


def test_aide_sees_the_morning_and_an_operator_does_not(office: Office) -> None:
    assert office.browser(office.aide).get("/desk/head/").status_code == 200
    assert office.browser(office.operator).get("/desk/head/").status_code == 403


@pytest.mark.parametrize(("hour", "words"), [(5, "Good morning"), (12, "Good afternoon"), (23, "Good evening")])
def test_greeting_knows_the_hour(hour: int, words: str) -> None:
    from django.utils import translation

    with translation.override("en"):
        assert greeting(hour) == words
