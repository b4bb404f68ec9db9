"""A rule in people's words: when it fits, and what it decides."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.cases.enums import EMERGENCY, CaseKind
from otklik.cases.rules import AssignmentRule, Hours, Manner, Whom


def conditions(rule: AssignmentRule) -> list[str]:
    """Return what has to be so; a rule that asks nothing fits everything."""
    said = []
    if rule.topic is not None:
        said.append(f"{rule.topic.parent.name} › {rule.topic.name}" if rule.topic.parent else rule.topic.name)
    if rule.place is not None:
        said.append(rule.place.name)
    if rule.instead_of is not None:
        said.append(_("by the table: %(department)s") % {"department": rule.instead_of.title})
    if rule.kind:
        said.append(str(CaseKind(rule.kind).label))
    if rule.urgency_from >= EMERGENCY:
        said.append(_("danger to life"))
    elif rule.urgency_from:
        said.append(_("urgency from %(level)s of 4") % {"level": rule.urgency_from})
    if rule.hours != Hours.ALWAYS:
        said.append(str(Hours(rule.hours).label))
    if rule.load_from is not None:
        said.append(_("from %(n)s open cases on") % {"n": rule.load_from})
    return said or [_("everything")]


def decision(rule: AssignmentRule) -> str:
    """Return what it decides, in one line."""
    where = rule.department.title if rule.department is not None else _("the department of the table")
    who = ""
    if rule.whom == Whom.NAMED and rule.official is not None:
        who = rule.official.full_name
    elif rule.whom in (Whom.LEAST, Whom.SHIFT):
        who = str(Whom(rule.whom).label).lower()
    to = f"{where}: {who}" if who else where
    return to if rule.manner == Manner.ASSIGN else _("suggested: %(to)s") % {"to": to}
