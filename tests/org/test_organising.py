"""Departments stay a tree, topics stay in groups, and what is in use isn't closed under anybody's feet."""

from __future__ import annotations

from datetime import date

import pytest

from otklik.org.access import Refused
from otklik.org.enums import PlaceKind, Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Department, Place, ServiceLevel, Topic, TopicRoute
from otklik.org.services import organising
from tests.builders import make_access, make_city, make_department

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 2)


@pytest.fixture
def access():
    return make_access(make_city(), Role.ADMIN)


def new_department(access, name="Отдел дорог", **fields) -> Department:
    return Department(municipality_id=access.municipality_id, name=name, **fields)


def new_topic(access, **fields) -> Topic:
    return Topic(municipality_id=access.municipality_id, **{"title": "Ямы", **fields})


def test_department_gets_a_code_of_its_english_name(access) -> None:
    roads = organising.save_department(access, new_department(access, name_en="Roads & Bridges"))
    nameless = organising.save_department(access, new_department(access))

    assert roads.code == "roads-bridges"
    assert nameless.code.startswith("department-")


def test_code_is_taken_once(access) -> None:
    organising.save_department(access, new_department(access, code="roads"))

    with pytest.raises(NotPossible) as refusal:
        organising.save_department(access, new_department(access, code="roads"))

    assert refusal.value.field == "code"
    assert Department.objects.count() == 1


def test_department_never_stands_under_itself(access) -> None:
    city = access.official.municipality
    one = make_department(city, "one")
    two = make_department(city, "two", one)
    three = make_department(city, "three", two)

    for above in (one, two, three):
        one.parent = above
        with pytest.raises(NotPossible) as refusal:
            organising.save_department(access, one)
        assert refusal.value.field == "parent"

    assert Department.objects.get(pk=one.pk).parent is None


def test_moving_a_department_is_noted(access) -> None:
    city = access.official.municipality
    one, two = make_department(city, "one"), make_department(city, "two")
    two.parent = one

    organising.save_department(access, two)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("department.changed", {"parent_id": [None, one.pk]})


def test_department_in_use_is_not_closed(access) -> None:
    city = access.official.municipality
    roads, parks = make_department(city, "roads"), make_department(city, "parks")
    below = make_department(city, "bridges", roads)
    topic = Topic.objects.create(municipality=city, code="x", title="Ямы", department=roads)
    place = Place.objects.create(municipality=city, kind=PlaceKind.STREET, name="Садовая")
    route = TopicRoute.objects.create(municipality=city, topic=topic, place=place, department=roads)

    for obstacle in (lambda: organising.close_department(access, below), topic.delete):
        with pytest.raises(NotPossible):
            organising.close_department(access, Department.objects.get(pk=roads.pk))
        obstacle()
    assert not TopicRoute.objects.filter(pk=route.pk).exists()
    organising.close_department(access, roads)
    organising.close_department(access, parks)

    assert set(Department.objects.filter(is_active=False)) == {roads, parks, below}


def test_department_is_opened_again_from_the_top(access) -> None:
    city = access.official.municipality
    above = make_department(city, "above", is_active=False)
    below = make_department(city, "below", above, is_active=False)

    with pytest.raises(NotPossible):
        organising.reopen_department(access, below)
    organising.reopen_department(access, above)
    organising.reopen_department(access, Department.objects.get(pk=below.pk))

    assert Department.objects.filter(is_active=True).count() == 2


def test_topics_code_begins_with_its_group(access) -> None:
    group = organising.save_topic(access, new_topic(access, title="Дороги", title_en="Roads"))
    topic = organising.save_topic(access, new_topic(access, title_en="Pothole", parent=group))

    assert (group.code, topic.code, topic.version) == ("roads", "roads.pothole", 1)
    with pytest.raises(NotPossible) as refusal:
        organising.save_topic(access, new_topic(access, parent=topic))
    assert refusal.value.field == "parent"


def test_changed_meaning_makes_a_new_version_and_a_changed_department_does_not(access) -> None:
    topic = organising.save_topic(access, new_topic(access, title_en="Pothole"))
    topic.department = make_department(access.official.municipality, "roads")
    organising.save_topic(access, topic)
    assert topic.version == 1

    topic.includes = "провалы"
    organising.save_topic(access, topic)

    assert Topic.objects.get().version == 2


def test_retiring_a_group_retires_its_topics_and_nothing_is_deleted(access) -> None:
    group = organising.save_topic(access, new_topic(access, title_en="Roads"))
    topic = organising.save_topic(access, new_topic(access, title_en="Pothole", parent=group))

    organising.retire_topic(access, group, today=TODAY)
    organising.retire_topic(access, group, today=date(2027, 1, 1))

    assert list(Topic.objects.values_list("valid_to", flat=True)) == [TODAY, TODAY]
    with pytest.raises(NotPossible):
        organising.restore_topic(access, Topic.objects.get(pk=topic.pk))
    organising.restore_topic(access, group)
    organising.restore_topic(access, Topic.objects.get(pk=topic.pk))
    assert Topic.objects.filter(valid_to=None).count() == 2
    assert AuditEntry.objects.filter(action="topic.retired").count() == 1


def test_acknowledgement_comes_before_the_answer(access) -> None:
    level = ServiceLevel(
        municipality_id=access.municipality_id, title="Срочно", acknowledge_minutes=60, answer_minutes=30
    )

    with pytest.raises(NotPossible) as refusal:
        organising.save_service_level(access, level)
    level.answer_minutes = 240
    organising.save_service_level(access, level)

    assert refusal.value.field == "acknowledge_minutes"
    assert ServiceLevel.objects.get().code.startswith("level-")


def test_others_and_other_cities_are_refused(access) -> None:
    there = make_city("zarechny")
    foreign = make_department(there, "roads")
    curator = make_access(access.official.municipality, Role.CURATOR)
    deeds = (
        lambda: organising.save_department(curator, new_department(curator)),
        lambda: organising.save_department(access, foreign),
        lambda: organising.save_department(access, new_department(access, parent=foreign)),
        lambda: organising.close_department(access, foreign),
        lambda: organising.reopen_department(access, foreign),
        lambda: organising.save_topic(access, new_topic(access, department=foreign)),
        lambda: organising.save_topic(curator, new_topic(curator)),
        lambda: organising.retire_topic(access, Topic(municipality=there, pk=1), today=TODAY),
        lambda: organising.save_service_level(
            access, ServiceLevel(municipality=there, title="x", acknowledge_minutes=1, answer_minutes=2)
        ),
    )

    for deed in deeds:
        with pytest.raises(Refused):
            deed()
    assert AuditEntry.objects.count() == 0
