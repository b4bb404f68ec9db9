"""People and their roles: who may do what from now on. Somebody must always be left to administer the city."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import Department, Municipality, Official, RoleGrant
from otklik.org.services.auditing import audit, ours, save_audited

NEEDS_DEPARTMENT = frozenset({Role.EXECUTOR, Role.APPROVER})
MAY_HAVE_DEPARTMENT = NEEDS_DEPARTMENT | {Role.OPERATOR, Role.CURATOR}


def check_role_scope(role: Role, department: Department | None) -> None:
    """Raise NotPossible if a role needs a department and has none, or has one and can't."""
    if role in NEEDS_DEPARTMENT and department is None:
        raise NotPossible(_("This role works in a department: choose which."), field="department")
    if department is not None and role not in MAY_HAVE_DEPARTMENT:
        raise NotPossible(_("This role is for the whole city: leave the department empty."), field="department")


@transaction.atomic
def grant_role(access: Access, official: Official, role: Role, department: Department | None) -> RoleGrant:
    """Give a role. Raises NotPossible if the person has it already, Refused."""
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, official, department)
    check_role_scope(role, department)
    # SQLite knows no constraint that counts two empty departments as the same, so the city's row is the queue.
    Municipality.objects.select_for_update().get(pk=access.municipality_id)
    if RoleGrant.objects.filter(official=official, role=role, department=department).exists():
        raise NotPossible(_("This person has this role already."), field="role")
    grant = RoleGrant.objects.create(
        municipality_id=access.municipality_id, official=official, role=role, department=department
    )
    audit(access, "role.granted", official.email, role=role.value, department=department and department.code)
    return grant


@transaction.atomic
def withdraw_role(access: Access, grant: RoleGrant) -> None:
    """Take a role back. Raises NotPossible if nobody would administer the city any more, Refused."""
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, grant)
    if grant.role == Role.ADMIN:
        _keep_an_administrator(access, without=grant.official)
    official, role, department = grant.official, grant.role, grant.department
    grant.delete()
    audit(access, "role.withdrawn", official.email, role=role, department=department and department.code)


def change_person(access: Access, official: Official) -> Official:
    """Save a person's changed name, position, department or language. Raises Refused."""
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, official, official.department)
    return save_audited(access, official, "person")


@transaction.atomic
def switch_off(access: Access, official: Official) -> None:
    """Keep a person out from the next click on; what they did stays. Safe to repeat.

    Raises NotPossible for oneself and for the last administrator, Refused.
    """
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, official)
    if official.pk == access.official.pk:
        raise NotPossible(_("You can't switch yourself off: ask another administrator."))
    _keep_an_administrator(access, without=official)
    if Official.objects.filter(pk=official.pk, is_active=True).update(is_active=False):
        audit(access, "person.switched_off", official.email)


@transaction.atomic
def switch_on(access: Access, official: Official) -> None:
    """Let a person in again, with the roles they had. Safe to repeat. Raises Refused."""
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, official)
    if Official.objects.filter(pk=official.pk, is_active=False).update(is_active=True):
        audit(access, "person.switched_on", official.email)


@transaction.atomic
def reset_second_factor(access: Access, official: Official) -> bool:
    """Forget a person's authenticator app and recovery codes; returns whether there were any. Raises Refused."""
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, official)
    forgotten, _by_model = Authenticator.objects.filter(user_id=official.pk).delete()
    if forgotten:
        audit(access, "person.second_factor_reset", official.email)
    return bool(forgotten)


def _keep_an_administrator(access: Access, *, without: Official) -> None:
    """Raise NotPossible if this person is the city's only active administrator."""
    # The city's row is the queue: two administrators removing each other come one after the other.
    Municipality.objects.select_for_update().get(pk=access.municipality_id)
    others = RoleGrant.objects.filter(
        municipality=access.municipality_id, role=Role.ADMIN, department=None, official__is_active=True
    ).exclude(official=without)
    if not others.exists():
        raise NotPossible(_("This is the only administrator: appoint another one first."))
