"""Formal appeals: entered and registered by staff only, extended once with notice, answered or passed on by law.

None of it moves the case: an appeal has an end of its own, and the case's history tells both.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.cases.formal import Appeal, AppealRules, AppealState
from otklik.cases.models import Case
from otklik.cases.services.journaling import record
from otklik.cases.services.moving import Overtaken
from otklik.cases.terms import RUNNING, Terms, rules_of, start_of
from otklik.org.access import Access, Permission, Refused
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality, OutsideBody
from otklik.org.queries import calendar_of
from otklik.org.services.announcing import announce
from otklik.org.services.auditing import audit, save_audited

LONGEST_TERM = 366


@transaction.atomic
def enter(access: Access, case: Case, received_on: date, *, now: datetime) -> Appeal:
    """Note that a formal appeal about this case's matter came: the days to register it run. Raises Refused, ValueError.

    Only staff with the permission do this; a message becomes no appeal by itself.
    """
    access.require_on(Permission.APPEAL_REGISTER, case)
    terms = _terms(case)
    if received_on > terms.today(now):
        raise ValueError(_("it can't have come on a day that is still ahead"))
    due = terms.last_day(received_on, terms.rules.register_days)
    appeal = Appeal.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        received_on=received_on,
        due_on=due,
        calendar_version=terms.calendar.version,
        wakes_at=terms.wakes_at(received_on, due, warned=50, now=now),
        warned=50,  # of so few days the half is told to nobody
        entered_by=access.official,
        entered_at=now,
    )
    _tell(access, appeal, "appeal_received", now, until=due.isoformat())
    return appeal


@transaction.atomic
def register(access: Access, appeal: Appeal, number: str, registered_on: date, *, now: datetime) -> None:
    """Give an appeal its number in the city's register: the days to answer run. Late registering is told, not refused.

    Raises Refused, ValueError for days that make no sense or a number that is taken, Overtaken.
    """
    access.require_on(Permission.APPEAL_REGISTER, appeal.case)
    terms = _terms(appeal.case)
    if not number.strip():
        raise ValueError(_("give its number in the city's register of appeals"))
    if not appeal.received_on <= registered_on <= terms.today(now):
        raise ValueError(_("it is registered on a day between its coming and today"))
    due = terms.last_day(registered_on, terms.rules.answer_days)
    late = max(0, (registered_on - appeal.due_on).days)
    changes = {
        "number": number.strip()[:40],
        "registered_on": registered_on,
        "due_on": due,
        "calendar_version": terms.calendar.version,
        **_clock(terms, registered_on, due, now),
    }
    try:
        with transaction.atomic():
            _step(appeal, (AppealState.RECEIVED,), AppealState.REGISTERED, **changes)
    except IntegrityError as error:
        raise ValueError(_("another appeal has this number already")) from error
    _tell(access, appeal, "appeal_registered", now, until=due.isoformat(), **({"late_days": late} if late else {}))


@transaction.atomic
def extend(access: Access, appeal: Appeal, reason: str, told_on: date, *, now: datetime) -> None:
    """Give an appeal its longer term, once, after the resident was told. Raises Refused, ValueError, Overtaken."""
    access.require_on(Permission.APPEAL_REGISTER, appeal.case)
    terms = _terms(appeal.case)
    if not terms.rules.extend_days:
        raise ValueError(_("the law gives no longer term here"))
    if appeal.due_before is not None:
        raise ValueError(_("the term was extended already; the law allows it once"))
    if not reason.strip():
        raise ValueError(_("say why the term is longer: the resident is told the same"))
    if appeal.state == AppealState.REGISTERED and terms.today(now) > appeal.due_on:
        raise ValueError(_("the term is over: it can't be extended any more"))
    if not start_of(appeal) <= told_on <= terms.today(now):
        raise ValueError(_("first tell the resident, then write here on which day"))
    due = terms.last_day(appeal.due_on, terms.rules.extend_days)
    changes = {
        "due_before": appeal.due_on,
        "due_on": due,
        "extension_reason": reason.strip()[:300],
        "told_on": told_on,
        **_clock(terms, start_of(appeal), due, now),
    }
    _step(appeal, (AppealState.REGISTERED,), AppealState.REGISTERED, due_before__isnull=True, **changes)
    _tell(access, appeal, "appeal_extended", now, until=due.isoformat(), reason=reason.strip()[:300])


@transaction.atomic
def forward(access: Access, appeal: Appeal, body: OutsideBody, on: date, *, now: datetime) -> None:
    """Note that an appeal was passed on to whom it belongs, with notice to the resident: that ends it here.

    Raises Refused, ValueError, Overtaken. Passing on later than the law says is told in the history.
    """
    access.require_on(Permission.APPEAL_REGISTER, appeal.case)
    if body.municipality_id != access.municipality_id:
        raise Refused("another municipality's body")
    terms = _terms(appeal.case)
    _check_end(terms, appeal, on, now)
    late = max(0, (on - terms.last_day(start_of(appeal), terms.rules.forward_days)).days)
    changes: dict[str, Any] = {"forwarded_to": body, "ended_on": on, "wakes_at": None}
    _step(appeal, (AppealState.REGISTERED,), AppealState.FORWARDED, **changes)
    _tell(access, appeal, "appeal_forwarded", now, body=str(body), **({"late_days": late} if late else {}))


@transaction.atomic
def answer(access: Access, appeal: Appeal, remark: str, on: date, *, now: datetime) -> None:
    """Note that an appeal was answered as the law says, outside the networks. Raises Refused, ValueError, Overtaken."""
    access.require_on(Permission.APPEAL_REGISTER, appeal.case)
    terms = _terms(appeal.case)
    if not remark.strip():
        raise ValueError(_("give the number and the day of the answer: they stay in the history"))
    _check_end(terms, appeal, on, now)
    late = max(0, (on - appeal.due_on).days)
    changes: dict[str, Any] = {"remark": remark.strip()[:300], "ended_on": on, "wakes_at": None}
    _step(appeal, (AppealState.REGISTERED,), AppealState.ANSWERED, **changes)
    _tell(access, appeal, "appeal_answered", now, reason=changes["remark"], **({"late_days": late} if late else {}))


@transaction.atomic
def strike(access: Access, appeal: Appeal, reason: str, *, now: datetime) -> None:
    """Strike out an appeal that was entered by mistake; it stays in the register with why. Raises as the others."""
    access.require_on(Permission.APPEAL_REGISTER, appeal.case)
    if not reason.strip():
        raise ValueError(_("say why it is struck out: it stays in the register"))
    changes: dict[str, Any] = {"remark": reason.strip()[:300], "ended_on": _terms(appeal.case).today(now)}
    _step(appeal, RUNNING, AppealState.STRUCK, wakes_at=None, **changes)
    _tell(access, appeal, "appeal_struck", now, reason=changes["remark"])


@transaction.atomic
def save_rules(access: Access, rules: AppealRules, appeals_url: str) -> AppealRules:
    """Keep what the law says of appeals here, and where residents make them; audited. Raises Refused, NotPossible.

    Appeals that run keep the last day they have.
    """
    access.require(Permission.CITY_MANAGE)
    for name in ("register_days", "answer_days", "forward_days"):
        if not 1 <= getattr(rules, name) <= LONGEST_TERM:
            raise NotPossible(_("Choose from 1 to %(most)s days.") % {"most": LONGEST_TERM}, field=name)
    if rules.extend_days > LONGEST_TERM:
        raise NotPossible(_("Choose at most %(most)s days.") % {"most": LONGEST_TERM}, field="extend_days")
    city = Municipality.objects.get(pk=access.municipality_id)
    if city.appeals_url != appeals_url:
        Municipality.objects.filter(pk=city.pk).update(appeals_url=appeals_url)
        audit(access, "city.changed", city.name, appeals_url=[city.appeals_url, appeals_url])
    return save_audited(access, rules, "appeal_rules", subject=rules.name)


def _terms(case: Case) -> Terms:
    return Terms(rules_of(case.municipality), calendar_of(case.municipality))


def _clock(terms: Terms, start: date, due: date, now: datetime) -> dict[str, Any]:
    """Return the changes that begin a term's warnings; what was reached before today is told to nobody."""
    reached = terms.reached(start, due, terms.today(now))
    warned = min(reached, 75)
    return {"warned": warned, "wakes_at": terms.wakes_at(start, due, warned=warned, now=now)}


def _check_end(terms: Terms, appeal: Appeal, on: date, now: datetime) -> None:
    if not start_of(appeal) <= on <= terms.today(now):
        raise ValueError(_("it ended on a day between its registration and today"))


def _step(appeal: Appeal, before: tuple[AppealState, ...], after: AppealState, **values: Any) -> None:
    """Change an appeal if it still stands where we saw it. Raises Overtaken."""
    conditions = {name: values.pop(name) for name in list(values) if "__" in name}
    found = Appeal.objects.filter(pk=appeal.pk, state__in=before, **conditions)
    if found.update(state=after, **values) != 1:
        raise Overtaken(appeal.case)
    appeal.state = after
    for name, value in values.items():
        setattr(appeal, name, value)


def _tell(access: Access, appeal: Appeal, action: str, now: datetime, **detail: Any) -> None:
    told = {"appeal": appeal.number, **detail}
    record(appeal.case, action, at=now, actor=access.official, detail=told)
    announce(appeal.municipality_id, "case", [appeal.case_id], at=now)
