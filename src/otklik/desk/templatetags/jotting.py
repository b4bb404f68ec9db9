"""What a case's screen has beside the conversation: notes of colleagues, and templates to begin with."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from otklik.cases.services.noting import colleagues_for, notes_of
from otklik.cases.services.wording import offered_for
from otklik.desk.casescreen import CaseScreen
from otklik.org.access import Permission

register = template.Library()


@register.inclusion_tag("desk/parts/notes.html", takes_context=True)
def notes(context: Context, screen: CaseScreen, query: str = "") -> dict[str, Any]:
    """Draw the notes on a case, and the form for one more. At most two queries."""
    access, case = context["request"].access, screen.case
    may = access.allows(Permission.CASE_NOTE, case.department_id)
    colleagues = [one for one in colleagues_for(case) if one.pk != access.official.pk] if may else []
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "case": case,
        "notes": notes_of(access, case),
        "may": may,
        "colleagues": colleagues,
        "names": {one.pk: one.full_name for one in colleagues},
        "query": query,
    }


@register.inclusion_tag("desk/parts/templates.html", takes_context=True)
def answer_templates(context: Context, screen: CaseScreen) -> dict[str, Any]:
    """Draw the templates that fit a case, filled in. One query."""
    access, first = context["request"].access, screen.first
    name = first.identity.display_name if first is not None and first.identity is not None else ""
    return {
        "offered": offered_for(access, screen.case, name),
        "manages": access.holds(Permission.TEMPLATE_MANAGE),
    }
