"""What a city starts with."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from otklik.config import settings as product_settings
from otklik.org.access import Permission, access_of
from otklik.org.enums import Role
from otklik.org.models import Department, Municipality, Official, ServiceLevel, Topic, WorkingHours
from otklik.org.services.founding import AlreadyFounded, CityPlan, add_official, found_city

pytestmark = pytest.mark.django_db

PLAN = CityPlan(slug="yasnogorye", name="Ясногорье", head_name="Анна Берестова", name_en="Yasnogorye")


def test_city_starts_with_departments_levels_topics_and_hours() -> None:
    city = found_city(PLAN)

    topics = Topic.objects.filter(municipality=city)
    assert (city.name, city.name_en, city.head_title, city.timezone) == (
        "Ясногорье",
        "Yasnogorye",
        "Глава города",
        "Europe/Moscow",
    )
    assert topics.filter(parent=None).count() == 17
    assert topics.exclude(parent=None).count() == 115
    assert not topics.exclude(parent=None).filter(department=None).exists()
    assert not topics.exclude(parent=None).filter(service_level=None).exists()
    assert set(ServiceLevel.objects.values_list("code", flat=True)) == {
        "emergency",
        "urgent",
        "normal",
        "fast_track",
        "planned",
    }
    assert not ServiceLevel.objects.filter(source="").exists()
    assert WorkingHours.objects.filter(municipality=city).count() == 10
    assert Department.objects.filter(municipality=city, parent=None).count() == Department.objects.count() > 10


def test_city_is_founded_once() -> None:
    found_city(PLAN)

    with pytest.raises(AlreadyFounded, match="yasnogorye"):
        found_city(PLAN)
    assert Municipality.objects.count() == 1


def test_two_cities_share_nothing() -> None:
    found_city(PLAN)

    other = found_city(CityPlan(slug="zarechny", name="Заречный", head_name="Олег Ручьёв"))

    assert (
        not Topic.objects.filter(municipality=other)
        .exclude(department__municipality=other)
        .exclude(department=None)
        .exists()
    )
    assert (
        Topic.objects.filter(municipality=other).exclude(parent=None).exclude(parent__municipality=other).count() == 0
    )


def test_official_gets_roles_and_waits_for_an_invitation_without_a_password() -> None:
    city = found_city(PLAN)
    roads = Department.objects.get(municipality=city, code="roads")

    official = add_official(
        city, email="Vera@Yasnogorye.example", full_name="Вера Лугова", roles=[(Role.EXECUTOR, roads)], department=roads
    )

    assert official.email == "vera@yasnogorye.example"
    assert official.has_usable_password() is False
    assert access_of(official).departments_for(Permission.CASE_DRAFT) == {roads.pk}


def test_address_of_an_official_is_one_persons() -> None:
    city = found_city(PLAN)
    add_official(city, email="vera@yasnogorye.example", full_name="Вера Лугова", roles=[])

    with pytest.raises(IntegrityError):
        add_official(city, email="VERA@yasnogorye.example", full_name="Другая Вера", roles=[])


def test_password_is_hashed_with_argon2(settings) -> None:
    settings.PASSWORD_HASHERS = product_settings.PASSWORD_HASHERS
    official = add_official(
        found_city(PLAN), email="vera@yasnogorye.example", full_name="Вера", roles=[], password="steep-willow-42"
    )

    assert Official.objects.get(pk=official.pk).password.startswith("argon2$argon2id$")
    assert official.check_password("steep-willow-42")
