"""Which departments a case is offered to, in which order, and with which reason."""

from __future__ import annotations

import pytest
from django.utils import translation

from otklik.cases.enums import CaseKind, Status
from otklik.cases.models import Case, CaseReturn, JournalEntry
from otklik.cases.offering import Matter, offers, why_here
from otklik.cases.services.opening import Opening, open_cases
from otklik.common.clock import now
from otklik.org.models import Department, Place, Topic, TopicRoute
from otklik.org.queries import Answerer, Rule, answerer_of, departments_of, directory_of
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


def department(town: Town, code: str) -> Department:
    return Department.objects.get(municipality=town.city, code=code)


def topic(town: Town, code: str = "roads.pothole") -> Topic:
    return Topic.objects.get(municipality=town.city, code=code)


def street_in_district(town: Town) -> Place:
    district = Place.objects.create(municipality=town.city, kind="district", name="Заречье")
    return Place.objects.create(municipality=town.city, kind="street", name="Ивовая", parent=district)


def guessed(*pairs: tuple[str, float], sure: str = "") -> dict[str, object]:
    return {"departments": [list(pair) for pair in pairs], **({"department": sure} if sure else {})}


def opened(town: Town, about: Topic | None, verdict: dict[str, object], place: Place | None = None) -> Case:
    message = town.hear("Здесь что-то не так")
    Case.objects.all().delete()
    message.verdict = verdict
    opening = Opening(message=message, kind=CaseKind.REQUEST, topic=about, place=place)
    (case,) = open_cases([opening], directory_of(town.city), now=now())
    return case


def shown(matter: Matter, town: Town) -> list[tuple[str, str]]:
    return [(offer.department.code, offer.why) for offer in offers(matter, departments_of(town.city.pk))]


def test_table_comes_before_what_was_learnt_and_nobody_twice(town: Town) -> None:
    about = topic(town)
    verdict = guessed(("housing", 0.64), ("roads", 0.2), ("transport", 0.1))

    told = shown(Matter(answerer_of(about, None), about, verdict), town)

    assert told == [
        ("roads", f"отвечает за тему «{about.title}»"),
        ("housing", "так решали похожие обращения: 64 %"),
        ("transport", "так решали похожие обращения: 10 %"),
    ]


def test_reasons_are_told_in_the_readers_language(town: Town) -> None:
    about = topic(town)

    with translation.override("en"):
        told = shown(Matter(answerer_of(about, None), about, guessed(("housing", 0.64))), town)

    assert told == [
        ("roads", f"answers for “{about.title_en}”"),
        ("housing", "like messages were decided so: 64 %"),
    ]


def test_route_of_a_district_holds_for_its_street_and_names_it(town: Town) -> None:
    about, street = topic(town), street_in_district(town)
    TopicRoute.objects.create(
        municipality=town.city, topic=about, place=street.parent, department=department(town, "housing")
    )

    told = shown(Matter(answerer_of(about, street), about, {}), town)

    assert told == [("housing", f"отвечает здесь за тему «{about.title}»: Заречье")]


def test_owner_of_a_place_answers_for_everything_there(town: Town) -> None:
    about, street = topic(town), street_in_district(town)
    Place.objects.filter(pk=street.pk).update(owner=department(town, "housing"))
    street.refresh_from_db()

    assert shown(Matter(answerer_of(about, street), about, {}), town) == [("housing", "отвечает здесь за всё: Ивовая")]


def test_counter_proposal_comes_first_and_who_gave_it_back_is_not_offered(town: Town) -> None:
    about, roads = topic(town), department(town, "roads")
    returned = CaseReturn(department=roads, proposed=department(town, "transport"))
    matter = Matter(answerer_of(about, None), about, guessed(("housing", 0.5)), returned=returned, with_now=roads.pk)

    assert shown(matter, town) == [
        ("transport", f"сюда вернули из «{roads.title}»"),
        ("housing", "так решали похожие обращения: 50 %"),
    ]


def test_department_above_is_the_last_resort_and_three_are_the_most(town: Town) -> None:
    about, roads = topic(town), department(town, "roads")
    Department.objects.filter(pk=roads.pk).update(parent=department(town, "administration"))
    table = answerer_of(about, None)

    few = shown(Matter(table, about, guessed(("housing", 0.5))), town)
    many = shown(Matter(table, about, guessed(("housing", 0.5), ("transport", 0.3))), town)

    assert few[2] == ("administration", f"вышестоящий для «{roads.title}»")
    assert [code for code, _ in many] == ["roads", "housing", "transport"]


def test_noise_unknown_and_closed_departments_are_not_offered(town: Town) -> None:
    Department.objects.filter(municipality=town.city, code="housing").update(is_active=False)
    verdict = guessed(("housing", 0.6), ("nobody", 0.2), ("transport", 0.04))

    assert shown(Matter(None, None, verdict), town) == []
    assert shown(Matter(None, None, {"departments": "broken"}), town) == []


def test_why_a_department_has_it_is_told_and_a_persons_choice_is_not_guessed_at(town: Town) -> None:
    about = topic(town)
    table = Answerer(department(town, "roads").pk, Rule.TOPIC)
    here = [
        why_here(Matter(table, about, {}, with_now=department(town, code).pk), departments_of(town.city.pk))
        for code in ("roads", "transport")
    ]

    assert here == [f"отвечает за тему «{about.title}»", ""]


def test_case_goes_by_the_table_even_where_the_guess_is_sure_and_the_journal_says_why(town: Town) -> None:
    case = opened(town, topic(town), guessed(("housing", 0.99), sure="housing"))

    assert case.department == department(town, "roads")
    assert JournalEntry.objects.get(case=case, action="assigned").detail == {
        "department": case.department_id,
        "why": {"by": "topic", "topic": "roads.pothole"},
    }


def test_sure_guess_decides_where_the_table_has_nobody_and_the_journal_says_so(town: Town) -> None:
    case = opened(town, None, guessed(("housing", 0.91), ("roads", 0.05), sure="housing"))

    assert (case.status, case.department) == (Status.ASSIGNED, department(town, "housing"))
    assert JournalEntry.objects.get(case=case, action="assigned").detail == {
        "department": case.department_id,
        "why": {"by": "learnt", "chance": 0.91},
    }


def test_guess_that_is_not_sure_assigns_nobody(town: Town) -> None:
    case = opened(town, None, guessed(("housing", 0.6), ("roads", 0.3)))

    assert (case.status, case.department) == (Status.NEW, None)


def test_department_that_closed_gets_nothing_by_itself(town: Town) -> None:
    Department.objects.filter(municipality=town.city, code="roads").update(is_active=False)

    case = opened(town, topic(town), guessed(("housing", 0.99), sure="housing"))

    assert (case.status, case.department) == (Status.NEW, None)


@pytest.mark.parametrize("routes", [1, 30])
def test_table_is_asked_in_one_query(town: Town, routes: int, django_assert_num_queries) -> None:
    about, street = topic(town), street_in_district(town)
    for number in range(routes):
        place = Place.objects.create(municipality=town.city, kind="street", name=f"Улица {number}")
        TopicRoute.objects.create(municipality=town.city, topic=about, place=place, department=about.department)
    street = Place.objects.select_related("parent").get(pk=street.pk)

    with django_assert_num_queries(1):
        assert answerer_of(about, street) == Answerer(about.department_id, Rule.TOPIC)
