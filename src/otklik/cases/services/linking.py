"""Tying two cases together as "see also", and untying them; noted in the history of both."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from otklik.cases.links import CaseLink, linked_ids
from otklik.cases.models import Case
from otklik.cases.publicity import public_cases
from otklik.cases.queries import visible_cases
from otklik.cases.services.moving import change
from otklik.common.prepared import PreparedObjects
from otklik.org.access import Access, Permission

MOST = 20
"""Links of one case: more are no help to anybody."""


@transaction.atomic
def link(access: Access, case: Case, number: int, reason: str = "", *, now: datetime) -> Case:
    """Tie a case to another one and return it; once, from either side. Raises Refused, ValueError.

    A case that this person may not see is as unknown as one that isn't there.
    """
    other = _other(access, case, number)
    earlier, later = sorted((case, other), key=lambda one: one.pk)
    if len(_LINKS.list(case.municipality_id, case.pk)) >= MOST:
        raise ValueError(_("%(most)s links of a case are the most") % {"most": MOST})
    try:
        with transaction.atomic():
            CaseLink.objects.create(
                municipality_id=case.municipality_id,
                earlier=earlier,
                later=later,
                reason=reason.strip()[:200],
                official=access.official,
                at=now,
            )
    except IntegrityError:
        return other
    _record(access, case, other, "linked", now=now, reason=reason.strip()[:200])
    return other


@transaction.atomic
def unlink(access: Access, case: Case, number: int, *, now: datetime) -> Case:
    """Untie two cases and return the other one; safe to repeat. Raises Refused, ValueError."""
    other = _other(access, case, number)
    earlier, later = sorted((case.pk, other.pk))
    gone, _rows = CaseLink.objects.filter(earlier=earlier, later=later).delete()
    if gone:
        _record(access, case, other, "unlinked", now=now)
    return other


def links_of(access: Access, case: Case) -> list[tuple[Case, CaseLink]]:
    """Return the cases that a case is tied to, of those that this person may see, newest first. Two queries, or one."""
    rows = _LINKS.list(case.municipality_id, case.pk)
    others = linked_ids(case.pk, ((row.earlier_id, row.later_id) for row in rows))
    if not others:
        return []
    seen = {one.pk: one for one in visible_cases(access).filter(pk__in=others)}
    found = [(seen[pk], row) for pk, row in zip(others, rows, strict=True) if pk in seen]
    return sorted(found, key=lambda pair: -pair[0].pk)


def public_links_of(case: Case) -> list[Case]:
    """Return the cases that everybody may see beside a public one, newest first. Two queries, or one."""
    rows = _LINKS.list(case.municipality_id, case.pk)
    others = linked_ids(case.pk, ((row.earlier_id, row.later_id) for row in rows))
    return list(public_cases(case.municipality_id).filter(pk__in=others)) if others else []


_LINKS = PreparedObjects(lambda city, case: CaseLink.objects.filter(Q(earlier=case) | Q(later=case), municipality=city))


def _other(access: Access, case: Case, number: int) -> Case:
    access.require_on(Permission.CASE_NOTE, case)
    other = visible_cases(access).filter(number=number).first()
    if other is None:
        raise ValueError(_("there is no case with this number that you may see"))
    access.require_on(Permission.CASE_NOTE, other)
    if other.pk == case.pk:
        raise ValueError(_("that is this case itself: type the number of another one"))
    return other


def _record(access: Access, case: Case, other: Case, action: str, *, now: datetime, reason: str = "") -> None:
    for one, far in ((case, other), (other, case)):
        detail = {"linked_number": far.number} | ({"reason": reason} if reason else {})
        change(one, at=now, action=action, actor=access.official, detail=detail)
