"""What time does to cases: officials are told that a deadline nears or passed, a question without a word is closed.

Every open case says itself when time next has something to say about it (`wakes_at`); nothing is searched for. A step
is taken by whoever moves `wakes_at` on, so each is taken once, by however many workers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.cases import timing
from otklik.cases.enums import OPEN_STATUSES, Outcome, Status
from otklik.cases.ladder import ladder_of
from otklik.cases.models import Case
from otklik.cases.queries import people_in
from otklik.cases.services.moving import Overtaken, move
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.enums import Role
from otklik.org.queries import calendar_of

_KINDS = {
    50: NoticeKind.HALF_USED,
    75: NoticeKind.NEARLY_LATE,
    100: NoticeKind.LATE,
    150: NoticeKind.VERY_LATE,
}


def _kind_of(step: int) -> NoticeKind:
    """A step of the city's own is told in general words: only the usual ones have words of their own."""
    return _KINDS.get(step) or (NoticeKind.TIME_RUNS if step < 100 else NoticeKind.STILL_LATE)


def wake_due(*, now: datetime, limit: int = 100) -> int:
    """Take the next step of every case that is due, the longest due first; returns how many were looked at."""
    due = Case.objects.filter(wakes_at__lte=now).select_related("municipality", "topic__service_level")
    cases = list(due.order_by("wakes_at")[:limit])
    for case in cases:
        with transaction.atomic():
            _wake(case, now)
    return len(cases)


def _wake(case: Case, now: datetime) -> None:
    morning = ladder_of(case.municipality_id).next_telling(now, calendar_of(case.municipality))
    if morning > now:
        # Whatever kept us until after hours: nobody is told at night, or when the city chose not to tell.
        _sleep_until(case, morning)
    elif case.status == Status.WAITING_RESIDENT:
        _wait_on(case, now)
    elif timing.is_promise(case):
        _look_at_promise(case, now)
    else:
        _warn(case, now)


def _sleep_until(case: Case, at: datetime | None, **changes: object) -> bool:
    """Move `wakes_at` on; False if another worker took this step, or a person changed the case."""
    seen = Case.objects.filter(pk=case.pk, status=case.status, wakes_at=case.wakes_at)
    return seen.update(wakes_at=at, **changes) == 1


def _warn(case: Case, now: datetime) -> None:
    clock = timing.clock_of(case)
    due_at = case.answer_due_at
    if due_at is None or case.status not in OPEN_STATUSES:
        _sleep_until(case, None)
        return
    total = clock.total(case, due_at)
    step = clock.reached(now=now, due_at=due_at, total=total)
    next_at = clock.next_warning(now=now, due_at=due_at, total=total, warned=max(step, case.warned))
    if not _sleep_until(case, next_at, warned=max(step, case.warned)) or step <= case.warned:
        return
    people = [pk for role in clock.ladder.steps[step] for pk in people_in(case, role)]
    # A deadline that was moved begins anew: its own steps are told again.
    key = f"case:{case.pk}:{step}:{due_at:%Y%m%dT%H%M}"
    tell(case.municipality_id, people, _kind_of(step), key=key, case_number=case.number, at=now)


def _wait_on(case: Case, now: datetime) -> None:
    if case.waiting_since is None:
        _sleep_until(case, None)
        return
    key = f"case:{case.pk}:waiting:{case.waiting_since:%Y%m%dT%H%M}"
    closes_at = case.waiting_since + timing.WAITING_CLOSES
    if now < closes_at:
        if _sleep_until(case, calendar_of(case.municipality).next_working(closes_at)):
            people = people_in(case, Role.EXECUTOR)
            kind = NoticeKind.NO_REPLY_YET
            tell(case.municipality_id, people, kind, key=key, case_number=case.number, at=now)
        return
    try:
        ended: dict[str, Any] = {
            "outcome": Outcome.NO_REPLY,
            "closed_at": now,
            "detail": {"days": timing.WAITING_CLOSES.days},
        }
        move(case, Status.CLOSED, at=now, action="closed_unanswered", **ended)
    except Overtaken:
        return  # the resident spoke at this very moment
    people, kind = people_in(case, Role.EXECUTOR), NoticeKind.CLOSED_UNANSWERED
    tell(case.municipality_id, people, kind, key=f"{key}:closed", case_number=case.number, at=now)


def _look_at_promise(case: Case, now: datetime) -> None:
    due_at, calendar = case.answer_due_at, calendar_of(case.municipality)
    if due_at is None:
        _sleep_until(case, None)
        return
    over = now >= due_at
    next_at = calendar.next_working(now + timing.REVIEW)
    if not over:
        next_at = min(next_at, calendar.next_working(due_at))
    if not _sleep_until(case, next_at):
        return
    kind = NoticeKind.PROMISE_DUE if over else NoticeKind.PROMISE_REVIEW
    roles = (Role.EXECUTOR, Role.APPROVER, Role.CURATOR) if over else (Role.EXECUTOR,)
    people = [pk for role in roles for pk in people_in(case, role)]
    key = f"case:{case.pk}:promise:{due_at:%Y%m%d}:{now:%Y%m%d}"
    tell(case.municipality_id, people, kind, key=key, case_number=case.number, at=now)
