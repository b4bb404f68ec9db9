"""Queries whose SQL is made once give what the ORM gives, whatever they are asked with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db.models import Q

from otklik.common.clock import now
from otklik.common.prepared import Prepared, PreparedObjects
from otklik.org.models import Department, LiveChange
from otklik.org.services.announcing import announce
from tests.builders import make_city, make_department


@pytest.mark.django_db
def test_same_query_is_asked_again_with_other_values() -> None:
    here, there = make_city(), make_city("borovsk")
    ours, theirs = make_department(here, "bench-a"), make_department(there, "bench-b")
    asked = Prepared(
        lambda city: Department.objects.filter(municipality=city, code__startswith="bench").values_list("id")
    )

    assert (asked.rows(here.pk), asked.rows(there.pk), asked.rows(0)) == ([(ours.pk,)], [(theirs.pk,)], [])


@pytest.mark.django_db
def test_value_that_stands_twice_and_values_of_a_list_keep_their_places() -> None:
    here = make_city()
    first, second, third = (make_department(here, f"bench-{number}") for number in range(3))
    asked = Prepared(
        lambda one, several, city: (
            Department.objects.filter(Q(pk=one) | Q(pk__in=several), ~Q(parent=one), municipality=city)
            .order_by("pk")
            .values_list("pk")
        )
    )

    assert asked.rows(third.pk, (first.pk,), here.pk) == [(first.pk,), (third.pk,)]
    assert asked.rows(first.pk, (second.pk, third.pk), here.pk) == [(first.pk,), (second.pk,), (third.pk,)]
    assert asked.rows(second.pk, (), here.pk) == [(second.pk,)]


@pytest.mark.django_db
def test_moments_are_compared_as_the_database_keeps_them() -> None:
    city, at = make_city(), now()
    announce(city.pk, "case", [1], at=at)
    asked = Prepared(lambda since: LiveChange.objects.filter(at__gte=since).values_list("municipality_id"))

    assert asked.rows(at) == asked.rows(at - timedelta(seconds=1)) == [(city.pk,)]
    assert asked.rows(at + timedelta(seconds=1)) == []


@pytest.mark.django_db
def test_query_that_reckons_with_what_it_is_given_is_refused() -> None:
    asked = Prepared(lambda at: LiveChange.objects.filter(at__gte=at - timedelta(hours=1)).values_list("pk"))

    with pytest.raises(TypeError, match="reckons"):
        asked.rows(now())


@pytest.mark.django_db
def test_nothing_is_asked_where_nothing_can_be_found(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    asked = Prepared(lambda several: Department.objects.filter(pk__in=several).values_list("pk"))

    with django_assert_num_queries(0):
        assert asked.rows(()) == []


@pytest.mark.django_db
def test_objects_are_what_the_orm_makes_with_what_is_selected_beside_them(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    here, there = make_city(), make_city("borovsk")
    parent = make_department(here, "bench-a")
    for place in range(3):
        Department.objects.create(municipality=here, code=f"bench-b{place}", name=f"Bench {place}", parent=parent)
    rows = Department.objects.select_related("municipality", "parent").order_by("code")
    asked = PreparedObjects(lambda city, codes: rows.filter(municipality=city, code__in=codes))

    for codes in (("bench-a",), ("bench-b1", "bench-a", "bench-b0"), ("bench-b1", "bench-b2"), ()):
        plain = list(rows.filter(municipality=here.pk, code__in=codes))
        with django_assert_num_queries(1 if codes else 0):
            found = asked.list(here.pk, codes)
            told = [(one.municipality.name, one.parent and one.parent.name) for one in found]
        assert [_columns(one) for one in found] == [_columns(one) for one in plain]
        assert told == [(one.municipality.name, one.parent and one.parent.name) for one in plain]
        assert len({id(one.municipality) for one in found}) == (1 if found else 0)  # one city, one object
        assert asked.list(there.pk, codes) == []


@pytest.mark.django_db
def test_found_object_is_saved_like_any_other() -> None:
    city, at = make_city(), now()
    announce(city.pk, "case", [1], at=at)

    (change,) = PreparedObjects(lambda at: LiveChange.objects.filter(at=at)).list(at)
    change.kind = "post"
    change.save(update_fields=["kind"])

    assert (change.at, list(LiveChange.objects.values_list("kind", flat=True))) == (at, ["post"])


def _columns(row: Department) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in Department._meta.concrete_fields}
