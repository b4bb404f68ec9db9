"""Templates of answers: kept by those who answer for the words, offered where they fit, filled with what is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.cases.jottings import AnswerTemplate
from otklik.cases.models import Case
from otklik.org.access import Access, Permission, Refused
from otklik.org.models import Department, Topic

PLACEHOLDERS = ("name", "number", "address", "department", "promised")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Offered:
    """A template as it would stand in the answer. What isn't known stays a word in square brackets."""

    template: AnswerTemplate
    text: str


def templates_of(access: Access) -> QuerySet[AnswerTemplate]:
    """Return the city's templates by name; those of other departments too: they are no secret."""
    access.departments_for(Permission.CASE_VIEW)
    live = AnswerTemplate.objects.filter(municipality=access.municipality_id, deleted_at=None)
    return live.select_related("department", "topic").order_by("name", "id")


def offered_for(access: Access, case: Case, name: str) -> list[Offered]:
    """Return the templates that fit a case, the most closely bound first, filled in. One query."""
    topics = [case.topic_id, case.topic.parent_id if case.topic is not None else None]
    fitting = templates_of(access).filter(
        Q(department=None) | Q(department=case.department_id),
        Q(topic=None) | Q(topic__in=[one for one in topics if one is not None]),
        Q(status="") | Q(status=case.status),
    )
    values = _values(case, name)
    bound = sorted(fitting, key=lambda one: -sum(map(bool, (one.topic_id, one.department_id, one.status))))
    return [Offered(one, fill(one.text, values)) for one in bound]


def filled(template: AnswerTemplate, case: Case, name: str) -> str:
    """Return a template's words for a case, with what is known of it (its department, topic and place are read)."""
    return fill(template.text, _values(case, name))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled in; what isn't known stays, in brackets, for the writer to see."""
    words = {
        "name": pgettext("in a template", "name"),
        "number": pgettext("in a template", "number"),
        "address": pgettext("in a template", "address"),
        "department": pgettext("in a template", "department"),
        "promised": pgettext("in a template", "date"),
    }
    return _PLACEHOLDER.sub(
        lambda found: values.get(found[1]) or (f"[{words[found[1]]}]" if found[1] in words else found[0]), text
    )


def _values(case: Case, name: str) -> dict[str, str]:
    promised = timezone.localtime(case.answer_due_at) if case.answer_due_at else None
    day = case.postponed_until or (promised.date() if promised else None)
    return {
        "name": name.split(" ", maxsplit=1)[0],
        "number": str(case.number),
        "address": case.place_text or (case.place.name if case.place is not None else ""),
        "department": case.department.title if case.department is not None else "",
        "promised": dateformat.format(day, "j E" if _is_russian() else "j F") if day else "",
    }


def _is_russian() -> bool:
    from django.utils.translation import get_language  # the language of the reader, asked when it is needed

    return (get_language() or "").startswith("ru")


def save_template(
    access: Access,
    *,
    name: str,
    text: str,
    department: Department | None,
    topic: Topic | None,
    status: str,
    template: AnswerTemplate | None = None,
) -> AnswerTemplate:
    """Keep a template, new or changed. Raises Refused, ValueError: no name, no words, or an unknown placeholder.

    Whoever answers for one department keeps that department's templates, not the city's.
    """
    if template is not None:
        require_template(access, template)
    access.require(Permission.TEMPLATE_MANAGE, department.pk if department is not None else None)
    if not name.strip() or not text.strip():
        raise ValueError(_("a template needs a name and words"))
    if len(text) > LONGEST:
        raise ValueError(_("the template is too long: %(most)s characters are the most") % {"most": LONGEST})
    unknown = sorted({found for found in _PLACEHOLDER.findall(text) if found not in PLACEHOLDERS})
    if unknown:
        raise ValueError(_("nothing is known by the name of {%(name)s}") % {"name": unknown[0]})
    kept = template or AnswerTemplate(municipality_id=access.municipality_id)
    kept.name, kept.text, kept.status = name.strip()[:80], text.strip(), status
    kept.department, kept.topic = department, topic
    kept.save()
    return kept


def delete_template(access: Access, template: AnswerTemplate, *, now: datetime) -> None:
    """Take a template away; `restore_template` brings it back. Raises Refused."""
    require_template(access, template)
    AnswerTemplate.objects.filter(pk=template.pk).update(deleted_at=now)


def restore_template(access: Access, template: AnswerTemplate) -> None:
    """Bring a template back. Raises Refused."""
    require_template(access, template)
    AnswerTemplate.objects.filter(pk=template.pk).update(deleted_at=None)


def require_template(access: Access, template: AnswerTemplate) -> None:
    """Raise Refused unless this official may change the template."""
    if template.municipality_id != access.municipality_id:
        raise Refused(Permission.TEMPLATE_MANAGE)
    access.require(Permission.TEMPLATE_MANAGE, template.department_id)
