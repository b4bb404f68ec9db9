"""The bodies outside the city that residents are sent to: what each answers for and how it is reached."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.models import OutsideBody
from otklik.org.services.auditing import ours, save_audited


def save_body(access: Access, body: OutsideBody) -> OutsideBody:
    """Save a new or changed body; nobody is sent where they reach nobody. Raises NotPossible, Refused."""
    access.require(Permission.CITY_MANAGE)
    if not body.contacts:
        raise NotPossible(_("Give at least one way to reach them: a phone, a site or an e-mail."), field="phone")
    return save_audited(access, body, "body", taken="name")


def close_body(access: Access, body: OutsideBody) -> None:
    """Offer a body no more; cases that went there keep it. Safe to repeat. Raises Refused."""
    _switch(access, body, is_active=False)


def reopen_body(access: Access, body: OutsideBody) -> None:
    """Offer a body again. Safe to repeat. Raises Refused."""
    _switch(access, body, is_active=True)


def _switch(access: Access, body: OutsideBody, *, is_active: bool) -> None:
    access.require(Permission.CITY_MANAGE)
    ours(access, body)
    body.is_active = is_active
    save_audited(access, body, "body")
