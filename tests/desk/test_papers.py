"""A case on paper: what it holds, masked unless allowed and chosen, noted in the history, at the same cost."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from otklik.cases.models import Case, JournalEntry
from otklik.cases.queries import case_for
from otklik.desk.papers import paper_of
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Official
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.desk.test_case import drafted, open_case

PERSONAL = "Я Игорь Ветров, Мельничная 7, кв. 15, звоните +7 900 123-45-67"


@pytest.fixture
def officer(office: Office) -> Official:
    return make_official(office.town.city, Role.PRIVACY, full_name="Роман Уставов")


def held(office: Office, case: Case, *, full: bool = False) -> dict[str, object]:
    case = case_for(access_of(office.curator), case.number)
    with translation.override("ru"):
        return paper_of(case, full=full, purpose="Прокуратура", made_by="Роман Уставов", now=office.town.now)


def test_masked_paper_names_no_resident_and_shows_no_contacts(office: Office) -> None:
    case = office.case(PERSONAL, name="Игорь Ветров")
    office.join(case, "И у нас, Игорю спасибо", name="Ольга Зорина")

    masked, full = (json.dumps(held(office, case, full=full), ensure_ascii=False) for full in (False, True))

    for secret in ("123-45-67", "кв. 15", "Ветров", "Игор", "Зорина"):
        assert secret not in masked, secret
    for shown in ("123-45-67", "кв. 15", "Игорь Ветров", "Ольга Зорина"):
        assert shown in full, shown
    assert "Житель 1" in masked
    assert "Житель 2" in masked
    assert case.code not in full


def test_paper_holds_facts_conversation_answers_deadlines_and_history(office: Office) -> None:
    case = drafted(office)
    from otklik.cases.services import answering

    answering.approve(access_of(office.approver), case, now=office.town.now)

    paper = held(office, case)

    facts = dict(paper["facts"])
    assert facts["Тема"].endswith("Ямы и разбитый асфальт")
    assert facts["Кто отвечает"] == "Отдел дорог"
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", facts["Ответить"])
    assert [line["text"] for talk in paper["talks"] for line in talk["lines"]] == [
        "Яма на Мельничной, 7, пробил колесо"
    ]
    assert [answer["text"] for answer in paper["answers"]] == ["•••, засыпали сегодня."]
    assert "Ответ согласован" in paper["history"][-1][1]


def test_copy_is_a_file_and_a_line_in_the_history(office: Office) -> None:
    case = office.case()

    answer = office.browser(office.executor).post(f"/desk/cases/{case.number}/paper/", {"purpose": "Архив"})

    file = b"".join(answer.streaming_content)
    line = JournalEntry.objects.filter(case=case).latest("id")
    assert (answer.status_code, answer["Content-Type"], file[:5]) == (200, "application/pdf", b"%PDF-")
    assert answer["Content-Disposition"] == f'attachment; filename="case-{case.number}.pdf"'
    assert answer["Cache-Control"] == "no-store"
    assert (line.action, line.actor, line.detail) == (
        "copy_masked",
        office.executor,
        {"full": False, "reason": "Архив"},
    )


def test_full_copy_needs_the_permission_and_says_for_whom(office: Office, officer: Official) -> None:
    case = office.case(PERSONAL, name="Игорь Ветров")
    url, said = f"/desk/cases/{case.number}/paper/", {"full": "on", "purpose": "Прокуратура"}

    forged = [office.browser(who).post(url, said).status_code for who in (office.curator, office.head, office.executor)]
    silent = office.browser(officer).post(url, {"full": "on"})
    taken = office.browser(officer).post(url, said)

    assert (forged, silent.status_code, taken.status_code) == ([403, 403, 403], 409, 200)
    assert "say for whom a copy with personal data is" in silent.content.decode()
    assert [line.action for line in JournalEntry.objects.filter(case=case, action__startswith="copy")] == ["copy_full"]
    assert taken["Content-Disposition"].endswith('-full.pdf"')


def test_choice_of_a_full_copy_is_shown_to_those_who_may(office: Office, officer: Official) -> None:
    office.officer = officer
    case = office.case()

    assert 'name="full"' in open_case(office, case, "officer")
    assert 'name="full"' not in open_case(office, case, "curator")


def test_case_of_another_city_or_department_gives_no_paper(office: Office) -> None:
    case = office.case(topic="utilities.heating")
    url = f"/desk/cases/{case.number}/paper/"

    assert signed_in(make_stranger()).post(url).status_code == 404
    assert office.browser(office.executor).post(url).status_code == 404
    assert office.browser(office.curator).get(url).status_code == 405


def test_paper_costs_the_same_however_long_the_case_is(office: Office) -> None:
    case, costs = office.case(), []
    for count in (1, 30):
        for number in range(count):
            office.join(case, f"И у нас {count}-{number}", name=f"Житель {count}-{number}")
        with CaptureQueriesContext(connection) as queries:
            paper = held(office, case)
        costs.append(len(queries))

    assert costs[0] == costs[1]
    assert sum(len(talk["lines"]) for talk in paper["talks"]) == 32
    assert paper["left_out"] == ""
