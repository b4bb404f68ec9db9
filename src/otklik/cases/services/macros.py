"""Macros: kept, shown with what they would do, run on one case or many, and undone.

Each case gets all of a macro's steps or none: where one step isn't allowed to this person or isn't possible from where
the case stands, the case stays as it is and is named with why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from otklik.cases.enums import TRANSITIONS, WORKED_STATUSES, AnswerState, BulkKind, Outcome, Status
from otklik.cases.macros import Macro
from otklik.cases.models import Answer, BulkAction, BulkStep, Case, CaseMessage
from otklik.cases.queries import is_hot_now, visible_cases
from otklik.cases.services import bulk, snoozing
from otklik.cases.services.bulk import ALONE, MOST, announce_cases, step_of
from otklik.cases.services.journaling import Line, line, write
from otklik.cases.services.snoozing import SnoozeFor
from otklik.cases.services.wording import filled
from otklik.cases.snoozes import Snooze
from otklik.channels.services.indexing import place_cases
from otklik.common.inserting import insert
from otklik.org.access import Access, Permission, Refused

_IN_WORK = (AnswerState.DRAFT, AnswerState.SUBMITTED, AnswerState.APPROVED)


@dataclass(slots=True)
class Plan:
    """What a macro would do to the chosen cases: those that get all of it, and the others by why."""

    macro: Macro
    ready: list[Case] = field(default_factory=list)
    refused: dict[str, list[int]] = field(default_factory=dict)


def macros_of(access: Access) -> QuerySet[Macro]:
    """Return the city's macros by name."""
    access.departments_for(Permission.CASE_VIEW)
    live = Macro.objects.filter(municipality=access.municipality_id, deleted_at=None)
    live = live.filter(Q(template=None) | Q(template__deleted_at=None))
    return live.select_related("for_topic", "topic", "department", "template").order_by("name", "id")


@transaction.atomic
def save_macro(access: Access, macro: Macro) -> Macro:
    """Keep a macro, new or changed. Raises Refused, ValueError: no name, nothing to do, or what contradicts itself."""
    access.require(Permission.TEMPLATE_MANAGE)
    if macro.municipality_id != access.municipality_id:
        raise Refused("another municipality's macro")
    if not macro.name.strip():
        raise ValueError(_("a macro needs a name"))
    if not any((macro.topic, macro.department, macro.template, macro.control, macro.snooze)):
        raise ValueError(_("say what the macro does: a topic, a department, a draft, personal control, out of sight"))
    if macro.control and macro.snooze:
        raise ValueError(_("what is under personal control stays in sight: choose one of both"))
    macro.name = macro.name.strip()[:80]
    macro.save()
    return macro


def set_deleted(access: Access, macro: Macro, at: datetime | None) -> None:
    """Take a macro away, or bring it back (`at` None). Raises Refused."""
    access.require(Permission.TEMPLATE_MANAGE)
    if macro.municipality_id != access.municipality_id:
        raise Refused("another municipality's macro")
    Macro.objects.filter(pk=macro.pk).update(deleted_at=at)


def plans_for(access: Access, case_ids: Sequence[int], macros: Sequence[Macro], *, now: datetime) -> list[Plan]:
    """Return what each macro would do to these cases; nothing is changed. Three queries, however many there are."""
    cases = list(_chosen(access, case_ids))
    writing = _being_written(cases) if any(macro.template_id for macro in macros) else frozenset()
    return [_plan(access, macro, cases, writing, now) for macro in macros]


@transaction.atomic
def run_macro(access: Access, macro: Macro, case_ids: Sequence[int], *, now: datetime) -> bulk.Outcome:
    """Do all that a macro does to all of these cases that allow it; what is refused says why.

    Raises Refused for another city's macro, ValueError for more than MOST cases.
    """
    if macro.municipality_id != access.municipality_id:
        raise Refused("another municipality's macro")
    locked = Case.objects.filter(pk__in=[case.pk for case in _chosen(access, case_ids)]).order_by("pk")
    list(
        locked.select_for_update().values_list("pk", flat=True)
    )  # in one order: two of these never wait for each other
    cases = list(_chosen(access, case_ids))
    plan = _plan(access, macro, cases, _being_written(cases) if macro.template_id else frozenset(), now)
    detail = {"macro": macro.pk, "name": macro.name}
    action = BulkAction.objects.create(
        municipality_id=access.municipality_id, official=access.official, kind=BulkKind.MACRO, detail=detail, at=now
    )
    outcome = bulk.Outcome(action, refused=plan.refused)
    ready = plan.ready
    steps = [step_of(action, case) for case in ready]
    before = {case.pk: case.status for case in ready}
    values = _values(access, macro)
    Case.objects.filter(pk__in=[case.pk for case in ready]).update(**values, updated_at=now)
    for case in ready:
        for name, value in {**values, "updated_at": now}.items():
            setattr(case, name, value)
    if macro.department_id is not None:
        place_cases([case.pk for case in ready], macro.department_id)
    if macro.template is not None:
        _draft(access, macro, ready, steps, now)
    insert(steps)
    write([one for case in ready for one in _lines(access, macro, case, before[case.pk], now)])
    if macro.snooze:
        snoozing.put_away(access, ready, SnoozeFor(macro.snooze), now=now)
    announce_cases(access, ready, now)
    outcome.done = [case.number for case in ready]
    return outcome


@transaction.atomic
def undo_macro(access: Access, action: BulkAction, *, now: datetime) -> bulk.Outcome:
    """Take a macro back where nothing has moved since, its untouched drafts with it. Raises Refused, TooLate."""
    steps = list(BulkStep.objects.filter(action=action))
    drafts = {step.case_id: step.before["draft"] for step in steps if "draft" in step.before}
    same = {
        answer.case_id
        for answer in Answer.objects.filter(pk__in=[pk for pk, _text in drafts.values()], state=AnswerState.DRAFT)
        if answer.text == drafts[answer.case_id][1] and answer.author_id == action.official_id
    }
    outcome = bulk.undo(access, action, now=now, moved=frozenset(set(drafts) - same))
    back = Case.objects.filter(municipality=access.municipality_id, number__in=outcome.done)
    Answer.objects.filter(pk__in=[pk for pk, _text in drafts.values()], case__in=back).delete()
    Snooze.objects.filter(official=access.official, at=action.at, case__in=back).delete()
    return outcome


def _chosen(access: Access, case_ids: Sequence[int]) -> QuerySet[Case]:
    if len(set(case_ids)) > MOST:
        raise ValueError(_("%(most)s cases at once are the most: choose fewer") % {"most": MOST})
    visible = visible_cases(access).filter(pk__in=set(case_ids))
    return visible.select_related("topic", "department", "place").order_by("pk")


def _being_written(cases: Sequence[Case]) -> frozenset[int]:
    return frozenset(Answer.objects.filter(case__in=cases, state__in=_IN_WORK).values_list("case", flat=True))


def _plan(access: Access, macro: Macro, cases: Sequence[Case], writing: frozenset[int], now: datetime) -> Plan:
    plan = Plan(macro)
    for case in cases:
        why = _refusal(access, macro, case, writing, now)
        if why:
            plan.refused.setdefault(why, []).append(case.number)
        else:
            plan.ready.append(case)
    return plan


def _refusal(access: Access, macro: Macro, case: Case, writing: frozenset[int], now: datetime) -> str:
    """Return why a case gets none of it: `unfit`, `permission`, `alone`, `status`, `draft` or `hot`; "" if it may."""
    topics = {case.topic_id, case.topic.parent_id if case.topic is not None else None}
    if (macro.for_topic_id and macro.for_topic_id not in topics) or macro.for_status not in ("", case.status):
        return "unfit"
    if not all(access.allows(*needed) for needed in _needed(macro, case)):
        return "permission"
    status = Status(case.status)
    if not case.is_open:
        return "status"
    if macro.department_id is not None:
        if status in ALONE:
            return "alone"
        if Status.ASSIGNED not in TRANSITIONS[status]:
            return "status"
        status = Status.ASSIGNED
    if macro.template_id is not None:
        if case.pk in writing:
            return "draft"
        if status not in WORKED_STATUSES:
            return "status"
    return "hot" if macro.snooze and is_hot_now(case, now) else ""


def _needed(macro: Macro, case: Case) -> list[tuple[Permission, int | None]]:
    needed: list[tuple[Permission, int | None]] = [(Permission.CASE_VIEW, case.department_id)]
    if macro.topic_id or macro.department_id:
        needed.append((Permission.CASE_ASSIGN, case.department_id))
    if macro.control:
        needed.append((Permission.CONTROL_SET, case.department_id))
    if macro.template_id:
        needed.append((Permission.CASE_DRAFT, macro.department_id or case.department_id))
    return needed


def _values(access: Access, macro: Macro) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if macro.topic is not None:
        values["topic"] = macro.topic
    if macro.department is not None:
        values |= {"department": macro.department, "status": Status.ASSIGNED, "executor": None}
    if macro.control:
        values["personal_control"] = True
    if macro.template is not None:
        values |= {"status": Status.DRAFTING, "executor": access.official}
    return values


def _draft(access: Access, macro: Macro, cases: Sequence[Case], steps: Sequence[BulkStep], now: datetime) -> None:
    names = _names(cases)
    template = macro.template
    if template is None:
        raise TypeError("asked for where there is a template")
    for case, step in zip(cases, steps, strict=True):
        answer = Answer.objects.create(
            municipality_id=case.municipality_id,
            case=case,
            text=filled(template, case, names.get(case.pk, "")),
            outcome=Outcome.EXPLAINED,
            author=access.official,
            created_at=now,
        )
        step.before["draft"] = [answer.pk, answer.text]


def _names(cases: Sequence[Case]) -> Mapping[int, str]:
    told = CaseMessage.objects.filter(case__in=cases, identity__isnull=False).order_by("message_id")
    found: dict[int, str] = {}
    for pk, name in told.values_list("case", "identity__display_name"):
        found.setdefault(pk, name)
    return found


def _lines(access: Access, macro: Macro, case: Case, before: str, now: datetime) -> list[Line]:
    told: dict[str, dict[str, Any]] = {}
    if macro.topic is not None:
        told["topic_changed"] = {"to": macro.topic.code}
    if macro.department is not None:
        told["assigned"] = {"from": before, "to": Status.ASSIGNED.value, "department": macro.department.pk}
    if macro.control:
        told["control_set"] = {}
    if macro.template is not None:
        told["drafting"] = {"to": Status.DRAFTING.value}
    done = {"bulk": True, "macro": macro.name}
    return [line(case, name, at=now, actor=access.official, detail={**how, **done}) for name, how in told.items()]
