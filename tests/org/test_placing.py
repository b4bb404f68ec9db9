"""Places come one by one or by the list: all of a list or none of it, and every bad line is named."""

from __future__ import annotations

import pytest
from django.utils import translation

from otklik.org.access import Refused
from otklik.org.enums import PlaceKind, Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Place, Topic, TopicRoute
from otklik.org.services import placing
from tests.builders import make_access, make_city, make_department

pytestmark = pytest.mark.django_db


@pytest.fixture
def access():
    return make_access(make_city(), Role.ADMIN)


def rows() -> list[tuple[str, str, str | None, list[str]]]:
    return list(Place.objects.order_by("kind", "name").values_list("kind", "name", "parent__name", "aliases"))


def test_list_is_taken_whatever_its_order_and_separator(access) -> None:
    make_department(access.official.municipality, "roads")
    text = "street;Садовая;Заречье;Садовая улица|Сады;roads\n\ndistrict;Заречье\nlandmark; Парк Победы ;Заречье;;\n"

    report = placing.import_places(access, text)

    assert (report.added, report.changed, report.problems) == (3, 0, [])
    assert rows() == [
        ("district", "Заречье", None, []),
        ("landmark", "Парк Победы", "Заречье", []),
        ("street", "Садовая", "Заречье", ["Садовая улица", "Сады"]),
    ]
    assert Place.objects.get(name="Садовая").owner.code == "roads"
    assert AuditEntry.objects.get().detail == {"added": 3, "changed": 0}


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_same_list_again_changes_and_doubles_nothing(access, mark: str) -> None:
    text = f"district{mark}Липки\r\nstreet{mark}Липовая{mark}Липки"

    placing.import_places(access, text)
    report = placing.import_places(access, text)

    assert (report.added, report.changed) == (0, 2)
    assert len(rows()) == 2


def test_bad_lines_are_named_and_nothing_is_saved(access) -> None:
    text = "street;Садовая\nroad;Липовая\nstreet;\nstreet;Лесная;;;nobody\ndistrict;Центр;Липки\nstreet;a;b;c;;;;d"
    text += "\nstreet;a;;;;x;41\nstreet;a;;;;91;41"

    with translation.override("en"):
        report = placing.import_places(access, text)

    assert report.problems == [
        (2, "the first column is one of: district, street, landmark"),
        (3, "the second column is a name of up to 200 letters"),
        (4, "department “nobody” is not known"),
        (5, "a district lies in no other"),
        (6, "there are more than seven columns"),
        (7, "the last two columns are latitude and longitude in degrees, like 44.633 and 41.942"),
        (8, "the last two columns are latitude and longitude in degrees, like 44.633 and 41.942"),
    ]
    assert rows() == []


def test_unknown_district_takes_the_whole_list_back(access) -> None:
    with translation.override("en"):
        report = placing.import_places(access, "street;Садовая\nstreet;Липовая;Липки")

    assert (report.added, report.problems) == (0, [(2, "district “Липки” is not known")])
    assert rows() == []
    assert AuditEntry.objects.count() == 0


def test_middle_of_a_place_is_taken_and_stays_where_a_later_line_names_none(access) -> None:
    placing.import_places(access, "street;Садовая;;;;44,633;41.942")
    placing.import_places(access, "street;Садовая")

    assert list(Place.objects.values_list("lat", "lon")) == [(44.633, 41.942)]


@pytest.mark.parametrize("text", ["", "  \n \n"])
def test_nothing_to_import_is_said(access, text: str) -> None:
    assert len(placing.import_places(access, text).problems) == 1


def test_import_belongs_to_its_city(access) -> None:
    there = make_city("zarechny")
    make_department(there, "roads")
    Place.objects.create(municipality=there, kind=PlaceKind.DISTRICT, name="Липки")

    owner = placing.import_places(access, "street;Садовая;;;roads")
    district = placing.import_places(access, "street;Садовая;Липки")
    own = placing.import_places(access, "district;Липки")

    assert [len(report.problems) for report in (owner, district, own)] == [1, 1, 0]
    assert Place.objects.filter(name="Липки").count() == 2


def test_place_lies_in_a_district_only(access) -> None:
    city = access.official.municipality
    street = placing.save_place(access, Place(municipality=city, kind=PlaceKind.STREET, name="Садовая"))
    district = placing.save_place(access, Place(municipality=city, kind=PlaceKind.DISTRICT, name="Липки"))

    for kind, parent in ((PlaceKind.STREET, street), (PlaceKind.DISTRICT, district)):
        with pytest.raises(NotPossible) as refusal:
            placing.save_place(access, Place(municipality=city, kind=kind, name="Новая", parent=parent))
        assert refusal.value.field == "parent"
    with pytest.raises(NotPossible) as refusal:
        placing.save_place(access, Place(municipality=city, kind=PlaceKind.STREET, name="Садовая"))
    assert refusal.value.field == "name"


def test_route_is_set_replaced_and_removed(access) -> None:
    city = access.official.municipality
    roads, parks = make_department(city, "roads"), make_department(city, "parks")
    topic = Topic.objects.create(municipality=city, code="x.y", title="Ямы")
    place = Place.objects.create(municipality=city, kind=PlaceKind.STREET, name="Садовая")

    placing.set_route(access, topic, place, roads)
    route = placing.set_route(access, topic, place, parks)
    assert TopicRoute.objects.get().department == parks
    placing.remove_route(access, route)

    assert TopicRoute.objects.count() == 0
    assert list(AuditEntry.objects.order_by("id").values_list("action", "subject")) == [
        ("route.added", "x.y · Садовая"),
        ("route.changed", "x.y · Садовая"),
        ("route.removed", "x.y · Садовая"),
    ]


def test_removed_place_leaves_its_streets_without_a_district(access) -> None:
    placing.import_places(access, "district;Липки\nstreet;Липовая;Липки")

    placing.remove_place(access, Place.objects.get(name="Липки"))

    assert rows() == [("street", "Липовая", None, [])]


def test_others_and_other_cities_are_refused(access) -> None:
    there = make_city("zarechny")
    foreign = Place.objects.create(municipality=there, kind=PlaceKind.DISTRICT, name="Липки")
    topic = Topic.objects.create(municipality=there, code="x", title="Ямы")
    curator = make_access(access.official.municipality, Role.CURATOR)
    deeds = (
        lambda: placing.import_places(curator, "district;Центр"),
        lambda: placing.save_place(access, foreign),
        lambda: placing.remove_place(access, foreign),
        lambda: placing.set_route(access, topic, foreign, make_department(there, "roads")),
    )

    for deed in deeds:
        with pytest.raises(Refused):
            deed()
    assert Place.objects.count() == 1
