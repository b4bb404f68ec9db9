"""Roles are given and taken; somebody always stays to administer the city; everything is noted."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from otklik.org.access import Permission, Refused, access_of
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Official, RoleGrant
from otklik.org.services import staffing
from tests.builders import make_access, make_city, make_department, make_official

pytestmark = pytest.mark.django_db


def log() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "subject"))


def test_role_is_given_and_taken_back() -> None:
    city = make_city()
    access, official, roads = make_access(city, Role.ADMIN), make_official(city), make_department(city, "roads")

    grant = staffing.grant_role(access, official, Role.EXECUTOR, roads)
    assert access_of(official).allows(Permission.CASE_DRAFT, roads.pk)
    staffing.withdraw_role(access, grant)

    assert access_of(official).scopes == {}
    assert log() == [("role.granted", official.email), ("role.withdrawn", official.email)]
    entry = AuditEntry.objects.earliest("id")
    assert (entry.actor, entry.municipality, entry.detail) == (
        access.official,
        city,
        {"role": "executor", "department": "roads"},
    )


def test_same_role_is_given_once() -> None:
    city = make_city()
    access, official = make_access(city, Role.ADMIN), make_official(city, Role.AIDE)

    with pytest.raises(NotPossible) as refusal:
        staffing.grant_role(access, official, Role.AIDE, None)

    assert refusal.value.field == "role"
    assert log() == []


@pytest.mark.parametrize("role", Role)
def test_roles_that_work_in_a_department_say_which_and_others_say_none(role: Role) -> None:
    city = make_city()
    roads = make_department(city, "roads")
    refused = {}
    for name, department in (("without", None), ("with", roads)):
        try:
            staffing.check_role_scope(role, department)
        except NotPossible as error:
            refused[name] = error.field

    expected = {"executor": {"without": "department"}, "approver": {"without": "department"}}
    expected |= {"operator": {}, "curator": {}}
    assert refused == expected.get(role.value, {"with": "department"})


def test_last_administrator_stays() -> None:
    city = make_city()
    access = make_access(city, Role.ADMIN)
    make_official(city, Role.ADMIN, is_active=False)
    make_official(make_city("zarechny"), Role.ADMIN)

    with pytest.raises(NotPossible):
        staffing.withdraw_role(access, RoleGrant.objects.get(official=access.official))
    with pytest.raises(NotPossible):
        staffing.switch_off(access, access.official)

    assert access_of(access.official).allows(Permission.PEOPLE_MANAGE)


def test_second_administrator_may_be_removed_and_may_leave() -> None:
    city = make_city()
    first, second = make_access(city, Role.ADMIN), make_access(city, Role.ADMIN)

    staffing.withdraw_role(first, RoleGrant.objects.get(official=first.official))
    with pytest.raises(NotPossible):
        staffing.switch_off(second, second.official)

    assert access_of(first.official).scopes == {}


def test_nobody_switches_themselves_off_even_with_another_administrator_left() -> None:
    city = make_city()
    access = make_access(city, Role.ADMIN)
    make_official(city, Role.ADMIN)

    with pytest.raises(NotPossible):
        staffing.switch_off(access, access.official)

    assert Official.objects.get(pk=access.official.pk).is_active


def test_switching_off_and_on_is_noted_once_each() -> None:
    city = make_city()
    access, official = make_access(city, Role.ADMIN), make_official(city, Role.CURATOR)

    staffing.switch_off(access, official)
    staffing.switch_off(access, official)
    assert access_of(Official.objects.get(pk=official.pk)).scopes == {}
    staffing.switch_on(access, official)
    staffing.switch_on(access, official)

    assert access_of(Official.objects.get(pk=official.pk)).roles == {Role.CURATOR}
    assert log() == [("person.switched_off", official.email), ("person.switched_on", official.email)]


def test_second_factor_is_forgotten() -> None:
    city = make_city()
    access, official, other = make_access(city, Role.ADMIN), make_official(city), make_official(city)
    for one in (official, other):
        Authenticator.objects.create(user=one, type="totp", data={"secret": "sealed"})
    Authenticator.objects.create(user=official, type="recovery_codes", data={})

    assert staffing.reset_second_factor(access, official) is True
    assert staffing.reset_second_factor(access, official) is False

    assert list(Authenticator.objects.values_list("user", flat=True)) == [other.pk]
    assert log() == [("person.second_factor_reset", official.email)]


def test_changes_of_a_person_are_noted_with_what_was_before() -> None:
    city = make_city()
    access, official = make_access(city, Role.ADMIN), make_official(city, full_name="Вера Лугова")
    official.full_name = "Вера Ручьёва"

    staffing.change_person(access, official)
    staffing.change_person(access, Official.objects.get(pk=official.pk))

    assert list(AuditEntry.objects.values_list("action", "detail")) == [
        ("person.changed", {"full_name": ["Вера Лугова", "Вера Ручьёва"]})
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_manages_people(role: Role) -> None:
    city = make_city()
    access, official = make_access(city, role), make_official(city, Role.AIDE)
    grant = RoleGrant.objects.get(official=official)
    deeds = (
        lambda: staffing.grant_role(access, access.official, Role.ADMIN, None),
        lambda: staffing.withdraw_role(access, grant),
        lambda: staffing.switch_off(access, official),
        lambda: staffing.switch_on(access, official),
        lambda: staffing.reset_second_factor(access, official),
        lambda: staffing.change_person(access, official),
    )

    for deed in deeds:
        with pytest.raises(Refused):
            deed()

    assert log() == []


def test_people_of_another_city_are_refused() -> None:
    access, there = make_access(make_city(), Role.ADMIN), make_city("zarechny")
    stranger = make_official(there, Role.AIDE)
    deeds = (
        lambda: staffing.grant_role(access, stranger, Role.ADMIN, None),
        lambda: staffing.grant_role(access, access.official, Role.EXECUTOR, make_department(there, "roads")),
        lambda: staffing.withdraw_role(access, RoleGrant.objects.get(official=stranger)),
        lambda: staffing.switch_off(access, stranger),
        lambda: staffing.reset_second_factor(access, stranger),
        lambda: staffing.change_person(access, stranger),
    )

    for deed in deeds:
        with pytest.raises(Refused):
            deed()
