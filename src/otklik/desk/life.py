"""The turns of a case's life on its screen: what has been proposed, asked or promised, and what may be done next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from otklik.cases import timing
from otklik.cases.enums import TRANSITIONS, WORKED_STATUSES, AnswerKind, AnswerState, Status
from otklik.cases.models import Answer, Case, CaseReturn, JournalEntry
from otklik.cases.queries import open_return, repeats_of, returns_of, visible_cases
from otklik.cases.reading import Untold, untold_move
from otklik.cases.services import assigning, repeating, replying
from otklik.cases.texts import language_of, takes_longer
from otklik.channels.models import Message
from otklik.common import clock
from otklik.desk.deeds import Deed
from otklik.desk.lifeforms import AskForm, InterimForm, PromiseForm, RedirectForm, RepeatForm, ResumeForm, ReturnForm
from otklik.org.access import Access, Permission
from otklik.org.models import Department
from otklik.org.queries import departments_of, outside_bodies_of


def _departments(case: Case) -> Mapping[str, Any]:
    return {"departments": _others(case, departments_of(case.municipality_id))}


def _others(case: Case, departments: Iterable[Department]) -> list[Department]:
    return [row for row in departments if row.pk != case.department_id]


def _bodies(case: Case) -> Mapping[str, Any]:
    return {"bodies": outside_bodies_of(case.municipality_id), "language": language_of(case)}


def _give_back(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    assigning.give_back(access, case, said["reason"], now=now, proposed=said["proposed"])


def _promise(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    replying.promise(access, case, said["text"], said["until"], said["reason"], now=now)


def _repeat(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    earlier = visible_cases(access).filter(number=said["number"]).first()
    if earlier is None:
        raise ValueError(gettext("there is no case with this number"))
    repeating.mark_repeat(access, case, earlier, now=now)


_HANDED_ON = _("Handed on for approval.")
LIFE_DEEDS = (
    Deed(
        "return",
        Permission.CASE_RETURN,
        _give_back,
        _("Returned: a curator will find who answers."),
        ReturnForm,
        options=_departments,
    ),
    Deed(
        "accept",
        Permission.CASE_ASSIGN,
        lambda a, c, _s, now: assigning.accept_return(a, c, now=now),
        _("Passed to the department that was proposed."),
    ),
    Deed(
        "ask",
        Permission.CASE_DRAFT,
        lambda a, c, said, now: replying.ask(a, c, said["text"], now=now),
        _HANDED_ON,
        AskForm,
    ),
    Deed(
        "resume",
        Permission.CASE_DRAFT,
        lambda a, c, said, now: replying.resume(a, c, said["reason"], now=now),
        _("The clock runs again."),
        ResumeForm,
    ),
    Deed(
        "interim",
        Permission.CASE_DRAFT,
        lambda a, c, said, now: replying.answer_interim(a, c, said["text"], now=now),
        _HANDED_ON,
        InterimForm,
    ),
    Deed("promise", Permission.CASE_DRAFT, _promise, _HANDED_ON, PromiseForm),
    Deed("repeat", Permission.CASE_ASSIGN, _repeat, _("Tied to the earlier case."), RepeatForm),
    Deed(
        "unrepeat",
        Permission.CASE_ASSIGN,
        lambda a, c, _s, now: repeating.unmark_repeat(a, c, now=now),
        _("No longer counted as a repeat."),
    ),
    Deed(
        "redirect",
        Permission.CASE_ASSIGN,
        lambda a, c, said, now: replying.redirect(a, c, said["body"], said["text"], now=now),
        _HANDED_ON,
        RedirectForm,
        options=_bodies,
    ),
)


@dataclass(frozen=True, slots=True)
class Life:
    """What has been proposed, asked or promised; a form stands for each deed that may be done now."""

    returned: CaseReturn | None = None
    may_accept: bool = False
    to_and_fro: list[CaseReturn] = field(default_factory=list)
    """All returns of a case that was returned twice or more: a curator reads them and decides."""
    may_decide: bool = False
    waits_until: datetime | None = None
    untold: Untold | None = None
    """A later deadline that the resident doesn't know of; whoever writes is offered words that say so."""
    offers: bool = False
    """Those words stand in one of the forms."""
    open_fold: str = ""
    repeated_in: list[int] = field(default_factory=list)
    may_tie: bool = False
    forms: dict[str, forms.Form] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        """Whether there is something else to say than the final answer."""
        return any(name in self.forms for name in ("ask", "interim", "promise", "redirect"))


def life_of(
    access: Access,
    case: Case,
    answer: Answer | None,
    departments: Iterable[Department],
    *,
    journal: Iterable[JournalEntry],
    first: Message | None,
) -> Life:
    """Return the turns of a case for its screen; a declined draft of a kind of its own stands in its form again."""
    status = Status(case.status)
    returned = open_return(case) if status == Status.RETURNED else None
    every = returns_of(case) if returned is not None else []
    disputed = every if len(every) >= assigning.PING_PONG else []
    draft = answer if answer is not None and answer.state == AnswerState.DRAFT else None
    may_assign = access.allows(Permission.CASE_ASSIGN, case.department_id)
    since = case.waiting_since if status == Status.WAITING_RESIDENT else None
    working = _working_forms(access, case, draft, departments)
    untold = untold_move(case, journal, now=clock.now()) if case.is_open and status != Status.APPROVAL else None
    offered = _offer_words(case, untold, working, first) if untold is not None and answer is None else ""
    return Life(
        untold=untold,
        offers=bool(offered),
        returned=returned,
        may_accept=may_assign and returned is not None and returned.proposed is not None and not disputed,
        to_and_fro=disputed,
        may_decide=bool(disputed) and access.allows(Permission.CASE_ARBITRATE, case.department_id),
        waits_until=since + timing.WAITING_CLOSES if since is not None else None,
        open_fold=_FOLDS.get(AnswerKind(draft.kind), "") if draft is not None else offered,
        repeated_in=repeats_of(case),
        may_tie=may_assign,
        forms={
            **({"repeat": RepeatForm(prefix="repeat")} if may_assign and case.repeat_of_id is None else {}),
            **working,
            **(_redirect_form(case, draft) if may_assign and status in replying.TO_REDIRECT else {}),
        },
    )


_FOLDS = {
    AnswerKind.QUESTION: "ask",
    AnswerKind.INTERIM: "interim",
    AnswerKind.PROMISE: "promise",
    AnswerKind.REDIRECT: "redirect",
}


def _working_forms(
    access: Access, case: Case, draft: Answer | None, departments: Iterable[Department]
) -> dict[str, forms.Form]:
    status, found = Status(case.status), dict[str, forms.Form]()
    if access.allows(Permission.CASE_RETURN, case.department_id) and Status.RETURNED in TRANSITIONS[status]:
        found["return"] = ReturnForm(departments=_others(case, departments), prefix="return")
    if not access.allows(Permission.CASE_DRAFT, case.department_id) or status not in WORKED_STATUSES:
        return found
    if status == Status.WAITING_RESIDENT:
        found["resume"] = ResumeForm(prefix="resume")
    else:
        found["ask"] = AskForm(prefix="ask", initial=_said(draft, AnswerKind.QUESTION))
    if case.interim_answered_at is None:
        found["interim"] = InterimForm(prefix="interim", initial=_said(draft, AnswerKind.INTERIM))
    kept = _said(draft, AnswerKind.PROMISE)
    if draft is not None and kept:
        kept |= {"until": draft.promised_on, "reason": draft.reason}
    found["promise"] = PromiseForm(prefix="promise", initial=kept)
    return found


def _offer_words(case: Case, untold: Untold, offered: Mapping[str, forms.Form], first: Message | None) -> str:
    """Fill in the form that tells of a later deadline, and return its name: one interim word, then promises."""
    name = "interim" if "interim" in offered else "promise"
    if name not in offered or first is None:
        return ""
    author = first.identity.display_name if first.identity is not None else ""
    city = case.municipality
    words = takes_longer(untold.due_at, author, city, first.language or city.language)
    day = timezone.localtime(untold.due_at).date()
    offered[name].initial = {"text": words, "until": day, "reason": untold.reason}
    return name


def _redirect_form(case: Case, draft: Answer | None) -> dict[str, forms.Form]:
    initial: dict[str, Any] = dict(_said(draft, AnswerKind.REDIRECT))
    if draft is not None and draft.body_id is not None:
        initial["body"] = str(draft.body_id)
    return {"redirect": RedirectForm(prefix="redirect", initial=initial, **_bodies(case))}


def _said(draft: Answer | None, kind: AnswerKind) -> dict[str, Any]:
    return {"text": draft.text} if draft is not None and draft.kind == kind else {}
