"""Notes between colleagues: written beside a case, read by those who may see it, and told to whom they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from otklik.cases.jottings import Note
from otklik.cases.models import Case
from otklik.common.prepared import PreparedObjects
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.access import ROLE_PERMISSIONS, Access, Permission, access_of
from otklik.org.models import Official
from otklik.org.services.announcing import announce

LONGEST = 4_000
MENTIONED = 10
"""Colleagues that one note calls: more is a letter to everybody."""


def notes_of(access: Access, case: Case) -> list[Note]:
    """Return the notes on a case, oldest first. Raises Refused for a case this official may not see."""
    access.require_on(Permission.CASE_VIEW, case)
    return _NOTES.list(access.municipality_id, case.pk)


_NOTES = PreparedObjects(
    lambda city, case: Note.objects.filter(municipality=city, case=case).select_related("author").order_by("id")
)


def colleagues_for(case: Case) -> list[Official]:
    """Return who may see a case and so be called to it, by name: their names alone. One query."""
    theirs = (case.department_id, case.department.parent_id) if case.department is not None else ()
    return _SEEING.list(case.municipality_id, tuple(one for one in theirs if one is not None))


def _seeing(city: int, departments: tuple[int, ...]) -> QuerySet[Official]:
    roles = [role for role, held in ROLE_PERMISSIONS.items() if Permission.CASE_VIEW in held]
    there = Q(grants__department=None) | Q(grants__department__in=departments)
    people = Official.objects.filter(Q(grants__role__in=roles) & there, municipality=city, is_active=True)
    return people.only("full_name").distinct().order_by("full_name", "pk")[:200]


_SEEING = PreparedObjects(_seeing)


@transaction.atomic
def write_note(access: Access, case: Case, text: str, mentioned: Iterable[int], *, now: datetime) -> Note:
    """Write a note and tell the colleagues it names. Whoever may not see the case is not told of it.

    Raises Refused, ValueError for an empty or too long note, or too many names.
    """
    access.require_on(Permission.CASE_NOTE, case)
    if not text.strip():
        raise ValueError(_("the note is empty"))
    if len(text) > LONGEST:
        raise ValueError(_("the note is too long: %(most)s characters are the most") % {"most": LONGEST})
    called = _allowed(access, case, set(mentioned))
    note = Note.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        author=access.official,
        text=text.strip(),
        mentioned=called,
        at=now,
    )
    key = f"note:{note.pk}"
    tell(case.municipality_id, called, NoticeKind.MENTIONED, key=key, case_number=case.number, at=now)
    announce(case.municipality_id, "case", [case.pk], at=now)
    return note


def _allowed(access: Access, case: Case, asked: set[int]) -> Sequence[int]:
    if len(asked) > MENTIONED:
        raise ValueError(_("call %(most)s colleagues at most") % {"most": MENTIONED})
    people = Official.objects.filter(pk__in=asked, municipality=access.municipality_id, is_active=True).order_by("pk")
    others = [one for one in people if one.pk != access.official.pk]
    return [one.pk for one in others if access_of(one).allows(Permission.CASE_VIEW, case.department_id)]
