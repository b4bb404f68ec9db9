"""What the desk calls things: views, urgency, deadlines, and why something could not be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.cases.enums import OPEN_STATUSES
from otklik.cases.models import Case
from otklik.cases.services.answering import OwnDraft, SameApprover
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.cases.services.showing import NotForPublic
from otklik.common import human
from otklik.intake.resolving import NotInDoubt
from otklik.intake.sorting import AlreadySorted

VIEW_TITLES = {
    "open": gettext_lazy("In work"),
    "new": gettext_lazy("New ones"),
    "mine": gettext_lazy("Mine"),
    "urgent": gettext_lazy("Urgent"),
    "overdue": gettext_lazy("Overdue"),
    "approval": gettext_lazy("To approve"),
    "control": gettext_lazy("Under control"),
    "returned": gettext_lazy("Came back"),
    "promises": gettext_lazy("Promises overdue"),
    "questions": gettext_lazy("Questions without an answer"),
    "snoozed": gettext_lazy("Out of sight"),
    "answered": gettext_lazy("Answered ones"),
    "solved": gettext_lazy("Confirmed this week"),
    "all": gettext_lazy("All cases"),
}

VIEW_EMPTY = {
    "new": gettext_lazy("Everything new has gone to those who answer for it."),
    "mine": gettext_lazy("Take a case from “In work”, and it will wait here."),
    "urgent": gettext_lazy("Nothing burns now."),
    "overdue": gettext_lazy("Every promise is being kept."),
    "approval": gettext_lazy("No draft waits for a signature."),
    "control": gettext_lazy("Nothing is under personal control now."),
    "promises": gettext_lazy("Every promised day has been kept."),
    "questions": gettext_lazy("Every question has an answer."),
    "solved": gettext_lazy("Nobody has confirmed yet this week that it is solved."),
    "snoozed": gettext_lazy("You put no case away. What is urgent or late stays in sight anyway."),
    "returned": gettext_lazy("Nobody returned a case, and no resident reopened one."),
}

URGENCY = {
    0: gettext_lazy("not urgent"),
    1: gettext_lazy("low urgency"),
    2: gettext_lazy("ordinary urgency"),
    3: gettext_lazy("urgent"),
    4: gettext_lazy("danger to life"),
}

SOON = timedelta(hours=2)
"""A deadline this near is shown as one to hurry for."""

PROBLEMS = (OwnDraft, SameApprover, IllegalMove, Overtaken, NotForPublic, AlreadySorted, NotInDoubt, ValueError)
"""What a service may answer instead of doing it; anything else is a fault of ours."""


def problem(error: Exception) -> str:
    """Return why it could not be done and what to do, for the person at the screen."""
    match error:
        case OwnDraft():
            return _("You wrote this answer, so somebody else approves it.")
        case SameApprover():
            return _("The resident did not accept the answer you approved before: another person approves this one.")
        case IllegalMove():
            status = error.case.get_status_display()
            return _("The case is “%(status)s” now, and this can't be done with it any more.") % {"status": status}
        case Overtaken():
            return _("Somebody changed this case a moment ago. Look at it as it is now; what you typed is kept.")
        case NotForPublic():
            return _("The message was private, and the resident did not agree to show it: the case stays private.")
        case AlreadySorted():
            return _("A colleague has sorted this message already.")
        case NotInDoubt():
            return _("This was settled in the meantime.")
        case _:
            return _("This could not be done: %(reason)s") % {"reason": error}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as a list shows it."""

    words: str
    tone: str


def deadline(case: Case, *, now: datetime) -> Deadline | None:
    """Say by when an answer is due, or how late it is; None where nothing is owed any more."""
    if case.answer_due_at is None or case.status not in OPEN_STATUSES:
        return None
    if case.answer_due_at < now:
        late = human.age(case.answer_due_at, now=now)
        return Deadline(_("overdue by %(time)s") % {"time": late}, "bad")
    return Deadline(_by(case.answer_due_at, now), "warn" if case.answer_due_at - now < SOON else "")


def _by(moment: datetime, now: datetime) -> str:
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    days, time = (local.date() - today).days, f"{local:%H:%M}"
    if days == 0:
        return _("today by %(time)s") % {"time": time}
    day = _("tomorrow") if days == 1 else dateformat.format(local, "D" if days < 7 else "j M")
    return _("by %(day)s %(time)s") % {"day": day, "time": time}
