"""Which city an address belongs to, and who answers for a topic in a place."""

from __future__ import annotations

from datetime import date, time

import pytest

from otklik.org.enums import DayKind, PlaceKind, Role
from otklik.org.models import CalendarDay, Place, Topic, TopicRoute, WorkingHours
from otklik.org.queries import NoCity, calendar_of, directory_of, heads_of, municipality_for
from tests.builders import make_city, make_department, make_official

pytestmark = pytest.mark.django_db


def test_lone_city_answers_to_every_host() -> None:
    city = make_city()

    assert municipality_for("anything.example") == city


def test_cities_are_told_apart_by_host() -> None:
    first, second = make_city(host="one.example"), make_city("zarechny", host="two.example")

    assert municipality_for("TWO.example") == second
    assert municipality_for("one.example") == first
    with pytest.raises(NoCity):
        municipality_for("three.example")


def test_no_city_is_said() -> None:
    with pytest.raises(NoCity, match="otklik init"):
        municipality_for("one.example")


def test_department_is_the_route_then_the_owner_then_the_topics_own() -> None:
    city = make_city()
    roads, park, zone = (make_department(city, code) for code in ("roads", "park", "zone"))
    pothole = Topic.objects.create(municipality=city, code="roads.pothole", title="Ямы", department=roads)
    snow = Topic.objects.create(municipality=city, code="roads.snow", title="Снег", department=roads)
    nobody = Topic.objects.create(municipality=city, code="other", title="Прочее")
    district = Place.objects.create(municipality=city, kind=PlaceKind.DISTRICT, name="Заречье")
    street = Place.objects.create(municipality=city, kind=PlaceKind.STREET, name="Садовая", parent=district)
    owned = Place.objects.create(municipality=city, kind=PlaceKind.STREET, name="Липовая", parent=district, owner=park)
    TopicRoute.objects.create(municipality=city, topic=pothole, place=district, department=zone)

    directory = directory_of(city)

    assert directory.department_for(pothole, None) == roads.pk
    assert directory.department_for(pothole, street) == zone.pk
    assert directory.department_for(snow, street) == roads.pk
    assert directory.department_for(pothole, owned) == park.pk
    assert directory.department_for(None, owned) == park.pk
    assert directory.department_for(nobody, street) is None
    assert directory.department_for(None, None) is None


def test_directory_holds_only_its_own_city(django_assert_num_queries) -> None:
    here, there = make_city(), make_city("zarechny")
    Topic.objects.create(municipality=there, code="roads", title="Дороги")
    Place.objects.create(municipality=there, kind=PlaceKind.STREET, name="Садовая")
    Place.objects.create(municipality=here, kind=PlaceKind.STREET, name="Липовая")
    Place.objects.create(municipality=here, kind=PlaceKind.DISTRICT, name="Липки")

    with django_assert_num_queries(7):
        directory = directory_of(here)

    assert directory.topics == {}
    assert list(directory.streets) == ["Липовая"]


def test_calendar_is_read_with_its_intervals_in_order() -> None:
    city = make_city(timezone="Asia/Krasnoyarsk")
    for starts, ends in ((14, 18), (9, 13)):
        WorkingHours.objects.create(municipality=city, weekday=0, starts=time(starts), ends=time(ends))
    CalendarDay.objects.create(municipality=city, date=date(2026, 6, 1), kind=DayKind.OFF)

    calendar = calendar_of(city)

    assert calendar.hours == {0: ((time(9), time(13)), (time(14), time(18)))}
    assert calendar.overrides == {date(2026, 6, 1): DayKind.OFF}
    assert calendar.timezone.key == "Asia/Krasnoyarsk"


def test_heads_are_the_active_ones_with_the_role() -> None:
    city = make_city()
    head = make_official(city, Role.HEAD)
    make_official(city, Role.HEAD, is_active=False)
    make_official(city, Role.AIDE)
    make_official(make_city("zarechny"), Role.HEAD)

    assert heads_of(city) == [head]
