"""What time does to formal appeals: officials are told that the last day nears, is today, or is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from otklik.cases.formal import Appeal, AppealState
from otklik.cases.queries import people_in
from otklik.cases.terms import LAST_DAY, LATE, Terms, rules_of, start_of
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.enums import Role
from otklik.org.queries import calendar_of

_KINDS = {
    50: NoticeKind.APPEAL_NEARS,
    75: NoticeKind.APPEAL_NEARS,
    LAST_DAY: NoticeKind.APPEAL_LAST_DAY,
    LATE: NoticeKind.APPEAL_LATE,
}
_ANSWERING: dict[int, tuple[Role, ...]] = {
    50: (Role.EXECUTOR, Role.PRIVACY),
    75: (Role.EXECUTOR, Role.APPROVER, Role.PRIVACY),
    LAST_DAY: (Role.EXECUTOR, Role.APPROVER, Role.CURATOR, Role.PRIVACY),
    LATE: (Role.EXECUTOR, Role.APPROVER, Role.CURATOR, Role.AIDE, Role.PRIVACY),
}
_REGISTERING: dict[int, tuple[Role, ...]] = {LATE: (Role.PRIVACY, Role.CURATOR)}
"""Who is told while it waits for its number; before the last day is over it is the registrar's alone."""


def wake_appeals(*, now: datetime, limit: int = 100) -> int:
    """Take the next step of every appeal that is due, the longest due first; returns how many were looked at."""
    due = Appeal.objects.filter(wakes_at__lte=now).select_related("case__municipality", "case__department")
    appeals = list(due.order_by("wakes_at")[:limit])
    for appeal in appeals:
        with transaction.atomic():
            _wake(appeal, now)
    return len(appeals)


def _wake(appeal: Appeal, now: datetime) -> None:
    city, case = appeal.case.municipality, appeal.case
    terms = Terms(rules_of(city), calendar_of(city))
    seen = Appeal.objects.filter(pk=appeal.pk, state=appeal.state, wakes_at=appeal.wakes_at)
    morning = terms.calendar.next_working(now)
    if morning > now:
        seen.update(wakes_at=morning)  # whatever kept us until after hours: nobody is told at night
        return
    start = start_of(appeal)
    step = terms.reached(start, appeal.due_on, terms.today(now))
    warned = max(step, appeal.warned)
    next_at = terms.wakes_at(start, appeal.due_on, warned=warned, now=now) if appeal.is_running else None
    if seen.update(wakes_at=next_at, warned=warned) != 1 or step <= appeal.warned or not appeal.is_running:
        return
    if appeal.state == AppealState.RECEIVED:
        kind, roles = NoticeKind.APPEAL_UNREGISTERED, _REGISTERING.get(step, (Role.PRIVACY,))
    else:
        kind, roles = _KINDS[step], _ANSWERING[step]
    people = [one for role in roles for one in people_in(case, role)]
    # A longer term begins anew: its own steps are told again.
    key = f"appeal:{appeal.pk}:{appeal.state}:{step}:{appeal.due_on:%Y%m%d}"
    tell(appeal.municipality_id, people, kind, key=key, case_number=case.number, at=now)
