"""Who came, beside a case: {% load people %}{% person_of_case screen %}."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template import Context

from otklik.channels.models import Identity
from otklik.common import clock
from otklik.desk.casescreen import CaseScreen
from otklik.desk.people import BlockForm, SamePersonForm
from otklik.org.access import Access, Permission
from otklik.residents import persons
from otklik.residents.services.linking import is_nobody, reporter_of

register = template.Library()


@register.inclusion_tag("desk/parts/person.html", takes_context=True)
def person_of_case(context: Context, screen: CaseScreen) -> dict[str, Any]:
    """Draw what else is known of the person who opened a case; nothing for those who may not know it."""
    access: Access = context["request"].access
    case = screen.case
    if not access.allows(Permission.PERSON_VIEW, case.department_id):
        return {}
    identity = reporter_of(case)
    if identity is None:
        return {}
    may_link = access.allows(Permission.PERSON_LINK, case.department_id) and not is_nobody(identity)
    may_block = access.allows(Permission.PERSON_BLOCK, case.department_id) and not is_nobody(identity)
    return {
        "blocked_until": _blocked_until(identity),
        "may_block": may_block,
        "block_form": screen.forms.get("block") or BlockForm(prefix="block") if may_block else None,
        "is_blocking": screen.failed == "block",
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "query": context.get("query"),
        "shelf": context.get("shelf"),
        "case": case,
        "person": persons.person_of(access, case, identity),
        "form": screen.forms.get("same_person") or SamePersonForm(prefix="same_person") if may_link else None,
        "is_open": screen.failed == "same_person",
    }


def _blocked_until(identity: Identity) -> datetime | None:
    until = identity.blocked_until
    return until if until is not None and until > clock.now() else None
