"""The departments offered on the case screen and on the sorting screen, and who may press them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.enums import Status
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services import assigning
from otklik.channels.enums import Decision
from otklik.org.access import access_of
from otklik.org.models import Department, Place, TopicRoute
from otklik.teaching.models import Label
from tests.desk.office import VERDICT, Office, make_stranger

GUESSED = VERDICT | {"departments": [["housing", 0.64], ["transport", 0.2], ["roads", 0.1]], "version": 1}
FRAGMENT = {"HX-Request": "true", "HX-Target": "open"}


def offered(page: str) -> list[tuple[str, str, str]]:
    """Key, department and reason of each offer on a page."""
    found = re.findall(r'aria-keyshortcuts="(\d)"><kbd[^>]*>\d</kbd><span><b>(.*?)</b><small>(.*?)</small>', page)
    return [(key, title, why) for key, title, why in found]


def department(office: Office, code: str) -> Department:
    return Department.objects.get(municipality=office.town.city, code=code)


def see(office: Office, address: str, who: str = "curator", language: str = "en") -> str:
    return office.browser(getattr(office, who), language).get(address).content.decode()


def test_case_screen_offers_others_than_the_department_that_has_it_and_says_why_it_has_it(office: Office) -> None:
    case = office.case(verdict=GUESSED)

    page = see(office, f"/desk/cases/{case.number}/")

    assert offered(page) == [
        ("1", department(office, "housing").name_en, "like messages were decided so: 64 %"),
        ("2", department(office, "transport").name_en, "like messages were decided so: 20 %"),
    ]
    assert f"answers for “{case.topic.title_en}”" in page


def test_offers_are_told_in_russian(office: Office) -> None:
    case = office.case(verdict=GUESSED)

    page = see(office, f"/desk/cases/{case.number}/", language="ru")

    assert offered(page)[0] == ("1", department(office, "housing").name, "так решали похожие обращения: 64 %")
    assert f"отвечает за тему «{case.topic.title}»" in page


def test_offer_of_a_case_is_one_press_without_scripts(office: Office) -> None:
    case, housing = office.case(verdict=GUESSED), department(office, "housing")
    client = office.browser(office.operator)

    answer = client.post(f"/desk/cases/{case.number}/assign/", {"assign-department": housing.pk})

    case.refresh_from_db()
    assert (answer.status_code, case.department, case.status) == (302, housing, Status.ASSIGNED)
    assert list(Label.objects.values_list("about", "value", "source")) == [("department", "housing", "assignment")]


def test_counter_proposal_is_offered_first_and_unfolded(office: Office) -> None:
    case, transport = office.case(verdict=GUESSED), department(office, "transport")
    assigning.give_back(access_of(office.executor), case, "это автобус", now=office.town.now, proposed=transport)

    page = see(office, f"/desk/cases/{case.number}/")

    assert [(title, why) for _, title, why in offered(page)] == [
        (transport.name_en, f"“{office.town.roads.name_en}” returned it: it belongs here"),
        (department(office, "housing").name_en, "like messages were decided so: 64 %"),
    ]
    assert re.search(r'<details class="fold" name="deed" open><summary>.*?Pass to a department', page)


@pytest.mark.parametrize("who", ["executor", "approver", "aide"])
def test_those_who_may_not_assign_are_offered_nothing_and_refused(office: Office, who: str) -> None:
    case = office.case(verdict=GUESSED)
    client = office.browser(getattr(office, who))

    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    forged = client.post(f"/desk/cases/{case.number}/assign/", {"assign-department": department(office, "housing").pk})

    case.refresh_from_db()
    assert (offered(page), forged.status_code, case.department) == ([], 403, office.town.roads)


def test_history_says_why_it_went_there_by_itself(office: Office) -> None:
    case = office.case()

    page = see(office, f"/desk/cases/{case.number}/")

    assert f"{office.town.roads.name_en} · answers for “{case.topic.title_en}”" in page


def test_sorting_screen_offers_by_the_likeliest_topic_the_place_and_what_was_learnt(office: Office) -> None:
    street = Place.objects.create(municipality=office.town.city, kind="street", name="Ивовая")
    message = office.unsorted(verdict=GUESSED | {"street": "ивовая", "street_name": "Ивовая"})
    case = office.case()
    TopicRoute.objects.create(
        municipality=office.town.city, topic=case.topic, place=street, department=department(office, "housing")
    )

    page = see(office, f"/desk/sort/{message.pk}/", "operator")

    assert offered(page) == [
        ("1", department(office, "housing").name_en, f"answers for “{case.topic.title_en}” here: Ивовая"),
        ("2", department(office, "transport").name_en, "like messages were decided so: 20 %"),
        ("3", department(office, "roads").name_en, "like messages were decided so: 10 %"),
    ]


def test_offer_of_a_message_opens_a_case_there_and_teaches(office: Office) -> None:
    message, housing = office.unsorted(verdict=GUESSED), department(office, "housing")

    answer = office.browser(office.operator).post(
        f"/desk/sort/{message.pk}/open/", {"open-topic": "", "open-department": housing.pk}
    )

    case = Case.objects.get()
    message.refresh_from_db()
    line = JournalEntry.objects.get(case=case, action="assigned")
    assert answer["Location"] == "/desk/sort/"
    assert (case.topic, case.department, case.status) == (None, housing, Status.ASSIGNED)
    assert (line.actor, line.detail) == (office.operator, {"department": housing.pk})
    assert message.decision == Decision.OPENED
    assert list(Label.objects.values_list("about", "value", "source")) == [("department", "housing", "sorting")]


def test_chosen_topic_goes_along_with_the_offered_department(office: Office) -> None:
    message, housing = office.unsorted(verdict=GUESSED), department(office, "housing")
    topic = office.case().topic

    office.browser(office.operator).post(
        f"/desk/sort/{message.pk}/open/", {"open-topic": topic.pk, "open-department": housing.pk}
    )

    case = Case.objects.get(case_messages__message=message)
    assert (case.topic, case.department) == (topic, housing)


def test_neither_topic_nor_department_is_asked_for(office: Office) -> None:
    message = office.unsorted()

    answer = office.browser(office.operator).post(f"/desk/sort/{message.pk}/open/", {"open-topic": ""})

    message.refresh_from_db()
    assert (answer.status_code, message.decision) == (422, Decision.OPERATOR)


def test_department_of_another_city_can_not_be_forged(office: Office) -> None:
    message, stranger = office.unsorted(), make_stranger()
    theirs = Department.objects.filter(municipality=stranger.municipality).first()

    answer = office.browser(office.operator).post(
        f"/desk/sort/{message.pk}/open/", {"open-topic": "", "open-department": theirs.pk}
    )

    assert (answer.status_code, Case.objects.count()) == (422, 0)


@pytest.mark.parametrize("guesses", [0, 3, 30])
def test_offers_cost_the_same_however_many_guesses_and_departments(office: Office, guesses: int) -> None:
    for number in range(guesses):
        Department.objects.create(municipality=office.town.city, code=f"d{number}", name=f"Отдел {number}")
    verdict = VERDICT | {"departments": [[f"d{number}", 0.5] for number in range(guesses)]}
    case, message = office.case(verdict=verdict), office.unsorted(verdict=verdict)
    client = office.browser(office.operator)

    counts = []
    for address in (f"/desk/cases/{case.number}/", f"/desk/sort/{message.pk}/"):
        with CaptureQueriesContext(connection) as asked:
            client.get(address, headers=FRAGMENT)
        counts.append(len(asked))

    assert counts == [32, 10]
