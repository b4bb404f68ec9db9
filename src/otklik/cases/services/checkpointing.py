"""What time does to a case under control: at a checkpoint the department is asked to report, and missed if it doesn't.

A step is taken by whoever moves `wakes_at` on, so each is taken once, by however many workers, and never at night.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from otklik.cases.control import Checkpoint
from otklik.cases.enums import CheckpointState
from otklik.cases.services.controlling import controllers_of, working_on
from otklik.cases.services.planning import report_by
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import Role
from otklik.org.queries import calendar_of, officials_for


def wake_checkpoints(*, now: datetime, limit: int = 100) -> int:
    """Take the next step of every checkpoint that is due, the longest due first; returns how many were looked at."""
    due = Checkpoint.objects.filter(wakes_at__lte=now).select_related("control__case__municipality")
    checkpoints = list(due.order_by("wakes_at", "id")[:limit])
    for checkpoint in checkpoints:
        with transaction.atomic():
            _wake(checkpoint, now)
    return len(checkpoints)


def _wake(checkpoint: Checkpoint, now: datetime) -> None:
    case = checkpoint.control.case
    calendar = calendar_of(case.municipality)
    morning = calendar.next_working(now)
    if morning > now:
        _step(checkpoint, checkpoint.state, wakes_at=morning)
    elif not case.personal_control or not case.is_open or _is_outpaced(checkpoint, now):
        _step(checkpoint, CheckpointState.DROPPED, wakes_at=None)
    elif checkpoint.state == CheckpointState.AHEAD:
        _ask(checkpoint, calendar, now)
    else:
        _miss(checkpoint, now)


def _step(checkpoint: Checkpoint, state: str, **changes: object) -> bool:
    """Move a checkpoint on; False if another worker took this step, or the department reported meanwhile."""
    seen = Checkpoint.objects.filter(pk=checkpoint.pk, state=checkpoint.state, wakes_at=checkpoint.wakes_at)
    return seen.update(state=state, **changes) == 1


def _is_outpaced(checkpoint: Checkpoint, now: datetime) -> bool:
    """Whether a later checkpoint is due as well (a weekend lay between): one report is enough."""
    if checkpoint.state != CheckpointState.AHEAD or checkpoint.percent is None:
        return False
    later = Checkpoint.objects.filter(control=checkpoint.control_id, percent__gt=checkpoint.percent, at__lte=now)
    return later.filter(state=CheckpointState.AHEAD).exists()


def _ask(checkpoint: Checkpoint, calendar: WorkCalendar, now: datetime) -> None:
    control, case = checkpoint.control, checkpoint.control.case
    by = report_by(calendar, control, now)
    if not _step(checkpoint, CheckpointState.DUE, report_by=by, wakes_at=by):
        return
    key = f"checkpoint:{checkpoint.pk}"
    department = working_on(case) or officials_for(case.municipality_id, Role.CURATOR, None)
    tells = [(NoticeKind.REPORT_DUE, department)]
    if checkpoint.percent is not None:  # whoever asked in person knows of it
        tells.append((NoticeKind.CHECKPOINT, controllers_of(control, case)))
    for kind, people in tells:
        told = f"{key}:{kind}"
        tell(case.municipality_id, people, kind, key=told, case_number=case.number, at=now, due_at=by)


def _miss(checkpoint: Checkpoint, now: datetime) -> None:
    control, case = checkpoint.control, checkpoint.control.case
    if not _step(checkpoint, CheckpointState.MISSED, wakes_at=None):
        return
    people = {*controllers_of(control, case), *working_on(case), *officials_for(case.municipality_id, Role.HEAD, None)}
    key = f"checkpoint:{checkpoint.pk}:missed"
    tell(case.municipality_id, people, NoticeKind.REPORT_MISSING, key=key, case_number=case.number, at=now)
