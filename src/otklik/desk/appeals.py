"""Formal appeals on the desk: their place on a case's screen, what staff do with them, and the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as gettext_now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from otklik.cases import terms
from otklik.cases.formal import Appeal, AppealRules, AppealState
from otklik.cases.models import Case
from otklik.cases.services import appealing
from otklik.common import clock
from otklik.desk.appealforms import AnsweredForm, AppealForm, ExtendForm, ForwardForm, RegisterForm, StrikeForm
from otklik.desk.deeds import Deed
from otklik.desk.doors import DeskRequest, door
from otklik.desk.paging import page
from otklik.org.access import Access, Permission
from otklik.org.queries import calendar_of, outside_bodies_of


def _of(case: Case) -> Mapping[str, Any]:
    return {"appeals": terms.appeals_of(case)}


def _with_bodies(case: Case) -> Mapping[str, Any]:
    return {**_of(case), "bodies": outside_bodies_of(case.municipality_id)}


def _enter(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    appeal = appealing.enter(access, case, said["received_on"], now=now)
    if said["number"]:
        appealing.register(access, appeal, said["number"], said["registered_on"], now=now)


def _register(access: Access, _case: Case, said: Mapping[str, Any], now: datetime) -> None:
    appealing.register(access, said["appeal"], said["number"], said["registered_on"], now=now)


def _extend(access: Access, _case: Case, said: Mapping[str, Any], now: datetime) -> None:
    appealing.extend(access, said["appeal"], said["reason"], said["told_on"], now=now)


def _answer(access: Access, _case: Case, said: Mapping[str, Any], now: datetime) -> None:
    appealing.answer(access, said["appeal"], said["remark"], said["on"], now=now)


def _forward(access: Access, _case: Case, said: Mapping[str, Any], now: datetime) -> None:
    appealing.forward(access, said["appeal"], said["body"], said["on"], now=now)


def _strike(access: Access, _case: Case, said: Mapping[str, Any], now: datetime) -> None:
    appealing.strike(access, said["appeal"], said["reason"], now=now)


_NEEDS = Permission.APPEAL_REGISTER
APPEAL_DEEDS = (
    Deed("appeal", _NEEDS, _enter, _("Entered: its clock runs."), AppealForm),
    Deed("appeal_register", _NEEDS, _register, _("Registered: the days to answer run."), RegisterForm, options=_of),
    Deed("appeal_extend", _NEEDS, _extend, _("The term is longer now."), ExtendForm, options=_of),
    Deed("appeal_answer", _NEEDS, _answer, _("Answered: the history says when and how."), AnsweredForm, options=_of),
    Deed(
        "appeal_forward",
        _NEEDS,
        _forward,
        _("Passed on: it is theirs now."),
        ForwardForm,
        options=_with_bodies,
    ),
    Deed(
        "appeal_strike", _NEEDS, _strike, _("Struck out; it stays in the register with why."), StrikeForm, options=_of
    ),
)

_VERBS = {
    "appeal_register": (_("Give it its number"), RegisterForm),
    "appeal_answer": (_("It is answered"), AnsweredForm),
    "appeal_extend": (_("Extend the term"), ExtendForm),
    "appeal_forward": (_("Pass it on by law"), ForwardForm),
    "appeal_strike": (_("Entered by mistake"), StrikeForm),
}


@dataclass(frozen=True, slots=True)
class AppealStep:
    """One thing that may be done with an appeal: its name, its button, and the form."""

    deed: str
    verb: Any
    form: forms.Form
    is_open: bool


@dataclass(frozen=True, slots=True)
class AppealCard:
    """One appeal as a case's screen shows it."""

    appeal: Appeal
    words: str
    tone: str
    steps: Sequence[AppealStep]


@dataclass(frozen=True, slots=True)
class AppealPanel:
    """The formal appeals about a case, and whether this person may enter one more."""

    rules: AppealRules | None = None
    cards: Sequence[AppealCard] = ()
    entering: forms.Form | None = None
    is_entering: bool = False
    shown: frozenset[str] = field(default_factory=frozenset)


def panel_of(access: Access, case: Case, kept: Mapping[str, forms.Form], *, failed: str = "") -> AppealPanel:
    """Return the panel of a case: one query for those who only look and where there is none, three or four otherwise.

    `kept` are forms that were not accepted: they stand open again, with what was typed in them.
    """
    rows = terms.appeals_of(case)
    may = access.allows(_NEEDS, case.department_id)
    if not rows and not may:
        return AppealPanel()
    rules = terms.rules_of(case.municipality)
    today = terms.Terms(rules, calendar_of(case.municipality)).today(clock.now())
    bodies = outside_bodies_of(case.municipality_id) if may and any(row.is_running for row in rows) else []
    cards = []
    for row in rows:
        words, tone = standing(row, today)
        options: dict[str, Any] = {"appeals": rows, "bodies": bodies}
        steps = [_step(row, name, options, kept, failed) for name in _open_to(row, rules)] if may else []
        cards.append(AppealCard(row, words, tone, steps))
    entering = (kept.get("appeal") or AppealForm(prefix="appeal", initial={"received_on": today})) if may else None
    shown = {step.deed for card in cards for step in card.steps} | ({"appeal"} if may else set())
    return AppealPanel(rules, cards, entering, failed == "appeal", frozenset(shown))


def _step(
    row: Appeal, name: str, options: Mapping[str, Any], kept: Mapping[str, forms.Form], failed: str
) -> AppealStep:
    verb, form_class = _VERBS[name]
    typed = kept.get(name)
    if typed is not None and str(typed["appeal"].value()) == str(row.pk):
        return AppealStep(name, verb, typed, is_open=failed == name)
    chosen = dict(options) if form_class is ForwardForm else {"appeals": options["appeals"]}
    form = form_class(prefix=name, auto_id=f"id_{row.pk}_%s", initial={"appeal": str(row.pk)}, **chosen)
    return AppealStep(name, verb, form, is_open=False)


def _open_to(row: Appeal, rules: AppealRules) -> list[str]:
    match AppealState(row.state):
        case AppealState.RECEIVED:
            return ["appeal_register", "appeal_strike"]
        case AppealState.REGISTERED:
            longer = ["appeal_extend"] if row.due_before is None and rules.extend_days else []
            return ["appeal_answer", *longer, "appeal_forward", "appeal_strike"]
        case _:
            return []


def standing(appeal: Appeal, today: date) -> tuple[str, str]:
    """Say how an appeal's clock stands, and in which tone; nothing where it doesn't run."""
    if not appeal.is_running:
        return "", ""
    left = (appeal.due_on - today).days
    if left < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -left) % {"n": -left}, "bad"
    if left == 0:
        return gettext_now("today is the last day"), "warn"
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}, "warn" if left <= 3 else ""


@door(_NEEDS)
@require_safe
def register(request: DeskRequest) -> HttpResponse:
    """Show the register: what runs, the soonest due first; or what has ended, newest first, page by page."""
    shows_ended = request.GET.get("show") == "ended"
    if shows_ended:
        rows, following = page(terms.ended(request.access), request.GET)
    else:
        rows, following = list(terms.running(request.access)[:MOST]), None
    city = request.access.official.municipality
    rules = terms.rules_of(city)
    today = terms.Terms(rules, calendar_of(city)).today(clock.now())
    context = {
        "city": city,
        "rules": rules,
        "rows": [(row, *standing(row, today)) for row in rows],
        "ended": shows_ended,
        "next_url": f"?show=ended&before={following}" if following is not None else "",
    }
    return render(request, "desk/appeals.html", context)


MOST = 500
"""Running appeals on one page: a city has a few dozen."""
