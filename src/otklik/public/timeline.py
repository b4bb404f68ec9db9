"""A case as a plain timeline: wrote → understood → took → answered → you confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import dateformat
from django.utils.translation import gettext as _

from otklik.cases.enums import Status, Verdict
from otklik.cases.models import Case, JournalEntry
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
            state,
            "player-pause",
            _("Promised for %(date)s") % {"date": dateformat.format(case.postponed_until, "j E Y")},
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
