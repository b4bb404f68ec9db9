"""Personal control on a case's screen: its checkpoints and reports, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.control import Checkpoint
from otklik.cases.enums import CheckpointState, ControlState, PhotoSide, PhotoUse
from otklik.cases.models import Case
from otklik.cases.services import controlling, picturing
from otklik.cases.watching import Watched, watched_case
from otklik.common import clock
from otklik.desk.deeds import Deed
from otklik.desk.forms import words_area
from otklik.desk.uploads import Brought, sent_by
from otklik.org.access import Access, Permission

CHECKPOINT_LOOK = {
    CheckpointState.AHEAD: ("clock", ""),
    CheckpointState.DUE: ("hourglass", "warn"),
    CheckpointState.REPORTED: ("check", "good"),
    CheckpointState.MISSED: ("alert-triangle", "bad"),
    CheckpointState.DROPPED: ("minus", ""),
}
STATE_LOOK = {
    ControlState.MISSED: ("alert-triangle", "bad"),
    ControlState.LATE: ("alarm", "bad"),
    ControlState.REPORT: ("hourglass", "warn"),
    ControlState.RELEASE: ("flag", "accent"),
    ControlState.QUIET: ("clock", ""),
}


class AskReportForm(forms.Form):
    """What the head wants to know; nothing said is a plain "how does it go"."""

    text = forms.CharField(
        label=_("What you want to know"),
        help_text=_("May stay empty: then they tell how it goes."),
        max_length=500,
        required=False,
        widget=words_area(2),
    )


class ReportForm(forms.Form):
    """How it goes."""

    text = forms.CharField(
        label=_("What is done, and what comes next"),
        help_text=_("The head and the aides read it; the resident doesn't."),
        max_length=controlling.LONGEST_REPORT_TEXT,
        widget=words_area(4),
        error_messages={"required": _("Say what is done, and what comes next.")},
    )

    def clean(self) -> dict[str, Any]:
        """Bring the form's photos along."""
        sent = sent_by(Brought(self.data, self.files))
        return {**(super().clean() or {}), "photos": replace(sent, use=PhotoUse.REPORT, side=PhotoSide.NONE)}


class ReleaseForm(forms.Form):
    """Why it may be let go."""

    reason = forms.CharField(
        label=_("Why it may be let go"),
        max_length=300,
        error_messages={"required": _("Say why it may be let go.")},
    )


def _ask(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    controlling.ask_report(access, case, said["text"], now=now)


def _report(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    if said["photos"].uploads:
        attached = picturing.attach(access, case, said["photos"], now=now)
        if attached.refused:
            raise ValueError(" ".join(attached.refused))
    controlling.report(access, case, said["text"], now=now)


def _propose(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    controlling.propose_release(access, case, said["reason"], now=now)


CONTROL_DEEDS = (
    Deed(
        "control",
        Permission.CONTROL_SET,
        lambda a, c, _s, now: controlling.set_control(a, c, now=now),
        _("Under personal control."),
        undo="uncontrol",
        undo_needs=Permission.CONTROL_CLEAR,
    ),
    Deed(
        "uncontrol",
        Permission.CONTROL_CLEAR,
        lambda a, c, _s, now: controlling.clear_control(a, c, now=now),
        _("No longer under personal control."),
        undo="control",
        undo_needs=Permission.CONTROL_SET,
    ),
    Deed("ask_report", Permission.CONTROL_SET, _ask, _("The department is asked for a report."), AskReportForm),
    Deed("report", Permission.CASE_DRAFT, _report, _("Your report is with the head."), ReportForm),
    Deed("release", Permission.CONTROL_SET, _propose, _("Proposed to the head."), ReleaseForm),
    Deed(
        "keep",
        Permission.CONTROL_CLEAR,
        lambda a, c, _s, now: controlling.keep_control(a, c, now=now),
        _("It stays under personal control."),
    ),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A checkpoint as it is drawn: `at` is when it comes, or by when the report is wanted."""

    checkpoint: Checkpoint
    sign: str
    tone: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ControlPanel:
    """What the screen of a case says of personal control."""

    watched: Watched
    sign: str
    tone: str
    points: list[Point]
    may_let_go: bool
    forms: dict[str, forms.Form] = field(default_factory=dict)


def control_panel(access: Access, case: Case) -> ControlPanel | None:
    """Return the panel of a case under control, None for any other. Three queries for one, none for the others."""
    watched = watched_case(case, now=clock.now())
    if watched is None:
        return None
    sign, tone = STATE_LOOK[watched.state]
    started = watched.control is not None
    may_set = started and access.allows(Permission.CONTROL_SET, case.department_id)
    may_let_go = access.allows(Permission.CONTROL_CLEAR, case.department_id)
    found: dict[str, forms.Form] = {}
    # Whoever reads the reports could write one too, but is not asked to.
    if started and access.allows(Permission.CASE_DRAFT, case.department_id) and not may_set:
        found["report"] = ReportForm(prefix="report")
    if may_set and case.department_id is not None:
        found["ask_report"] = AskReportForm(prefix="ask_report")
    if may_set and not may_let_go and watched.control is not None and watched.control.proposed_at is None:
        found["release"] = ReleaseForm(prefix="release")
    return ControlPanel(
        watched=watched,
        sign=sign,
        tone=tone,
        points=[point_of(one) for one in watched.checkpoints if one.state != CheckpointState.DROPPED],
        may_let_go=may_let_go,
        forms=found,
    )


def point_of(checkpoint: Checkpoint) -> Point:
    """Return how a checkpoint is drawn."""
    sign, tone = CHECKPOINT_LOOK[CheckpointState(checkpoint.state)]
    return Point(checkpoint, sign, tone, checkpoint.report_by or checkpoint.at)
