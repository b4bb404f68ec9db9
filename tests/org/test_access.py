"""The whole table of roles, and where a grant holds."""

from __future__ import annotations

import pytest

from otklik.org.access import ROLE_PERMISSIONS, Permission, Refused, access_of
from otklik.org.enums import Role
from tests.builders import make_access, make_city, make_department, make_official

pytestmark = pytest.mark.django_db

TABLE = {
    "operator": "case.assign case.merge case.note case.publish case.view "
    "message.sort person.link person.view reception.serve surge.handle talk.moderate triage.teach "
    "trouble.resolve",
    "curator": "absence.manage case.arbitrate case.assign case.deadline case.merge "
    "case.note case.publish case.view message.sort mood.view person.block person.link person.view "
    "reception.serve report.view surge.handle talk.moderate template.manage triage.manage triage.teach trouble.resolve "
    "view.share",
    "executor": "case.draft case.note case.return case.view reception.serve",
    "approver": "case.approve case.draft case.note case.return case.view reception.serve template.manage view.share",
    "editor": "post.write",
    "chief_editor": "post.publish post.write",
    "head": "answer.as_head case.approve case.arbitrate case.assign case.deadline "
    "case.draft case.note case.view control.clear control.set mood.view person.view "
    "post.publish post.write reception.serve report.view surge.handle",
    "aide": "case.note case.view control.set mood.view person.view reception.serve report.view surge.handle",
    "privacy": "appeal.register audit.view case.view person.view personal.show reception.serve",
    "survey": "",
    "analyst": "mood.view report.view",
    "auditor": "audit.view",
    "admin": "absence.manage audit.view channel.manage city.manage people.manage triage.manage",
}


def test_table_is_the_one_written_here() -> None:
    assert {role.value: " ".join(sorted(allowed)) for role, allowed in ROLE_PERMISSIONS.items()} == TABLE
    assert set(ROLE_PERMISSIONS) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_role_allows_its_own_and_nothing_else(role: Role) -> None:
    access = make_access(make_city(), role)

    allowed = {permission for permission in Permission if access.allows(permission)}

    assert " ".join(sorted(allowed)) == TABLE[role.value]
    assert access.roles == {role}


def test_without_a_role_nothing_is_allowed() -> None:
    access = make_access(make_city())

    assert [permission for permission in Permission if access.allows(permission) or access.holds(permission)] == []
    with pytest.raises(Refused):
        access.require(Permission.CASE_VIEW)
    with pytest.raises(Refused):
        access.departments_for(Permission.CASE_VIEW)


def test_inactive_official_may_do_nothing() -> None:
    official = make_official(make_city(), Role.ADMIN, is_active=False)

    access = access_of(official)

    assert access.scopes == {}
    assert access.roles == frozenset()


def test_department_grant_holds_for_everything_under_it_and_nothing_beside_it() -> None:
    city = make_city()
    works = make_department(city, "works")
    roads = make_department(city, "roads", works)
    bridges = make_department(city, "bridges", roads)
    culture = make_department(city, "culture")

    access = make_access(city, (Role.EXECUTOR, works))

    assert access.departments_for(Permission.CASE_DRAFT) == {works.pk, roads.pk, bridges.pk}
    assert access.allows(Permission.CASE_DRAFT, bridges.pk)
    assert not access.allows(Permission.CASE_DRAFT, culture.pk)
    assert not access.allows(Permission.CASE_DRAFT, None)
    assert not access.allows(Permission.CASE_APPROVE, works.pk)
    assert access.holds(Permission.CASE_DRAFT)


def test_grants_add_up() -> None:
    city = make_city()
    roads, culture = make_department(city, "roads"), make_department(city, "culture")

    access = make_access(city, (Role.EXECUTOR, roads), (Role.APPROVER, culture), Role.AIDE)

    assert access.departments_for(Permission.CASE_DRAFT) == {roads.pk, culture.pk}
    assert access.departments_for(Permission.CASE_APPROVE) == {culture.pk}
    assert access.departments_for(Permission.CASE_VIEW) is None


def test_grant_of_another_city_gives_nothing() -> None:
    here, there = make_city(), make_city("zarechny")
    official = make_official(here)
    official.grants.create(municipality=there, role=Role.ADMIN)

    assert access_of(official).scopes == {}


def test_circle_of_departments_does_not_hang() -> None:
    city = make_city()
    one = make_department(city, "one")
    two = make_department(city, "two", one)
    type(one).objects.filter(pk=one.pk).update(parent=two)

    access = make_access(city, (Role.EXECUTOR, one))

    assert access.departments_for(Permission.CASE_DRAFT) == {one.pk, two.pk}


def test_access_costs_the_same_however_many_departments(django_assert_num_queries) -> None:
    city = make_city()
    root = make_department(city, "root")
    for number in range(5):
        make_department(city, f"child{number}", root)
    official = make_official(city, (Role.EXECUTOR, root), Role.EDITOR)

    with django_assert_num_queries(2):
        access_of(official)
