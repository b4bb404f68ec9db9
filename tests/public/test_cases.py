"""Cases: the public sees what was cleared, masked; the code lets the resident act, once and only legally."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from otklik.cases.enums import Status, Verdict
from otklik.cases.models import Case, JournalEntry
from otklik.cases.openness import Appraisal
from tests.public.town import Town


@pytest.fixture
def answered(town: Town) -> Case:
    case = town.case(
        town.say("site", "Яма на Мельничной, 7. Телефон +7 900 123-45-67", name="Игорь", visibility="private")
    )
    town.answer(case, "Игорь, засыпали. Звоните +7 900 765-43-21.")
    return case


def test_private_case_is_nowhere_in_public(town: Town, client: Client, answered: Case) -> None:
    assert client.get(f"/cases/{answered.number}/").status_code == 404
    assert "Мельничной" not in client.get("/cases/").content.decode()


def test_public_case_hides_contacts_names_and_the_code(town: Town, client: Client, answered: Case) -> None:
    town.show(answered)

    pages = [client.get(address).content.decode() for address in (f"/cases/{answered.number}/", "/cases/")]

    for page in pages:
        assert "Яма на Мельничной" in page
        assert "123-45" not in page
        assert "765-43" not in page
        assert answered.code not in page
    assert '<span class="comment-who">Павел Ключников</span>' in pages[0]


@pytest.mark.parametrize("cases", [1, 30])
def test_public_list_asks_the_same_queries_for_any_number_of_cases(
    town: Town, client: Client, django_assert_num_queries: Any, cases: int
) -> None:
    for number in range(cases):
        town.case(town.say("site", f"Яма {number}"), is_public=True)

    with django_assert_num_queries(5):  # the city, its districts, the groups of topics, the cases, their photos
        page = client.get("/cases/").content.decode()

    assert len(re.findall('class="case-card"', page)) == min(cases, 20)


@pytest.mark.parametrize(("shown", "titles"), [("all", 2), ("open", 1), ("answered", 1), ("solved", 0), ("x", 2)])
def test_public_list_is_narrowed(town: Town, client: Client, answered: Case, shown: str, titles: int) -> None:
    town.show(answered)
    town.case(town.say("site", "Фонарь"), is_public=True)

    assert client.get("/cases/", {"show": shown}).content.decode().count('class="case-card"') == titles


def test_public_list_pages_show_every_case_once(town: Town, client: Client) -> None:
    for number in range(23):
        town.case(town.say("site", f"Яма {number}"), is_public=True)

    first = client.get("/cases/").content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = client.get(older[1].replace("&amp;", "&")).content.decode()

    assert sorted(re.findall(r">Яма (\d+)<", first + second), key=int) == [str(number) for number in range(23)]


@pytest.mark.parametrize("code", ["", "aaaa", "aaaa-bbbb-cccc-dddd", "%00", "' or 1=1"])
def test_wrong_code_opens_nothing(town: Town, client: Client, answered: Case, code: str) -> None:
    assert client.get(f"/case/{code or 'x'}/").status_code == 404
    for action in ("confirm", "reopen", "rate", "add", "public"):
        said = {"reason": "да", "attitude": "1", "result": "1", "text": "да", "agree": "1"}
        assert client.post(f"/case/{code or 'x'}/{action}/", said).status_code == 404


def test_number_is_not_a_code(town: Town, client: Client, answered: Case) -> None:
    assert client.get(f"/case/{answered.number}/").status_code == 404


def test_code_of_another_city_opens_nothing(town: Town, client: Client, answered: Case) -> None:
    from tests.builders import make_city

    Case.objects.update(municipality=make_city("zarechensk", host="zarechensk.example"))
    town.city.host = "testserver"
    town.city.save(update_fields=["host"])

    assert client.get(f"/case/{answered.code}/").status_code == 404


@pytest.mark.parametrize("change", [str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_code_typed_from_paper_is_found(town: Town, client: Client, answered: Case, change: Any) -> None:
    response = client.get("/case/", {"code": change(answered.code)})

    assert (response.status_code, response["Location"]) == (302, f"/case/{answered.code}/")


def test_own_page_shows_own_words_and_not_another_persons(town: Town, client: Client, answered: Case) -> None:
    from otklik.cases.services.opening import join_cases

    other = town.say("vk", "И у нас яма, квартира 5", name="Сосед", visibility="private")
    join_cases([(answered, other, "то же место")], now=town.now)

    page = client.get(f"/case/{answered.code}/").content.decode()

    assert "Яма на Мельничной" in page
    assert "квартира 5" not in page
    assert "Об этом же написали ещё 1 раз." in page


def test_resident_confirms(town: Town, client: Client, answered: Case) -> None:
    response = client.post(f"/case/{answered.code}/confirm/")

    answered.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"/case/{answered.code}/")
    assert (answered.status, answered.verdict) == (Status.CLOSED, Verdict.SOLVED)


def test_second_confirmation_changes_nothing_and_says_so(town: Town, client: Client, answered: Case) -> None:
    client.post(f"/case/{answered.code}/confirm/")
    lines = JournalEntry.objects.count()

    response = client.post(f"/case/{answered.code}/confirm/")

    assert response.status_code == 409
    assert "Тем временем что-то изменилось" in response.content.decode()
    assert JournalEntry.objects.count() == lines


def test_resident_reopens_with_a_reason(town: Town, client: Client, answered: Case) -> None:
    without = client.post(f"/case/{answered.code}/reopen/", {"reason": "  "})
    reopened = client.post(f"/case/{answered.code}/reopen/", {"reason": "Снова провалилась"})

    answered.refresh_from_db()
    assert (without.status_code, reopened.status_code) == (422, 302)
    assert answered.status == Status.REOPENED


@pytest.mark.parametrize(
    ("attitude", "result", "status"),
    [("5", "2", 302), ("0", "5", 422), ("5", "6", 422), ("x", "5", 422), ("5", "", 422), ("", "5", 422)],
)
def test_resident_rates_attitude_and_result_from_one_to_five(
    town: Town, client: Client, answered: Case, attitude: str, result: str, status: int
) -> None:
    response = client.post(f"/case/{answered.code}/rate/", {"attitude": attitude, "result": result})

    answered.refresh_from_db()
    kept = list(Appraisal.objects.values_list("attitude", "result"))
    assert response.status_code == status
    assert (answered.rating, kept) == ((2, [(5, 2)]) if status == 302 else (None, []))


def test_case_without_an_answer_offers_nothing_to_judge(town: Town, client: Client) -> None:
    case = town.case(town.say("site", "Фонарь"))

    page = client.get(f"/case/{case.code}/").content.decode()

    assert f'action="/case/{case.code}/confirm/"' not in page
    assert f'action="/case/{case.code}/rate/"' not in page
    assert client.post(f"/case/{case.code}/confirm/").status_code == 409
    assert client.post(f"/case/{case.code}/rate/", {"attitude": "5", "result": "5"}).status_code == 409


def test_acting_without_the_token_is_refused(town: Town, answered: Case) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(f"/case/{answered.code}/confirm/").status_code == 403
    answered.refresh_from_db()
    assert answered.status == Status.ANSWERED


def test_acting_by_a_link_is_refused(town: Town, client: Client, answered: Case) -> None:
    assert client.get(f"/case/{answered.code}/confirm/").status_code == 405
