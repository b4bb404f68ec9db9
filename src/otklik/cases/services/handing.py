"""Handing over the open cases of somebody who left, or is away without a substitute: all at once, none orphaned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.cases.services.journaling import line, write
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.access import Access, Permission, access_of
from otklik.org.enums import Role
from otklik.org.models import Official
from otklik.org.queries import officials_for
from otklik.org.services.announcing import announce
from otklik.org.services.auditing import ours
from otklik.org.services.staffing import switch_off

_ANNOUNCED = 200


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who doesn't work here any more, and how many open cases still have their name."""

    official: Official
    count: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What a handing over did: so many cases have a new name; so many stay, as the new one may not answer them."""

    done: int
    stayed: int


def left_behind(access: Access) -> list[Left]:
    """Return who left and still has open cases that this official may pass on (two queries). Raises Refused."""
    rows = _passable(access).filter(executor__is_active=False).order_by().values_list("executor").annotate(Count("pk"))
    counts = dict(rows)
    officials = Official.objects.filter(pk__in=counts).select_related("department").order_by("full_name", "id")
    return [Left(official, counts[official.pk]) for official in officials]


@transaction.atomic
def hand_over(access: Access, official: Official, to: Official | None, *, now: datetime) -> Handed:
    """Give all open cases of an official to a colleague, or (None) back to their departments; status and clock stay.

    A case whose department the colleague may not answer for stays. Safe to repeat. Raises Refused, ValueError.
    """
    ours(access, official, to)
    if to is not None and (not to.is_active or to.pk == official.pk):
        raise ValueError(_("choose a colleague who works here"))
    cases = list(_passable(access).filter(executor=official).order_by("pk").select_for_update(of=("self",)))
    receiver = access_of(to) if to is not None else None
    ready = [case for case in cases if receiver is None or receiver.allows(Permission.CASE_DRAFT, case.department_id)]
    ids = [case.pk for case in ready]
    Case.objects.filter(pk__in=ids).update(executor=to, updated_at=now)
    names = {"person": official.full_name, "to_person": to.full_name if to is not None else ""}
    write([line(case, "handed_over", at=now, actor=access.official, detail=names) for case in ready])
    for start in range(0, len(ids), _ANNOUNCED):
        announce(access.municipality_id, "case", ids[start : start + _ANNOUNCED], at=now)
    return Handed(len(ready), len(cases) - len(ready))


@transaction.atomic
def let_go(access: Access, official: Official, *, now: datetime) -> int:
    """Keep a person out, and tell the curators of the open cases they leave; returns how many those are.

    Raises NotPossible, Refused as `staffing.switch_off`.
    """
    switch_off(access, official)
    owed = Case.objects.filter(municipality=access.municipality_id, is_owed=True, executor=official)
    newest = owed.order_by("-id").first()
    if newest is not None:
        people = officials_for(access.municipality_id, Role.CURATOR, newest.department_id)
        key = f"left:{official.pk}:{now:%Y%m%dT%H%M}"
        kind, number = NoticeKind.TASKS_LEFT, newest.number
        tell(access.municipality_id, people, kind, key=key, case_number=number, at=now)
    return owed.count()


def _passable(access: Access) -> QuerySet[Case]:
    where = access.departments_for(Permission.CASE_ASSIGN)
    cases = Case.objects.filter(Q() if where is None else Q(department__in=where), municipality=access.municipality_id)
    return cases.filter(is_owed=True, executor__isnull=False)
