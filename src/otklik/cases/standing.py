"""Where a case stands in a resident's words: what it means, and what happens next and by when.

For every status and outcome (domain reference, Statuses); nothing here promises what the rules don't keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.cases.enums import Outcome, Status, Verdict
from otklik.cases.models import Case
from otklik.cases.services.closing import SILENCE
from otklik.common import human


def standing(case: Case) -> tuple[str, str, str]:
    """Return icon, word and tone of where a case stands, in a resident's words."""
    match Status(case.status):
        case Status.NEW | Status.TRIAGE | Status.RETURNED:
            return "filter", _("Sorting out whose it is"), "info"
        case Status.ASSIGNED:
            return "user-check", _("Given to a department"), "info"
        case Status.IN_PROGRESS | Status.DRAFTING | Status.APPROVAL:
            return "tool", _("Being solved"), "info"
        case Status.WAITING_RESIDENT:
            return "hourglass", _("Waiting for the resident"), "warn"
        case Status.POSTPONED:
            return "player-pause", _("Promised for later"), "warn"
        case Status.REOPENED:
            return "rotate", _("Opened again"), "warn"
        case Status.ANSWERED:
            return "message-circle", _("Answered"), "good"
        case Status.CLOSED:
            solved = case.verdict == Verdict.SOLVED
            return ("checks", _("Solved, the resident confirmed"), "good") if solved else ("checks", _("Closed"), "")
        case Status.DUPLICATE:
            return "copy", _("Joined with another"), ""
        case Status.REJECTED:
            return "ban", _("Not accepted"), ""
        case Status.REDIRECTED:
            return "arrow-forward-up", _("Passed on to another body"), ""


_MEANINGS: Mapping[Status, str | Promise] = {
    Status.NEW: gettext_lazy("We have your words and are finding out who answers for this."),
    Status.TRIAGE: gettext_lazy("We have your words and are finding out who answers for this."),
    Status.RETURNED: gettext_lazy("The department says that it isn't theirs; we are finding the right one."),
    Status.ASSIGNED: gettext_lazy("The right department has it and will take it up."),
    Status.IN_PROGRESS: gettext_lazy("People are working on it."),
    Status.DRAFTING: gettext_lazy("The answer is being written."),
    Status.APPROVAL: gettext_lazy("The answer is written; another person reads it before it goes to you."),
    Status.WAITING_RESIDENT: gettext_lazy("We asked you a question and can't go on without your word."),
    Status.POSTPONED: gettext_lazy("It can't be done at once. We named a day and answer for it."),
    Status.REOPENED: gettext_lazy("You told us that it isn't solved. It is open again."),
    Status.ANSWERED: gettext_lazy("The city has answered."),
    Status.CLOSED: gettext_lazy("The city has answered, and nobody objected."),
    Status.DUPLICATE: gettext_lazy("Others told us of the same. One case goes on for all of you."),
    Status.REJECTED: gettext_lazy("We took it for advertising or insult, not for a message to the city."),
    Status.REDIRECTED: gettext_lazy("The city doesn't answer for this. We passed you to the body that does."),
}
_OUTCOMES: Mapping[Outcome, str | Promise] = {
    Outcome.RESOLVED: gettext_lazy("We say that it is done."),
    Outcome.EXPLAINED: gettext_lazy("We explained how it stands."),
    Outcome.REFUSED: gettext_lazy("We said no, and why is in the answer."),
    Outcome.POSTPONED: gettext_lazy("We promised it for a later day."),
    Outcome.REDIRECTED: gettext_lazy("Another body answers for it; where to turn is in the answer."),
    Outcome.NO_REPLY: gettext_lazy("We asked you a question and heard nothing, so we stopped."),
}


def meaning(case: Case) -> str:
    """Say what the status means to whoever wrote; of what has ended, what it came to."""
    status = Status(case.status)
    if status in (Status.ANSWERED, Status.CLOSED):
        if status == Status.CLOSED and case.verdict == Verdict.SOLVED:
            return _("You said that it is solved.")
        if case.outcome:
            return str(_OUTCOMES[Outcome(case.outcome)])
    if status == Status.IN_PROGRESS and case.interim_answered_at is not None:
        return _("You have a first word from us, and the work goes on.")
    return str(_MEANINGS[status])


def coming_next(case: Case, *, now: datetime) -> str:
    """Say what happens next, in a sentence that promises nothing the rules don't."""
    answer = _answer(case, now)
    match Status(case.status):
        case Status.NEW | Status.TRIAGE | Status.RETURNED:
            return _("We find out whose it is; then a department takes it up.")
        case Status.ASSIGNED | Status.IN_PROGRESS | Status.DRAFTING | Status.APPROVAL:
            return answer or _("The department answers.")
        case Status.WAITING_RESIDENT:
            return _("The city has asked the resident a question and goes on when the reply is there.")
        case Status.POSTPONED if case.postponed_until is not None:
            day = {"date": _day(case)}
            return _("It is promised for %(date)s; until then the city looks at it again every 30 days.") % day
        case Status.POSTPONED:
            return _("The city names a day and looks at it again every 30 days.")
        case Status.REOPENED:
            again = _("The answer was not enough. It goes on, and another person approves the next answer.")
            return f"{again} {answer}".strip()
        case Status.ANSWERED:
            words = _("The resident says whether it is solved. Without a word it is closed %(date)s.")
            return words % {"date": _silence_ends(case, now)}
        case Status.CLOSED:
            return _("Nothing more is owed. Its resident may open it again.")
        case Status.DUPLICATE:
            return _("It is answered together with the other case.")
        case Status.REJECTED:
            return _("Nothing more happens here.")
        case Status.REDIRECTED:
            return _("Another body answers for it; its contacts are in the city's answer.")


def yours_next(case: Case, *, now: datetime) -> str:
    """Say what happens next to the resident whose case it is."""
    match Status(case.status):
        case Status.WAITING_RESIDENT:
            return _("The city has asked you a question and goes on when your reply is there: write it below.")
        case Status.ANSWERED:
            words = _("You say whether it is solved. Without a word it is closed %(date)s.")
            return words % {"date": _silence_ends(case, now)}
        case Status.CLOSED:
            return _("Nothing more is owed. If it isn't solved after all, open it again.")
        case _:
            return coming_next(case, now=now)


def _answer(case: Case, now: datetime) -> str:
    """Say by when the department answers, or since when it is late; nothing without a deadline."""
    if case.answer_due_at is None:
        return ""
    due = {"due": human.due(case.answer_due_at, now=now)}
    late = case.answer_due_at < now
    return (_("We are late with the answer: it %(due)s.") if late else _("The department answers: %(due)s.")) % due


def _silence_ends(case: Case, now: datetime) -> str:
    return human.when(case.answered_at + SILENCE if case.answered_at is not None else now, now=now)


def _day(case: Case) -> str:
    """Return the promised day in words: the twentieth of May, with the year."""
    return dateformat.format(case.postponed_until, "j E Y") if case.postponed_until is not None else ""
