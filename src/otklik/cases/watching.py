"""Reads of what is under the head's personal control: how each case stands, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from otklik.cases.control import Checkpoint, ControlReport, PersonalControl
from otklik.cases.enums import CheckpointState, ControlState, Status
from otklik.cases.models import Case
from otklik.cases.queries import visible_cases
from otklik.org.access import Access

MOST = 200
"""Cases under control that the head's page reads; a head with more has a list for them."""


@dataclass(slots=True)
class Watched:
    """A case under control with its plan. `control` is None for the half minute before the plan is drawn up."""

    case: Case
    state: ControlState = ControlState.QUIET
    control: PersonalControl | None = None
    checkpoints: list[Checkpoint] = field(default_factory=list)
    reports: list[ControlReport] = field(default_factory=list)

    @property
    def next(self) -> Checkpoint | None:
        """The checkpoint that is waited for: a report that is asked for, else the next one ahead."""
        asked = [one for one in self.checkpoints if one.state in (CheckpointState.MISSED, CheckpointState.DUE)]
        ahead = [one for one in self.checkpoints if one.state == CheckpointState.AHEAD and one.at is not None]
        ahead.sort(key=lambda one: (one.at, one.pk))
        return next(iter([*asked, *ahead]), None)

    @property
    def wants_report(self) -> bool:
        """Whether the department owes a report now."""
        return any(one.state in (CheckpointState.MISSED, CheckpointState.DUE) for one in self.checkpoints)


def watched_of(access: Access, *, now: datetime) -> list[Watched]:
    """Return what is under control, worst first, then by what is due first. Three queries, whatever the number."""
    cases = visible_cases(access).filter(personal_control=True).exclude(status=Status.DUPLICATE)
    found = {
        case.pk: Watched(case)
        for case in cases.select_related("topic", "department", "channel", "place").order_by("-id")[:MOST]
    }
    controls = PersonalControl.objects.filter(case__in=found, ended_at=None).select_related("set_by", "proposed_by")
    by_control = {control.pk: found[control.case_id] for control in controls}
    for control in controls:
        found[control.case_id].control = control
    for checkpoint in Checkpoint.objects.filter(control__in=by_control).order_by("id"):
        by_control[checkpoint.control_id].checkpoints.append(checkpoint)
    order = list(ControlState)
    for one in found.values():
        one.state = state_of(one, now=now)
    return sorted(found.values(), key=lambda one: (order.index(one.state), _due(one), -one.case.pk))


def watched_case(case: Case, *, now: datetime) -> Watched | None:
    """Return how a case under control stands, with its reports, newest first; None where it isn't. Three queries."""
    if not case.personal_control:
        return None
    found = Watched(case)
    found.control = (
        PersonalControl.objects.filter(case=case, ended_at=None).select_related("set_by", "proposed_by").first()
    )
    if found.control is not None:
        found.checkpoints = list(
            Checkpoint.objects.filter(control=found.control).select_related("asked_by").order_by("id")
        )
        reports = ControlReport.objects.filter(control=found.control).select_related("author", "department")
        found.reports = list(reports.order_by("-id")[:50])
    found.state = state_of(found, now=now)
    return found


def state_of(watched: Watched, *, now: datetime) -> ControlState:
    """Return how a case under control stands; the worst that is true of it."""
    case, states = watched.case, {one.state for one in watched.checkpoints}
    if CheckpointState.MISSED in states or any(one.is_late(now) for one in watched.checkpoints):
        return ControlState.MISSED
    if case.is_open and case.answer_due_at is not None and case.answer_due_at < now:
        return ControlState.LATE
    if CheckpointState.DUE in states:
        return ControlState.REPORT
    if not case.is_open or (watched.control is not None and watched.control.proposed_at is not None):
        return ControlState.RELEASE
    return ControlState.QUIET


def counts_of(watched: Iterable[Watched]) -> dict[ControlState, int]:
    """Return how many cases under control stand how."""
    found = dict.fromkeys(ControlState, 0)
    for one in watched:
        found[one.state] += 1
    return found


def _due(one: Watched) -> float:
    following = one.next
    moments = [one.case.answer_due_at] if following is None else [following.report_by or following.at]
    return min((at.timestamp() for at in moments if at is not None), default=float("inf"))
