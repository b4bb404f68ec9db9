"""A case as a plain timeline: wrote → understood → took → answered → you confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from otklik.cases.enums import Status, Verdict
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services.closing import SILENCE
from otklik.common import human


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the line; `state` is done, now or later."""

    state: str
    icon: str
    title: str
    at: datetime | None = None
    words: str = ""


_TAKEN = ("taken", "drafting", "submitted", "answered_in_network", "approved")
_ENDED = (Status.DUPLICATE, Status.REJECTED, Status.REDIRECTED)


def steps_of(case: Case, journal: Iterable[JournalEntry], *, now: datetime, own: bool = True) -> list[Step]:
    """Return the steps in order, the present one marked; in words for the resident (own) or for everybody."""
    first: dict[str, datetime] = {}
    last: dict[str, datetime] = {}
    for line in journal:
        first.setdefault(line.action, line.at)
        last[line.action] = line.at
    line_of = [
        Step("done", "pencil", _("You wrote") if own else _("A resident wrote"), case.opened_at),
        _understood(case, first),
    ]
    if case.status in _ENDED:
        return [*line_of, _ended(case)]
    if "reopened" in last:
        line_of.append(Step("done", "message-circle", _("We answered"), first.get("answered")))
        line_of.append(Step("done", "rotate", _("It was not enough: opened again"), last["reopened"]))
    taken = _since(last, _TAKEN, last.get("reopened"))
    answered = case.status in (Status.ANSWERED, Status.CLOSED)
    line_of.append(_took(case, taken, answered=answered))
    line_of.append(_answer(case, taken, answered=answered, now=now))
    line_of.append(_confirmation(case, own=own))
    return line_of


def _understood(case: Case, first: dict[str, datetime]) -> Step:
    if case.department is None:
        return Step("now", "filter", _("We are finding out who answers for it"))
    words = case.department.title if case.topic is None else f"{case.topic.name} · {case.department.title}"
    return Step("done", "filter", _("We understood and passed it on"), first.get("assigned", case.opened_at), words)


def _took(case: Case, taken: datetime | None, *, answered: bool) -> Step:
    if taken is not None or answered:
        return Step("done", "tool", _("Taken up"), taken)
    return Step("now" if case.department is not None else "later", "tool", _("Waiting to be taken up"))


def _answer(case: Case, taken: datetime | None, *, answered: bool, now: datetime) -> Step:
    if answered:
        return Step("done", "message-circle", _("Answered"), case.answered_at)
    state = "now" if taken is not None else "later"
    if case.status == Status.POSTPONED and case.postponed_until is not None:
        return Step(
            state, "player-pause", _("Promised for %(date)s") % {"date": case.postponed_until.strftime("%d.%m.%Y")}
        )
    if case.status == Status.WAITING_RESIDENT:
        return Step("now", "hourglass", _("We are waiting for your word"))
    due = human.due(case.answer_due_at, now=now) if case.answer_due_at is not None else ""
    return Step(state, "message-circle", _("Answer"), None, due)


def _confirmation(case: Case, *, own: bool) -> Step:
    if case.status == Status.CLOSED:
        if case.verdict == Verdict.SOLVED:
            title = _("You confirmed: solved") if own else _("The resident confirmed: solved")
            return Step("done", "checks", title, case.closed_at)
        return Step("done", "checks", _("Closed: nobody objected for seven days"), case.closed_at)
    title = _("You say whether it is solved") if own else _("The resident says whether it is solved")
    return Step("now" if case.status == Status.ANSWERED else "later", "checks", title)


def _ended(case: Case) -> Step:
    titles = {
        Status.DUPLICATE: ("copy", _("Joined with another case on the same problem")),
        Status.REJECTED: ("ban", _("Closed without an answer: not a message to the city")),
        Status.REDIRECTED: ("arrow-forward-up", _("Passed on to another body: it answers for this")),
    }
    icon, title = titles[Status(case.status)]
    return Step("done", icon, title, case.closed_at)


def _since(last: dict[str, datetime], actions: tuple[str, ...], since: datetime | None) -> datetime | None:
    times = [last[action] for action in actions if action in last and (since is None or last[action] > since)]
    return min(times) if times else None


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


def coming_next(case: Case, *, now: datetime) -> str:
    """Say what happens next, in a sentence that promises nothing the rules don't."""
    due = human.due(case.answer_due_at, now=now) if case.answer_due_at is not None else ""
    match Status(case.status):
        case Status.NEW | Status.TRIAGE | Status.RETURNED:
            return _("We find out whose it is; then a department takes it up.")
        case Status.ASSIGNED | Status.IN_PROGRESS | Status.DRAFTING | Status.APPROVAL:
            return _("The department answers: %(due)s.") % {"due": due} if due else _("The department answers.")
        case Status.WAITING_RESIDENT:
            return _("The city has asked the resident a question and goes on when the reply is there.")
        case Status.POSTPONED if case.postponed_until is not None:
            day = {"date": case.postponed_until.strftime("%d.%m.%Y")}
            return _("It is promised for %(date)s; until then the city looks at it again every 30 days.") % day
        case Status.POSTPONED | Status.REOPENED:
            return _("The answer was not enough. It goes on, and another person approves the next answer.")
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


def _silence_ends(case: Case, now: datetime) -> str:
    return human.when(case.answered_at + SILENCE if case.answered_at is not None else now, now=now)
