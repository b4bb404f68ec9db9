""" "Possibly the same": {% load same %}{% same_as_case case %}, {% same_as_message message %}."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language

from otklik.cases import resembling
from otklik.cases.enums import TRANSITIONS, Status
from otklik.cases.models import Case, Suggestion
from otklik.channels.models import Message
from otklik.org.access import Access, Permission
from otklik.org.queries import topics_of
from otklik.triage.alike import describe

register = template.Library()


@dataclass(frozen=True, slots=True)
class Shown:
    """One suggestion as it is drawn: the other case, why, how sure."""

    suggestion: Suggestion
    case: Case
    reasons: list[str]

    @property
    def percent(self) -> int:
        """How sure it is."""
        return round(self.suggestion.score * 100)


@register.inclusion_tag("desk/parts/same.html", takes_context=True)
def same_as_case(context: Context, case: Case) -> dict[str, Any]:
    """Draw what a case resembles, what resembles it, and what was joined; nothing for those who may not join."""
    access: Access = context["request"].access
    if not access.allows(Permission.CASE_MERGE, case.department_id):
        return {}
    may_join = Status.DUPLICATE in TRANSITIONS[Status(case.status)]
    like = resembling.candidates_of_case(access, case) if may_join else []
    joining = resembling.resembling(access, case) if case.is_open else []
    names = _names(case.municipality_id) if like or joining else {}
    return {
        "case": case,
        "may_join": may_join,
        "candidates": [_shown(one, one.candidate, names) for one in like],
        "joining": [_shown(one, one.case, names) for one in joining if one.case is not None],
        "went": resembling.merger_of(case) if case.status == Status.DUPLICATE else None,
        "joined": resembling.duplicates_of(case),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("desk/parts/same_message.html", takes_context=True)
def same_as_message(context: Context, message: Message) -> dict[str, Any]:
    """Draw what an unsorted message resembles; nothing for those who may not join."""
    access: Access = context["request"].access
    if not access.holds(Permission.CASE_MERGE):
        return {}
    like = resembling.candidates_of_message(access, message)
    names = _names(message.municipality_id) if like else {}
    return {
        "message": message,
        "candidates": [_shown(one, one.candidate, names) for one in like],
        "csrf_token": context.get("csrf_token"),
    }


def _shown(suggestion: Suggestion, case: Case, names: dict[str, str]) -> Shown:
    return Shown(suggestion, case, describe(suggestion.reasons, get_language() or "ru", names))


def _names(municipality_id: int) -> dict[str, str]:
    return {topic.code: topic.name for row in topics_of(municipality_id).items() for topic in (row[0], *row[1])}
