"""The plan of a case under control: checkpoints in the case's own clock, drawn up again when its deadline moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from otklik.cases import timing
from otklik.cases.control import Checkpoint, PersonalControl
from otklik.cases.enums import CHECKPOINTS, CheckpointState
from otklik.cases.models import Case
from otklik.org.calendar import WorkCalendar

LONGEST_REPORT = 240
"""Working minutes that a department has for a report at most; less where the checkpoints are close together."""
SHORTEST_REPORT = 30
OVERDUE = 100
"""The percent of the one checkpoint of a case that was late already when it came under control."""


def plan(control: PersonalControl, case: Case, *, now: datetime) -> None:
    """Draw up the checkpoints from now to the deadline. A late case reports at once; one that is over never.

    Without a deadline (the clock stands still) the checkpoints wait until there is one.
    """
    if not case.is_open:
        return
    if case.answer_due_at is None:
        _keep(control, [_ahead(control, percent, None, now) for percent in CHECKPOINTS], span=0)
        return
    clock = timing.clock_of(case)
    span = clock.minutes(now, case.answer_due_at)
    if span == 0:
        _keep(control, [_ahead(control, OVERDUE, clock.calendar.next_working(now), now)], span=0)
        return
    moments = _moments(clock, now, case.answer_due_at, span)
    _keep(control, [_ahead(control, percent, at, now) for percent, at in moments.items()], span=span)


def redraw(case: Case, *, now: datetime) -> None:
    """Move what is still ahead after the deadline moved: a pause keeps the shares, a new deadline is planned anew.

    Runs inside the transaction that moved it. Reports asked for already stay asked for.
    """
    control = PersonalControl.objects.filter(case=case, ended_at=None).first()
    if control is None:
        return
    ahead = Checkpoint.objects.filter(control=control, state=CheckpointState.AHEAD, percent__isnull=False)
    if case.answer_due_at is None:
        ahead.update(at=None, wakes_at=None)
        return
    waiting = list(ahead.filter(at=None))
    if not waiting or control.span_minutes == 0:
        ahead.delete()
        plan(control, case, now=now)
        return
    moments = _moments(timing.clock_of(case), now, case.answer_due_at, control.span_minutes)
    for one in waiting:
        one.at = one.wakes_at = moments.get(one.percent or 0)
    Checkpoint.objects.bulk_update(waiting, ["at", "wakes_at"])


def report_by(calendar: WorkCalendar, control: PersonalControl, asked_at: datetime) -> datetime:
    """Return by when a report asked for now is wanted: a quarter of the plan, half an hour to four hours of work."""
    minutes = control.span_minutes // 4 or LONGEST_REPORT
    return calendar.add_working(asked_at, timedelta(minutes=min(LONGEST_REPORT, max(SHORTEST_REPORT, minutes))))


def _moments(clock: timing.CaseClock, now: datetime, due_at: datetime, span: int) -> dict[int, datetime]:
    left = clock.minutes(now, due_at)
    return {
        percent: clock.calendar.next_working(clock.after(now, max(0, left - span * (100 - percent) // 100)))
        for percent in CHECKPOINTS
    }


def _ahead(control: PersonalControl, percent: int, at: datetime | None, now: datetime) -> Checkpoint:
    return Checkpoint(
        municipality_id=control.municipality_id, control=control, percent=percent, at=at, wakes_at=at, created_at=now
    )


def _keep(control: PersonalControl, checkpoints: list[Checkpoint], *, span: int) -> None:
    Checkpoint.objects.bulk_create(checkpoints)
    PersonalControl.objects.filter(pk=control.pk).update(span_minutes=span)
    control.span_minutes = span
