"""The other ways to a resident: {% load reached %}{% other_ways screen %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from otklik.channels.whys import refusal_in_words
from otklik.desk.casescreen import CaseScreen
from otklik.residents.queries import is_followed

register = template.Library()
register.filter("refusal_in_words", refusal_in_words)


@register.inclusion_tag("desk/parts/reach_if.html", takes_context=True)
def other_ways(context: Context, screen: CaseScreen) -> dict[str, Any]:
    """Draw why an answer doesn't arrive and what else there is; nothing, and no query, where all is open."""
    return {
        "request": context["request"],
        "screen": screen,
        "letters": bool(screen.reach.closed) and is_followed(screen.case),
        "csrf_token": context.get("csrf_token"),
        "query": context.get("query"),
        "shelf": context.get("shelf"),
    }
