"""What the desk's templates say of corrected answers: {% load corrected %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from otklik.cases.models import Answer
from otklik.desk.casescreen import CaseScreen
from otklik.desk.correcting import form_for

register = template.Library()


@register.inclusion_tag("desk/parts/corrected.html", takes_context=True)
def corrected(context: Context, screen: CaseScreen, answer: Answer) -> dict[str, Any]:
    """Draw what an answer says now and said before, and the form to correct it."""
    kept = screen.forms.get("correct")
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "query": context.get("query"),
        "shelf": context.get("shelf"),
        "case": screen.case,
        "answer": answer,
        "before": screen.corrections.before(answer),
        "declined": screen.corrections.declined(answer),
        "form": form_for(screen.corrections, answer, kept),
        "as_head": screen.corrections.as_head,
        "failed": screen.failed == "correct",
    }
