"""The head's personal control: taken with one tap, reported on by the department, let go by the head alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from otklik.cases.control import Checkpoint, ControlReport, PersonalControl
from otklik.cases.enums import CheckpointState, PhotoUse
from otklik.cases.models import Case, JournalEntry
from otklik.cases.photos import CasePhoto
from otklik.cases.services.moving import Overtaken, change
from otklik.cases.services.planning import plan
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.models import Official
from otklik.org.queries import calendar_of, officials_for

LONGEST_REPORT_TEXT = 2_000
SAME_CLICK = timedelta(minutes=1)
"""The same words from the same person within it are one: a second press of a button, or a page sent again."""


@transaction.atomic
def set_control(access: Access, case: Case, *, now: datetime) -> None:
    """Take a case under the head's personal control and draw up its checkpoints. Repeating changes nothing.

    Raises Refused.
    """
    access.require_on(Permission.CONTROL_SET, case)
    if case.personal_control:
        return
    change(case, at=now, action="control_set", actor=access.official, personal_control=True)
    _begin(case, access.official, now)


@transaction.atomic
def clear_control(access: Access, case: Case, *, now: datetime) -> None:
    """Let a case go from personal control; only the head may. Repeating changes nothing. Raises Refused."""
    access.require_on(Permission.CONTROL_CLEAR, case)
    if not case.personal_control:
        return
    change(case, at=now, action="control_cleared", actor=access.official, personal_control=False)
    control = control_of(case)
    if control is None:
        return
    _end([control.pk], now, by=access.official)
    people = {*working_on(case), *controllers_of(control, case)} - {access.official.pk}
    key = f"control:{control.pk}:ended"
    tell(case.municipality_id, people, NoticeKind.RELEASED, key=key, case_number=case.number, at=now)


@transaction.atomic
def propose_release(access: Access, case: Case, reason: str, *, now: datetime) -> None:
    """Propose to the head to let a case go, saying why. Raises Refused, ValueError, Overtaken."""
    access.require_on(Permission.CONTROL_SET, case)
    if not reason.strip():
        raise ValueError(_("say why it may be let go"))
    control = _current(case)
    fresh = PersonalControl.objects.filter(pk=control.pk, ended_at=None, proposed_at=None)
    values = {"proposed_by": access.official, "proposed_at": now, "proposal": reason.strip()[:300]}
    if fresh.update(**values) != 1:
        raise Overtaken(case)
    change(case, at=now, action="release_proposed", actor=access.official, detail={"reason": reason.strip()})
    people = set(officials_for(case.municipality_id, Role.HEAD, None)) - {access.official.pk}
    key = f"control:{control.pk}:release:{now:%Y%m%dT%H%M%S}"
    tell(case.municipality_id, people, NoticeKind.RELEASE_PROPOSED, key=key, case_number=case.number, at=now)


@transaction.atomic
def keep_control(access: Access, case: Case, *, now: datetime) -> None:
    """Keep a case under control although somebody proposed to let it go. Raises Refused, ValueError, Overtaken."""
    access.require_on(Permission.CONTROL_CLEAR, case)
    control = _current(case)
    proposed = PersonalControl.objects.filter(pk=control.pk, proposed_at__isnull=False)
    if proposed.update(proposed_by=None, proposed_at=None, proposal="") != 1:
        raise Overtaken(case)
    change(case, at=now, action="control_kept", actor=access.official)


@transaction.atomic
def ask_report(access: Access, case: Case, question: str, *, now: datetime) -> Checkpoint:
    """Ask the department for a report now; at night it hears of it in the morning. Pressed twice it is asked once.

    Raises Refused, ValueError.
    """
    access.require_on(Permission.CONTROL_SET, case)
    control = _held(case)
    if case.department_id is None:
        raise ValueError(_("no department has it yet, so nobody can report"))
    asked_now = Checkpoint.objects.filter(control=control, asked_by=access.official, created_at__gt=now - SAME_CLICK)
    same = asked_now.filter(question=question.strip()[:500]).first()
    if same is not None:
        return same
    at = calendar_of(case.municipality).next_working(now)
    asked = Checkpoint.objects.create(
        municipality_id=case.municipality_id,
        control=control,
        at=at,
        wakes_at=at,
        asked_by=access.official,
        question=question.strip()[:500],
        created_at=now,
    )
    change(case, at=now, action="report_asked", actor=access.official, detail={"text": asked.question})
    return asked


@transaction.atomic
def report(access: Access, case: Case, text: str, *, now: datetime) -> ControlReport:
    """Report to the head how a case under control goes: it answers every report asked for until now. Pressed twice it
    is one report.

    Raises Refused, ValueError.
    """
    access.require_on(Permission.CASE_DRAFT, case)
    control = _held(case)
    if not text.strip():
        raise ValueError(_("the report is empty: say what is done, and what comes next"))
    if len(text) > LONGEST_REPORT_TEXT:
        most = {"most": LONGEST_REPORT_TEXT}
        raise ValueError(_("the report is too long: %(most)s characters are the most") % most)
    told_now = ControlReport.objects.filter(control=control, author=access.official, at__gt=now - SAME_CLICK)
    same = told_now.filter(text=text.strip()).first()
    if same is not None and not Checkpoint.objects.filter(control=control, created_at__gt=same.at).exists():
        return same
    made = ControlReport.objects.create(
        municipality_id=case.municipality_id,
        control=control,
        author=access.official,
        department_id=case.department_id,
        text=text.strip(),
        at=now,
    )
    CasePhoto.objects.filter(case=case, use=PhotoUse.REPORT, report=None).update(report=made)
    wanted = Checkpoint.objects.filter(control=control)
    wanted.filter(state__in=[CheckpointState.DUE, CheckpointState.MISSED]).update(
        state=CheckpointState.REPORTED, wakes_at=None
    )
    wanted.filter(state=CheckpointState.AHEAD, percent=None).update(state=CheckpointState.REPORTED, wakes_at=None)
    change(case, at=now, action="control_reported", actor=access.official, detail={"text": made.text[:300]})
    people = set(controllers_of(control, case)) - {access.official.pk}
    key = f"control:{control.pk}:report:{made.pk}"
    tell(case.municipality_id, people, NoticeKind.REPORTED, key=key, case_number=case.number, at=now)
    return made


def look_after_controls(*, now: datetime, limit: int = 50) -> None:
    """Draw up plans for cases that came under control many at once or by joining; end those let go the same way.

    Safe to repeat, by any number of workers: a case has one open control at a time (a unique constraint).
    """
    running = PersonalControl.objects.filter(case=OuterRef("pk"), ended_at=None)
    flagged = Case.objects.filter(~Exists(running), personal_control=True)
    for case in flagged.select_related("municipality", "topic__service_level").order_by("id")[:limit]:
        with transaction.atomic():
            # Locked, so that the head's own tap and another worker wait their turn and find it begun.
            held = Case.objects.select_for_update(of=("self",)).select_related("municipality", "topic__service_level")
            again = held.filter(~Exists(running), pk=case.pk, personal_control=True).first()
            if again is not None:
                _begin(again, _who_took(again), now)
    let_go = PersonalControl.objects.filter(ended_at=None, case__personal_control=False)
    for pk in list(let_go.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            _end([pk], now, by=None)


def control_of(case: Case) -> PersonalControl | None:
    """Return the control that a case is under; None also for the half minute before its plan is drawn up."""
    return PersonalControl.objects.filter(case=case, ended_at=None).select_related("set_by", "proposed_by").first()


def working_on(case: Case) -> list[int]:
    """Return who reports: the executor, and the heads of the department."""
    people = (
        set(officials_for(case.municipality_id, Role.APPROVER, case.department_id)) if case.department_id else set()
    )
    return sorted(people | ({case.executor_id} if case.executor_id else set()))


def controllers_of(control: PersonalControl, case: Case) -> list[int]:
    """Return who hears of checkpoints and reports: whoever took the case under control, and the head's aides."""
    people = set(officials_for(case.municipality_id, Role.AIDE, None))
    if control.set_by_id is None:
        people |= set(officials_for(case.municipality_id, Role.HEAD, None))
    return sorted(people | ({control.set_by_id} if control.set_by_id else set()))


def _begin(case: Case, official: Official | None, now: datetime) -> PersonalControl:
    control = PersonalControl.objects.create(
        municipality_id=case.municipality_id, case=case, set_by=official, set_at=now
    )
    plan(control, case, now=now)
    key = f"control:{control.pk}:set"
    tell(case.municipality_id, working_on(case), NoticeKind.CONTROLLED, key=key, case_number=case.number, at=now)
    return control


def _end(controls: list[int], now: datetime, *, by: Official | None) -> None:
    PersonalControl.objects.filter(pk__in=controls, ended_at=None).update(ended_at=now, ended_by=by)
    open_ones = Checkpoint.objects.filter(
        control__in=controls, state__in=[CheckpointState.AHEAD, CheckpointState.DUE, CheckpointState.MISSED]
    )
    open_ones.update(state=CheckpointState.DROPPED, wakes_at=None)


def _who_took(case: Case) -> Official | None:
    line = JournalEntry.objects.filter(case=case, action="control_set").select_related("actor").order_by("-id").first()
    return line.actor if line is not None else None


def _current(case: Case) -> PersonalControl:
    control = control_of(case)
    if not case.personal_control or control is None:
        raise ValueError(_("the case is not under personal control"))
    return control


def _held(case: Case) -> PersonalControl:
    """Return the control that a case is under, held until the commit: two presses come one after the other."""
    return PersonalControl.objects.select_for_update().get(pk=_current(case).pk)
