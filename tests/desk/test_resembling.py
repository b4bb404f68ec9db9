""" "Possibly the same" on the desk, and what the resident of a joined case sees."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Case, Suggestion
from otklik.cases.services import answering, merging
from otklik.channels.models import Message
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.pulse.models import SurgeSettings
from tests.builders import signed_in
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db

SMELL = "Второй день в подъезде воняет канализацией, горводоканал не реагирует, помогите"
RUBBISH = "На Школьной, 5 не вывозят мусор уже неделю, вывезите наконец"


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def browser(town: Town) -> Client:
    client = signed_in(town.official(Role.OPERATOR).official)
    client.cookies["lang"] = "en"
    return client


@pytest.fixture
def cases(town: Town) -> list[Case]:
    """Three people write the same: three cases, each of which resembles the first."""
    return [town.case(town.hear(SMELL, visitor=visitor, post="7")) for visitor in ("anna", "boris", "vera")]


def page(browser: Client, case: Case) -> str:
    return browser.get(reverse("desk:case", args=[case.number])).content.decode()


def test_a_case_shows_what_it_resembles_with_the_reason_and_both_texts(browser: Client, cases: list[Case]) -> None:
    shown = page(browser, cases[1])

    assert "Possibly the same" in shown
    assert "word for word" in shown
    assert shown.count(SMELL) >= 3
    assert f'name="into" value="{cases[0].number}"' in shown


def test_joining_leads_to_the_surviving_case_and_can_be_undone(browser: Client, cases: list[Case]) -> None:
    answer = browser.post(reverse("desk:same_join", args=[cases[1].number]), {"into": cases[0].number})

    assert answer.url == reverse("desk:case", args=[cases[0].number])
    shown = page(browser, cases[0])
    assert "Joined here" in shown
    assert reverse("desk:same_apart", args=[cases[1].number]) in shown

    browser.post(reverse("desk:same_apart", args=[cases[1].number]))

    assert Case.objects.get(pk=cases[1].pk).status == cases[1].status


def test_no_takes_the_suggestion_off_the_screen(browser: Client, cases: list[Case]) -> None:
    suggestion = Suggestion.objects.get(case=cases[1], candidate=cases[0])

    browser.post(reverse("desk:same_decline", args=[suggestion.pk]))

    assert f'name="into" value="{cases[0].number}"' not in page(browser, cases[1])


def test_all_that_resemble_a_case_join_it_at_once(browser: Client, cases: list[Case]) -> None:
    assert "Join all 2 here" in page(browser, cases[0])

    browser.post(reverse("desk:same_join_all", args=[cases[0].number]))

    assert [case.status for case in Case.objects.order_by("id")[1:]] == [Status.DUPLICATE, Status.DUPLICATE]
    assert Case.objects.get(pk=cases[0].pk).message_count == 3


def test_a_number_that_leads_nowhere_is_said_so(browser: Client, cases: list[Case]) -> None:
    for typed in ("", "x", "99999", "0"):
        answer = browser.post(reverse("desk:same_join", args=[cases[1].number]), {"into": typed})
        assert answer.status_code == 422
    same = browser.post(reverse("desk:same_join", args=[cases[1].number]), {"into": cases[1].number})
    assert same.status_code == 409
    assert "no duplicate of itself" in same.content.decode()


def test_a_message_gets_a_case_of_its_own(town: Town, browser: Client, cases: list[Case]) -> None:
    merging.merge(town.official(Role.CURATOR), cases[1], cases[0], now=now())
    message = Message.objects.get(case_message__case=cases[0], identity__external_id__contains="boris")

    browser.post(reverse("desk:same_split", args=[cases[0].number, message.pk]))

    assert town.case(message).number == 4


def test_others_neither_see_nor_reach_it(town: Town, cases: list[Case]) -> None:
    for role in (Role.EXECUTOR, Role.HEAD):
        client = signed_in(town.official(role).official)
        assert "same-one" not in page(client, cases[1])
        assert client.post(reverse("desk:same_join", args=[cases[1].number]), {"into": 1}).status_code == 403
    assert Case.objects.filter(status=Status.DUPLICATE).count() == 0


def test_another_citys_suggestion_is_not_found(browser: Client) -> None:
    other = found_town("dalnegorye")
    for visitor in ("anna", "boris"):
        other.hear(SMELL, visitor=visitor, post="7")

    answer = browser.post(reverse("desk:same_decline", args=[Suggestion.objects.get().pk]))

    assert answer.status_code == 404
    assert Suggestion.objects.get().state == "open"


def test_the_panel_costs_the_same_with_many_suggestions(town: Town, browser: Client, cases: list[Case]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            page(browser, cases[0])
        return len(told)

    SurgeSettings.objects.create(municipality=town.city, is_on=False)  # the strip of surges has its own count
    few = queries()
    for number in range(30):
        town.hear(SMELL, visitor=f"v{number}", post="7")

    assert queries() == few


def test_the_resident_of_a_joined_case_follows_and_confirms_by_the_own_code(
    town: Town, client: Client, cases: list[Case]
) -> None:
    merging.merge(town.official(Role.OPERATOR), cases[1], cases[0], now=now())
    into = Case.objects.get(pk=cases[0].pk)
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER, name="Павел Строев")
    answering.write_draft(writer, into, "Здравствуйте! Прочистили сегодня.", Outcome.RESOLVED, now=now())
    answering.submit(writer, into, now=now())
    answering.approve(approver, into, now=now())
    town.send()
    client.cookies["lang"] = "en"
    address = reverse("public:case", args=[cases[1].code])

    shown = client.get(address).content.decode()
    answer = client.post(reverse("public:confirm", args=[cases[1].code]))

    assert f"in case № {into.number}" in shown
    assert "Прочистили сегодня" in shown
    assert answer.url == address
    assert (Case.objects.get(pk=into.pk).status, Case.objects.get(pk=cases[1].pk).status) == ("closed", "duplicate")
