"""A case that is an earlier one over again: the same topic at the same place within ninety days, or as a person says.

Only an earlier case can be repeated, so no circle can come about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.cases.queries import ended_on_same_problem
from otklik.cases.services.moving import change
from otklik.org.access import Access, Permission, Refused

WITHIN = timedelta(days=90)
"""So long the same problem counts as a repeat (domain reference, Case KPI)."""


def tie_to_earlier(cases: Sequence[Case], *, now: datetime) -> None:
    """Set `repeat_of` of new, unsaved cases to the newest ended one on the same problem (one query, or none)."""
    pairs = {(case.topic_id, case.place_key) for case in cases if case.topic_id is not None and case.place_key}
    earlier = ended_on_same_problem(cases[0].municipality_id, pairs, since=now - WITHIN) if pairs else {}
    for case in cases:
        case.repeat_of_id = earlier.get((case.topic_id, case.place_key))


def mark_repeat(access: Access, case: Case, earlier: Case, *, now: datetime) -> None:
    """Say that a case is an earlier one over again. Raises Refused, ValueError for one that is not earlier."""
    access.require_on(Permission.CASE_ASSIGN, case)
    if earlier.municipality_id != case.municipality_id:
        raise Refused("another municipality's case")
    if earlier.pk >= case.pk:
        raise ValueError(_("only an earlier case can be repeated: its number is smaller"))
    if case.repeat_of_id != earlier.pk:
        detail = {"number": earlier.number}
        change(case, at=now, action="repeat_marked", actor=access.official, detail=detail, repeat_of=earlier)


def unmark_repeat(access: Access, case: Case, *, now: datetime) -> None:
    """Say that a case is no repeat. Safe to repeat. Raises Refused."""
    access.require_on(Permission.CASE_ASSIGN, case)
    if case.repeat_of is not None:
        detail = {"number": case.repeat_of.number}
        change(case, at=now, action="repeat_cleared", actor=access.official, detail=detail, repeat_of=None)
