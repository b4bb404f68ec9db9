"""Cases tied together: {% load linked %}{% see_also screen %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from otklik.cases.services.linking import links_of
from otklik.desk.casescreen import CaseScreen
from otklik.desk.linking import LinkForm
from otklik.org.access import Access, Permission

register = template.Library()


@register.inclusion_tag("desk/parts/see_also.html", takes_context=True)
def see_also(context: Context, screen: CaseScreen) -> dict[str, Any]:
    """Draw what a case is tied to, of what this person may see, and the form to tie it to another one."""
    access: Access = context["request"].access
    may = access.allows(Permission.CASE_NOTE, screen.case.department_id)
    return {
        "case": screen.case,
        "screen": screen,
        "links": links_of(access, screen.case),
        "form": (screen.forms.get("link") or LinkForm(prefix="link")) if may else None,
        "failed": screen.failed == "link",
        "may": may,
        "csrf_token": context.get("csrf_token"),
        "query": context.get("query"),
        "shelf": context.get("shelf"),
    }
