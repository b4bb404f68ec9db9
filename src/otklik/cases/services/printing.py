"""Giving a case out on paper: who may, with whose data, and a line in its history about each copy."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.cases.services.journaling import record
from otklik.org.access import Access, Permission


@transaction.atomic
def note_copy(access: Access, case: Case, *, full: bool, purpose: str, now: datetime) -> None:
    """Note that a copy of the case is given out, before it is. A full copy holds residents' names and contacts.

    Raises Refused, ValueError for a full copy without saying for whom.
    """
    access.require_on(Permission.CASE_VIEW, case)
    if full:
        access.require_on(Permission.PERSONAL_SHOW, case)
        if not purpose.strip():
            raise ValueError(_("say for whom a copy with personal data is: it stays in the history"))
    detail = {"full": full, "reason": purpose.strip()[:300]}
    record(case, "copy_full" if full else "copy_masked", at=now, actor=access.official, detail=detail)
