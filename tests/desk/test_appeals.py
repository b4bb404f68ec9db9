"""Formal appeals on the screens: who enters them, what the case and the register show, what residents are offered."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from otklik.cases.formal import Appeal, AppealRules
from otklik.cases.models import Case
from otklik.cases.services import appealing, showing
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Municipality, Official
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.desk.test_case import do, open_case, words_of


@pytest.fixture
def officer(office: Office) -> Official:
    return make_official(office.town.city, Role.PRIVACY, full_name="Роман Уставов")


def today(office: Office) -> date:
    return office.town.now.astimezone(ZoneInfo(office.town.city.timezone)).date()


def entered(office: Office, officer: Official, case: Case, number: str = "") -> Appeal:
    access = access_of(officer)
    appeal = appealing.enter(access, case, today(office), now=office.town.now)
    if number:
        appealing.register(access, appeal, number, today(office), now=office.town.now)
    return appeal


def test_officer_enters_with_a_number_and_others_see_it_without_the_buttons(office: Office, officer: Official) -> None:
    case = office.case()
    day = today(office).isoformat()

    code, page = do(
        office.browser(officer),
        case,
        "appeal",
        **{"appeal-received_on": day, "appeal-number": "17-О", "appeal-registered_on": day},
    )
    seen = open_case(office, case, "executor")

    appeal = Appeal.objects.get()
    assert (code, appeal.number, appeal.state) == (200, "17-О", "registered")
    assert "Entered: its clock runs." in page
    assert "Formal appeal № 17-О" in words_of(seen)
    assert "Formal appeal registered : № 17-О" in words_of(seen)
    assert 'name="appeal_answer' in page
    assert 'name="appeal_answer' not in seen


def test_refusal_keeps_what_was_typed_in_its_own_appeal(office: Office, officer: Official) -> None:
    case = office.case()
    first, second = entered(office, officer, case, "1"), entered(office, officer, case, "2")
    tomorrow = (today(office) + timedelta(days=1)).isoformat()

    code, page = do(
        office.browser(officer),
        case,
        "appeal_answer",
        **{
            "appeal_answer-appeal": str(second.pk),
            "appeal_answer-on": tomorrow,
            "appeal_answer-remark": "исх. 5",
        },
    )

    assert code == 409
    assert "it ended on a day between its registration and today" in page
    assert page.count('value="исх. 5"') == 1
    assert "What you typed" not in page
    assert Appeal.objects.get(pk=first.pk).state == "registered"


def test_appeal_of_another_case_is_no_choice(office: Office, officer: Official) -> None:
    mine, other = office.case(), office.case("Другое")
    foreign = entered(office, officer, other, "1")

    code, _ = do(
        office.browser(officer),
        mine,
        "appeal_strike",
        **{"appeal_strike-appeal": str(foreign.pk), "appeal_strike-reason": "х"},
    )

    foreign.refresh_from_db()
    assert (code, foreign.state) == (422, "registered")


def test_register_lists_what_runs_by_its_last_day_at_the_same_cost(office: Office, officer: Official) -> None:
    client, costs = office.browser(officer), []
    for count in (1, 30):
        for number in range(count):
            entered(office, officer, office.case(f"Дело {number}"), f"{count}-{number}")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/desk/appeals/").content.decode()
        costs.append(len(queries))

    appeal = Appeal.objects.get(number="1-0")
    appealing.answer(access_of(officer), appeal, "исх. 5", today(office), now=office.town.now)
    ended = client.get("/desk/appeals/?show=ended").content.decode()

    assert costs[0] == costs[1]
    assert page.count("<tr>") == 32
    assert ">1-0</th>" in ended
    assert ">30-0</th>" not in ended


def test_register_of_one_city_holds_no_other(office: Office, officer: Official) -> None:
    entered(office, officer, office.case(), "17-О")
    stranger = make_official(make_stranger().municipality, Role.PRIVACY)

    assert "17-О" not in signed_in(stranger).get("/desk/appeals/").content.decode()


def test_case_screen_costs_the_same_with_many_appeals(office: Office, officer: Official) -> None:
    case, costs = office.case(), []
    for count in (1, 30):
        for number in range(count):
            entered(office, officer, case, f"{count}-{number}")
        with CaptureQueriesContext(connection) as queries:
            open_case(office, case, "executor")
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_administrator_changes_terms_and_address(office: Office) -> None:
    client = office.browser(make_official(office.town.city, Role.ADMIN))
    url = reverse("desk:administration:appeals")
    shown = client.get(url).content.decode()
    said = {
        "appeals_url": "https://appeals.example/form",
        "name": "Обращение",
        "name_en": "Appeal",
        "law": "закон",
        "law_en": "law",
        "counts": "calendar",
        "register_days": "3",
        "answer_days": "20",
        "extend_days": "0",
        "forward_days": "7",
        "day_off": "next",
        "source": "юрист",
    }

    saved = client.post(url, said)
    refused = client.post(url, {**said, "answer_days": "0"})

    assert 'value="30"' in shown
    assert (saved.status_code, refused.status_code) == (302, 422)
    assert AppealRules.objects.get().answer_days == 20
    assert Municipality.objects.get(slug="yasnogorye").appeals_url == "https://appeals.example/form"


def test_resident_is_offered_the_way_only_where_the_city_named_one(office: Office, client: Client) -> None:
    case = office.case("Яма на Мельничной, 7. Мой телефон +7 900 123-45-67")
    showing.make_public(office.town.access(office.operator), case, showing.as_found(case), now=office.town.now)
    client.cookies["lang"] = "en"
    own, public = f"/case/{case.code}/", f"/cases/{case.number}/"
    before = [client.get(address).content.decode() for address in (own, public)]
    missing = [client.get(f"{address}official/").status_code for address in (own, public)]
    Municipality.objects.update(appeals_url="https://appeals.example/form")
    from django.core.cache import cache

    cache.clear()

    after = [client.get(address).content.decode() for address in (own, public)]
    offered = [client.get(f"{address}official/") for address in (own, public)]

    assert (["official/" in page for page in before], missing) == ([False, False], [404, 404])
    assert ["official/" in page for page in after] == [True, True]
    pages = [answer.content.decode() for answer in offered]
    assert all('href="https://appeals.example/form"' in page for page in pages)
    assert [f"дело № {case.number}" in page for page in pages] == [True, True]
    assert ["+7 900 123-45-67" in page for page in pages] == [True, False]
    assert (offered[0]["Cache-Control"], offered[0]["X-Robots-Tag"]) == ("no-store", "noindex")


def test_private_case_offers_no_public_way(office: Office, client: Client) -> None:
    Municipality.objects.update(appeals_url="https://appeals.example/form")
    case = office.case()

    assert client.get(f"/cases/{case.number}/official/").status_code == 404
    assert client.get("/case/unknown-code/official/").status_code == 404
