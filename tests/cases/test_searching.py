"""Search finds what an official may see, and nothing else; it follows every change in the same transaction."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.cases.models import Case
from otklik.cases.searching import Found, search
from otklik.cases.services import assigning
from otklik.channels.models import Identity, Message, SearchEntry
from otklik.channels.services.indexing import follow_names, index_messages
from otklik.common import clock
from otklik.org.access import access_of
from otklik.org.models import Department, Place
from tests.builders import cases_of_messages
from tests.desk.office import Office, make_office, make_stranger


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def said(office: Office, text: str, **details: object) -> Case:
    """A case whose message can be found, as the pipeline leaves it."""
    case = office.case(text, **details)
    messages = list(Message.objects.filter(case_message__case=case).select_related("identity"))
    index_messages(messages, cases_of_messages([message.pk for message in messages]))
    return case


def numbers(found: Found) -> list[int]:
    return [one.case.number for one in found.cases]


@pytest.mark.parametrize("question", ["яма", "ЯМЫ", "ямой на мельничной", "Мельничную яму", "яму мельничная"])
def test_words_are_found_in_any_case_of_theirs(office: Office, question: str) -> None:
    case = said(office, "Яма на Мельничной, 7, пробил колесо")
    said(office, "Не горит фонарь на Садовой")

    assert numbers(search(access_of(office.curator), question, now=clock.now())) == [case.number]


def test_yo_is_the_same_as_ye(office: Office) -> None:
    case = said(office, "Ёлка упала на тротуар")

    assert numbers(search(access_of(office.curator), "елку", now=clock.now())) == [case.number]


def test_newest_comes_first_and_all_words_are_needed(office: Office) -> None:
    first, second = said(office, "Фонарь у школы"), said(office, "Фонари на площади")

    found = search(access_of(office.curator), "фонарь", now=clock.now())

    assert numbers(found) == [second.number, first.number]
    assert numbers(search(access_of(office.curator), "фонарь школа", now=clock.now())) == [first.number]


def test_word_misspelt_by_one_letter_is_guessed(office: Office) -> None:
    case = said(office, "Открытый люк на Рябиновой")

    found = search(access_of(office.curator), "рябеновой", now=clock.now())

    assert (numbers(found), found.guessed) == ([case.number], True)


def test_snippet_marks_the_words(office: Office) -> None:
    said(office, "Добрый день. " * 20 + "Вывезите мусор с Рябиновой, пожалуйста")

    bits = search(access_of(office.curator), "мусора", now=clock.now()).cases[0].passages[0].bits

    assert [bit.text for bit in bits if bit.is_hit] == ["мусор"]
    assert bits[0].text == "…"


def test_person_is_found_by_name_and_by_a_new_one(office: Office) -> None:
    case = said(office, "Нет воды", name="Игорь Ветров")
    access = access_of(office.curator)
    before = numbers(search(access, "ветров", now=clock.now()))

    identity = Identity.objects.get(display_name="Игорь Ветров")
    identity.display_name = "Игорь Снегов"
    identity.save()
    follow_names([identity])

    assert before == [case.number]
    assert (
        numbers(search(access, "снегова", now=clock.now())),
        numbers(search(access, "ветров", now=clock.now())),
    ) == ([case.number], [])


def test_number_finds_its_case_and_the_code_finds_nothing(office: Office) -> None:
    case = said(office, "Нет воды")
    access = access_of(office.curator)

    assert numbers(search(access, f"№ {case.number}", now=clock.now())) == [case.number]
    assert numbers(search(access, case.code, now=clock.now())) == []


def test_executor_finds_only_the_own_department_and_follows_the_case(office: Office) -> None:
    ours, theirs = said(office, "Яма у дома"), said(office, "Яма и холодные батареи", topic="utilities.heating")
    executor = access_of(office.executor)
    before = numbers(search(executor, "яма", now=clock.now()))

    roads = Department.objects.get(municipality=office.town.city, code="roads")
    assigning.assign(access_of(office.curator), theirs, roads, now=office.town.now)

    assert before == [ours.number]
    assert numbers(search(executor, "яма", now=clock.now())) == [theirs.number, ours.number]


def test_case_that_went_away_is_not_found_any_more(office: Office) -> None:
    case = said(office, "Яма у дома")
    utilities = Department.objects.get(municipality=office.town.city, code="utilities")

    assigning.assign(access_of(office.curator), case, utilities, now=office.town.now)

    assert numbers(search(access_of(office.executor), "яма", now=clock.now())) == []


def test_another_city_finds_nothing(office: Office) -> None:
    said(office, "Яма у дома")

    assert numbers(search(access_of(make_stranger()), "яма", now=clock.now())) == []


def test_answer_is_found(office: Office) -> None:
    message = office.town.say("site", "Когда починят?", name="Пётр")
    case = office.town.case(message, topic="roads.pothole")
    office.town.answer(case, "Пётр, асфальт положим в четверг, Дороги Ясногорья, 5-55-55.")

    found = search(access_of(office.curator), "асфальта", now=clock.now())

    assert numbers(found) == [case.number]
    assert found.cases[0].passages[0].answer is not None


def test_operator_also_finds_what_waits_to_be_sorted(office: Office) -> None:
    message = office.unsorted("И так сойдёт с ямой?")
    index_messages([message], {})

    assert [one.message for one in search(access_of(office.operator), "яма", now=clock.now()).unsorted] == [message]
    assert search(access_of(office.executor), "яма", now=clock.now()).unsorted == []


@pytest.mark.parametrize("question", ["", "  ", "!!!", '"*', "' | 'a", "a:b", "NEAR(", "-- ;", "\x00", "яр" * 250])
def test_odd_questions_find_nothing_and_break_nothing(office: Office, question: str) -> None:
    said(office, "Нет воды")

    assert numbers(search(access_of(office.curator), question, now=clock.now())) == []


@pytest.mark.parametrize("count", [1, 30])
def test_query_count_does_not_depend_on_what_is_found(office: Office, count: int) -> None:
    for _ in range(count):
        said(office, "Яма у дома")
    access = access_of(office.curator)

    with CaptureQueriesContext(connection) as asked:
        found = search(access, "яма", now=clock.now())

    assert len(found.cases) == count
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"] and "SET LOCAL" not in one["sql"]]) == (
        4 if connection.vendor == "postgresql" else 3
    )


def test_entry_goes_with_its_message(office: Office) -> None:
    case = said(office, "Яма у дома")

    Message.objects.filter(case_message__case=case).delete()

    assert SearchEntry.objects.count() == 0
    assert numbers(search(access_of(office.curator), "яма", now=clock.now())) == []


def test_days_narrow_to_what_was_opened_then(office: Office) -> None:
    old = said(office, "Яма у школы", ago_h=24 * 10)
    new = said(office, "Яма у дома", ago_h=1)
    access, today = access_of(office.curator), office.town.now
    local = timezone.localtime(old.opened_at, ZoneInfo(office.town.city.timezone)).date()
    day = f"{local:%d.%m.%Y}"

    with timezone.override(office.town.city.timezone):
        found = search(access, f"яма {day}", now=today)
        since = search(access, f"яма с {day}", now=today)
        alone = search(access, day, now=today)

    assert (numbers(found), found.first, found.last) == ([old.number], local, local)
    assert (numbers(since), numbers(alone)) == ([new.number, old.number], [old.number])


def test_house_finds_cases_whose_words_do_not_name_it(office: Office) -> None:
    case = said(office, "Темно во дворе")
    other = said(office, "Темно у входа")
    Case.objects.filter(pk=case.pk).update(place_text="Садовая улица, 12", place_key="садов|12")
    Case.objects.filter(pk=other.pk).update(place_text="Садовая улица, 14", place_key="садов|14")

    for question in ("Садовая 12", "на Садовой, д. 12"):
        assert numbers(search(access_of(office.curator), question, now=clock.now())) == [case.number]
    assert numbers(search(access_of(make_stranger()), "Садовая 12", now=clock.now())) == []


@pytest.mark.parametrize(
    "question", ["ул. Мельничная", "улица мельничная", "на улице Мельничной", "яма ул Мельничная", "Мельничная дом 7"]
)
def test_street_is_found_with_or_without_its_sort(office: Office, question: str) -> None:
    Place.objects.create(municipality=office.town.city, kind="street", name="Мельничная")
    case = said(office, "Яма на Мельничной, 7, пробил колесо")
    said(office, "Яма на улице у школы, дом 7")

    assert numbers(search(access_of(office.curator), question, now=clock.now())) == [case.number]


def test_word_like_street_counts_where_no_street_is_named(office: Office) -> None:
    case = said(office, "На улице темно")
    said(office, "В подъезде темно")

    assert numbers(search(access_of(office.curator), "темно на улице", now=clock.now())) == [case.number]
