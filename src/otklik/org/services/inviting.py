"""Joining by invitation: a link that works once, for a week. Only the hash of its token is kept."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.common.codes import url_token
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import Department, Invitation, Official, RoleGrant
from otklik.org.services.auditing import audit, ours
from otklik.org.services.staffing import check_role_scope

VALID_FOR = timedelta(days=7)


@transaction.atomic
def invite(
    access: Access, email: str, full_name: str, role: Role, department: Department | None, *, now: datetime
) -> tuple[Invitation, str]:
    """Invite a person to one role; returns the row and the token, which nobody can read again.

    An earlier open invitation of the same address stops working. Raises NotPossible, Refused.
    """
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, department)
    check_role_scope(role, department)
    address = _address(email)
    if Official.objects.filter(email=address).exists():
        raise NotPossible(_("Somebody with this address works here already."), field="email")
    _close_open(access.municipality_id, address, now)
    invitation, token = _issue(access, address, full_name, role, department, now=now)
    audit(access, "person.invited", address, role=role.value, department=department and department.code)
    return invitation, token


@transaction.atomic
def invite_again(access: Access, official: Official, *, now: datetime) -> tuple[Invitation, str]:
    """Make a link by which an official sets a new password (a forgotten one, or none yet); roles stay as they are.

    Raises NotPossible for an inactive official, Refused.
    """
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, official)
    if not official.is_active:
        raise NotPossible(_("This person is switched off: let them in again first."))
    _close_open(access.municipality_id, official.email, now)
    invitation, token = _issue(access, official.email, official.full_name, "", None, now=now)
    audit(access, "person.new_link", official.email)
    return invitation, token


@transaction.atomic
def revoke(access: Access, invitation: Invitation, *, now: datetime) -> None:
    """Stop an open invitation. Safe to repeat. Raises Refused."""
    access.require(Permission.PEOPLE_MANAGE)
    ours(access, invitation)
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=now).update(expires_at=now):
        audit(access, "person.invitation_revoked", invitation.email)


def open_invitation(token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation that this token opens now; None if it is wrong, used, revoked or too old."""
    digest = _digest(token)
    found = Invitation.objects.select_related("municipality").filter(token_sha256=digest).first()
    if found is None or not hmac.compare_digest(found.token_sha256, digest):
        return None
    return found if found.accepted_at is None and found.expires_at > now else None


@transaction.atomic
def accept(token: str, password: str, *, now: datetime) -> Official:
    """Take up an invitation: the official exists with this password afterwards. Works once, even clicked twice at once.

    Raises NotPossible: about `password` if it is too weak, else because the link no longer works.
    """
    invitation = open_invitation(token, now=now)
    if invitation is None:
        raise NotPossible(_("This link doesn't work any more: ask your administrator for a new one."))
    official = _official_of(invitation)
    try:
        validate_password(password, official)
    except ValidationError as error:
        raise NotPossible(" ".join(error.messages), field="password") from error
    # Whoever comes second finds nothing to claim: the row is locked until the first commits.
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=now).update(accepted_at=now) != 1:
        raise NotPossible(_("This link doesn't work any more: ask your administrator for a new one."))
    _close_open(invitation.municipality_id, invitation.email, now)
    return _let_in(official, invitation, password)


def _let_in(official: Official, invitation: Invitation, password: str) -> Official:
    official.set_password(password)
    if official.pk:
        official.save(update_fields=["password"])
        return official
    try:
        with transaction.atomic():
            official.save()
    except IntegrityError as error:
        raise NotPossible(_("Somebody with this address works here already.")) from error
    RoleGrant.objects.create(
        municipality=invitation.municipality,
        official=official,
        role=invitation.role,
        department_id=invitation.department_id,
    )
    return official


def _official_of(invitation: Invitation) -> Official:
    """Return the official that an invitation is for, not saved yet if it is a new one. Raises NotPossible."""
    if not invitation.role:  # a new link for somebody who is here already
        official = Official.objects.filter(municipality=invitation.municipality_id, email=invitation.email).first()
        if official is None or not official.is_active:
            raise NotPossible(_("This link doesn't work any more: ask your administrator for a new one."))
        return official
    return Official(
        municipality=invitation.municipality,
        email=invitation.email,
        full_name=invitation.full_name,
        department_id=invitation.department_id,
        language=invitation.municipality.language,
    )


def _issue(
    access: Access, email: str, full_name: str, role: Role | str, department: Department | None, *, now: datetime
) -> tuple[Invitation, str]:
    token = url_token()
    invitation = Invitation.objects.create(
        municipality_id=access.municipality_id,
        email=email,
        full_name=full_name.strip(),
        role=role,
        department=department,
        token_sha256=_digest(token),
        invited_by=access.official,
        expires_at=now + VALID_FOR,
    )
    return invitation, token


def _close_open(municipality_id: int, email: str, now: datetime) -> None:
    Invitation.objects.filter(municipality=municipality_id, email=email, accepted_at=None, expires_at__gt=now).update(
        expires_at=now
    )


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise NotPossible(_("Write an e-mail address like name@town.example."), field="email") from error
    return address


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
