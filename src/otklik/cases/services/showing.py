"""Letting a case be public: only if its message was public or the resident agreed, and an operator cleared it."""

from __future__ import annotations

from datetime import datetime

from otklik.cases.models import Case, CaseMessage
from otklik.cases.services.moving import change
from otklik.org.access import Access, Permission


class NotForPublic(Exception):
    """The case may not be shown: nobody made it public and the resident did not agree."""

    def __init__(self) -> None:
        super().__init__("the message was private and the resident did not agree to show it")


def make_public(access: Access, case: Case, *, now: datetime) -> None:
    """Show the case on the public pages. Raises Refused, NotForPublic."""
    access.require(Permission.CASE_PUBLISH, case.department_id)
    was_public = CaseMessage.objects.filter(case=case, message__visibility="public").exists()
    if not was_public and not case.resident_agreed:
        raise NotForPublic
    change(case, at=now, action="made_public", actor=access.official, is_public=True)


def make_private(access: Access, case: Case, *, now: datetime) -> None:
    """Take the case off the public pages. Raises Refused."""
    access.require(Permission.CASE_PUBLISH, case.department_id)
    change(case, at=now, action="made_private", actor=access.official, is_public=False)
