"""Departments, topics, service levels, the calendar, places and routes, as an administrator changes them."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from otklik.org.enums import DayKind, PlaceKind, Role
from otklik.org.models import CalendarDay, Department, Place, ServiceLevel, Topic, TopicRoute, WorkingHours
from otklik.org.queries import calendar_of
from tests.builders import make_city, make_department, make_official, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return make_city()


@pytest.fixture
def browser(city) -> Client:
    client = signed_in(make_official(city, Role.ADMIN))
    client.cookies["lang"] = "en"
    return client


def url(name: str, *arguments: int) -> str:
    return reverse(f"desk:administration:{name}", args=arguments)


def test_department_is_added_moved_and_closed(browser, city) -> None:
    browser.post(url("department_new"), {"name": "Отдел дорог", "name_en": "Roads"})
    roads = Department.objects.get(code="roads")
    browser.post(url("department_new"), {"name": "Мосты", "code": "bridges", "parent": roads.pk})
    bridges = Department.objects.get(code="bridges")

    circle = browser.post(url("department", roads.pk), {"name": "Отдел дорог", "parent": bridges.pk})
    blocked = browser.post(url("department_close", roads.pk), follow=True)
    browser.post(url("department", bridges.pk), {"name": "Мосты", "parent": ""})
    browser.post(url("department_close", roads.pk))

    assert circle.status_code == 422
    assert "stand under itself" in circle.content.decode()
    assert "There are departments under it: move or close them first." in blocked.content.decode()
    roads.refresh_from_db()
    assert (roads.parent, roads.is_active) == (None, False)


def test_parent_of_another_city_is_no_choice(browser) -> None:
    foreign = make_department(make_city("zarechny"), "roads")

    answer = browser.post(url("department_new"), {"name": "Мосты", "parent": foreign.pk})

    assert answer.status_code == 422
    assert 'value="Мосты"' in answer.content.decode()
    assert Department.objects.count() == 1


def test_tree_shows_every_department_under_its_own(browser, city) -> None:
    top = make_department(city, "b-top")
    make_department(city, "a-below", top)
    make_department(city, "c-top")

    page = browser.get(url("departments")).content.decode()

    assert re.findall(r'class="row depth-(\d)', page) == ["0", "1", "0"]
    assert re.findall(r"<code>([\w-]+)</code>", page) == ["b-top", "a-below", "c-top"]


def test_topic_is_added_changed_retired_and_restored(browser, city) -> None:
    roads = make_department(city, "roads")
    group = Topic.objects.create(municipality=city, code="roads", title="Дороги")
    level = ServiceLevel.objects.create(
        municipality=city, code="normal", title="Обычный", acknowledge_minutes=60, answer_minutes=540
    )
    asked = {"title": "Ямы", "title_en": "Pothole", "parent": group.pk, "department": roads.pk}

    browser.post(url("topic_new"), {**asked, "service_level": level.pk})
    topic = Topic.objects.get(code="roads.pothole")
    browser.post(url("topic", topic.pk), {**asked, "service_level": level.pk, "includes": "провалы"})
    browser.post(url("topic_retire", topic.pk))
    topic.refresh_from_db()
    assert (topic.version, topic.department, topic.service_level) == (2, roads, level)
    assert topic.valid_to is not None
    browser.post(url("topic_restore", topic.pk))

    topic.refresh_from_db()
    assert topic.valid_to is None


@pytest.mark.parametrize("field", ["parent", "department", "service_level"])
def test_topic_takes_nothing_of_another_city(browser, field: str) -> None:
    there = make_city("zarechny")
    foreign = {
        "parent": Topic.objects.create(municipality=there, code="roads", title="Дороги"),
        "department": make_department(there, "roads"),
        "service_level": ServiceLevel.objects.create(
            municipality=there, code="x", title="x", acknowledge_minutes=1, answer_minutes=2
        ),
    }[field]

    answer = browser.post(url("topic_new"), {"title": "Ямы", field: foreign.pk})

    assert answer.status_code == 422
    assert Topic.objects.filter(title="Ямы").count() == 0


def test_service_level_is_changed_and_a_wrong_one_is_refused(browser, city) -> None:
    level = ServiceLevel.objects.create(
        municipality=city, code="normal", title="Обычный", acknowledge_minutes=180, answer_minutes=540
    )
    asked = {"title": "Обычный", "clock": "working", "acknowledge_minutes": 60, "answer_minutes": 480, "solve_days": ""}
    asked["interim_solve_days"] = 5

    wrong = browser.post(url("level", level.pk), {**asked, "acknowledge_minutes": 500})
    right = browser.post(url("level", level.pk), {**asked, "source": "Распоряжение № 7"})

    level.refresh_from_db()
    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "We acknowledge before we answer" in wrong.content.decode()
    assert (level.acknowledge_minutes, level.answer_minutes, level.solve_days, level.source) == (
        60,
        480,
        None,
        "Распоряжение № 7",
    )


def test_hours_are_typed_as_people_write_them(browser, city) -> None:
    browser.post(url("hours"), {"day0": "9:00-13:00, 14:00–18:00", "day5": " 10:00 - 14:00 "})

    assert calendar_of(city).hours == {
        0: ((time(9), time(13)), (time(14), time(18))),
        5: ((time(10), time(14)),),
    }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nine to five", "Write it like 9:00-13:00, 14:00-18:00; nothing for a day off."),
        ("25:00-26:00", "Write it like 9:00-13:00, 14:00-18:00; nothing for a day off."),
        ("18:00-9:00", "An interval has to end after it starts."),
        ("9:00-13:00, 12:00-18:00", "These intervals overlap: leave a break between them."),
    ],
)
def test_hours_that_cannot_be_are_refused_beside_their_day(browser, city, typed: str, sentence: str) -> None:
    WorkingHours.objects.create(municipality=city, weekday=0, starts=time(9), ends=time(18))

    answer = browser.post(url("hours"), {"day0": "9:00-18:00", "day3": typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 1
    assert f'value="{typed}"' in page
    assert WorkingHours.objects.count() == 1


def test_months_show_what_the_calendar_really_says(browser, city) -> None:
    for weekday in range(5):
        WorkingHours.objects.create(municipality=city, weekday=weekday, starts=time(9), ends=time(17))
    browser.post(url("day"), {"date": "2027-02-25", "kind": "short", "note": "Ярмарка", "source": "№ 1"})

    page = browser.get(f"{url('calendar')}?from=2027-02").content.decode()

    days = dict(
        re.findall(r'day=(2027-02-\d\d)#day" title="[^"]*">\s*<span>\d+</span>\s*<small>(\d h)?', page, re.DOTALL)
    )
    assert days["2027-02-19"] == "8 h"
    assert days["2027-02-20"] == "8 h"
    assert [days[f"2027-02-{day}"] for day in (21, 22, 23)] == ["", "", ""]
    assert days["2027-02-25"] == "7 h"
    assert len(days) == 28
    assert "Ярмарка" in page


@pytest.mark.parametrize("asked", ["", "0000-00", "9999-12", "x", "2026-13", "1-1"])
def test_any_month_can_be_asked_for(browser, asked: str) -> None:
    assert browser.get(url("calendar"), {"from": asked, "day": asked}).status_code == 200


def test_year_without_its_decree_is_warned_of(browser, city) -> None:
    type(city).objects.update(country="XX")

    assert "moved days are not known yet" in browser.get(url("calendar")).content.decode()
    type(city).objects.update(country="DE")
    assert "moved days are not known yet" not in browser.get(url("calendar")).content.decode()


def test_day_is_cleared(browser, city) -> None:
    row = CalendarDay.objects.create(municipality=city, date=date(2099, 1, 9), kind=DayKind.OFF)

    browser.post(url("day_clear", row.pk))

    assert CalendarDay.objects.count() == 0


def test_place_is_added_with_its_other_names(browser, city) -> None:
    district = Place.objects.create(municipality=city, kind=PlaceKind.DISTRICT, name="Заречье")
    asked = {"kind": "street", "name": "Садовая", "aliases": "Садовая улица\n\n Сады \n", "parent": district.pk}

    browser.post(url("place_new"), asked)
    twice = browser.post(url("place_new"), asked)

    place = Place.objects.get(name="Садовая")
    assert (place.aliases, place.parent) == (["Садовая улица", "Сады"], district)
    assert twice.status_code == 422
    assert "There is one like this already: choose another." in twice.content.decode()
    browser.post(url("place_remove", place.pk))
    assert Place.objects.filter(name="Садовая").count() == 0


def test_places_are_found_page_by_page(browser, city) -> None:
    Place.objects.bulk_create(
        Place(municipality=city, kind=PlaceKind.STREET, name=f"Улица {number:03}") for number in range(250)
    )
    Place.objects.create(municipality=make_city("zarechny"), kind=PlaceKind.STREET, name="Чужая")

    first = browser.get(url("places")).content.decode()
    more = re.search(r'href="(\?kind=street[^"]+)"', first)[1].replace("&amp;", "&")
    second = browser.get(url("places") + more).content.decode()
    found = browser.get(url("places"), {"kind": "street", "q": "улица 17"}).content.decode()

    names = re.compile(r"Улица \d{3}")
    assert (len(set(names.findall(first))), len(set(names.findall(second)))) == (200, 50)
    assert len(set(names.findall(found))) == 10
    assert "Чужая" not in first + second


def test_import_names_bad_lines_and_keeps_what_was_pasted(browser) -> None:
    pasted = "district;Липки\nroad;Липовая"

    bad = browser.post(url("places_import"), {"lines": pasted})
    good = browser.post(url("places_import"), {"lines": "district;Липки\nstreet;Липовая;Липки"}, follow=True)

    page = bad.content.decode()
    assert bad.status_code == 422
    assert "line 2: the first column is one of: district, street, landmark" in page
    assert "district;Липки\nroad;Липовая</textarea>" in page.replace("\r", "")
    assert "Added: 2. Changed: 0." in good.content.decode()


def test_route_is_set_and_removed(browser, city) -> None:
    roads = make_department(city, "roads")
    group = Topic.objects.create(municipality=city, code="roads", title="Дороги")
    topic = Topic.objects.create(municipality=city, code="roads.pothole", title="Ямы", parent=group)
    place = Place.objects.create(municipality=city, kind=PlaceKind.STREET, name="Садовая")
    there = make_city("zarechny")
    foreign = Place.objects.create(municipality=there, kind=PlaceKind.STREET, name="Чужая")
    asked = {"topic": topic.pk, "place": place.pk, "department": roads.pk}

    answers = [
        browser.post(url("routes"), {**asked, **wrong}).status_code
        for wrong in ({"place": foreign.pk}, {"department": make_department(there, "x").pk}, {"topic": group.pk}, {})
    ]

    assert answers == [422, 422, 422, 302]
    browser.post(url("route_remove", TopicRoute.objects.get().pk))
    assert TopicRoute.objects.count() == 0


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("departments", 4), ("topics", 4), ("levels", 4), ("places", 4), ("routes", 7), ("calendar", 6)],
)
def test_lists_cost_the_same_however_long(browser, city, name, queries, count, django_assert_num_queries) -> None:
    above = None
    for number in range(count):
        above = make_department(city, f"d{number}", above)
        level = ServiceLevel.objects.create(
            municipality=city, code=f"l{number}", title="x", acknowledge_minutes=1, answer_minutes=2
        )
        group = Topic.objects.create(municipality=city, code=f"g{number}", title="x")
        topic = Topic.objects.create(
            municipality=city, code=f"t{number}", title="x", parent=group, department=above, service_level=level
        )
        place = Place.objects.create(municipality=city, kind=PlaceKind.STREET, name=f"p{number}", owner=above)
        TopicRoute.objects.create(municipality=city, topic=topic, place=place, department=above)
        CalendarDay.objects.create(municipality=city, date=date(2099, 1, number + 1), kind=DayKind.OFF)

    with django_assert_num_queries(queries):
        assert browser.get(url(name)).status_code == 200
