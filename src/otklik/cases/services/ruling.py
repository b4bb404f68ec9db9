"""Writing a city's rules of assignment and its shifts: checked, in their order, every change in the audit log."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.rules import AssignmentRule, Shift, Whom
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality
from otklik.org.services.auditing import audit, ours, save_audited

MOST_RULES = 200
"""More nobody could read any more, and every message is asked of each."""


@transaction.atomic
def save_rule(access: Access, rule: AssignmentRule) -> AssignmentRule:
    """Save a rule; a new one comes last. Its version grows. Raises NotPossible about a field, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, rule, rule.topic, rule.place, rule.instead_of, rule.department, rule.official)
    _check(rule)
    others = _queue(access)
    if not rule.pk:
        if len(others) >= MOST_RULES:
            raise NotPossible(_("A city has at most %(most)s rules: make one of several.") % {"most": MOST_RULES})
        rule.position = others[-1].position + 1 if others else 1
    else:
        before = next((one for one in others if one.pk == rule.pk), None)
        rule.version = before.version + 1 if before is not None and _says_other(before, rule) else rule.version
    return save_audited(access, rule, "rule", taken="name", subject=rule.name)


@transaction.atomic
def move_rule(access: Access, rule: AssignmentRule, *, up: bool) -> None:
    """Let a rule change places with the one before or after it; the first and the last stay. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, rule)
    rules = _queue(access)
    at = next(place for place, one in enumerate(rules) if one.pk == rule.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rules):
        return
    rules[at], rules[to] = rules[to], rules[at]
    for position, one in enumerate(rules, start=1):
        if one.position != position:
            AssignmentRule.objects.filter(pk=one.pk).update(position=position)
    audit(access, "rule.moved", rule.name, number=[at + 1, to + 1])


@transaction.atomic
def switch_rule(access: Access, rule: AssignmentRule, *, is_on: bool) -> None:
    """Let a rule decide, or not for now. Safe to repeat. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, rule)
    if AssignmentRule.objects.filter(pk=rule.pk, is_on=not is_on).update(is_on=is_on):
        audit(access, "rule.switched_on" if is_on else "rule.switched_off", rule.name)


@transaction.atomic
def remove_rule(access: Access, rule: AssignmentRule) -> None:
    """Forget a rule; cases that it gave away keep its name in their history. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, rule)
    audit(access, "rule.removed", rule.name, version=rule.version)
    rule.delete()


@transaction.atomic
def save_shift(access: Access, shift: Shift) -> Shift:
    """Save when somebody works. Raises NotPossible about a field, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, shift, shift.official)
    if not shift.days or set(shift.days) - set("0123456"):
        raise NotPossible(_("Choose at least one day of the week."), field="days")
    if shift.starts == shift.ends:
        raise NotPossible(_("A shift has to end at another time than it starts."), field="ends")
    if shift.first_on is not None and shift.last_on is not None and shift.last_on < shift.first_on:
        raise NotPossible(_("The last day can't be before the first."), field="last_on")
    return save_audited(access, shift, "shift", subject=str(shift))


@transaction.atomic
def remove_shift(access: Access, shift: Shift) -> None:
    """Forget a shift. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, shift)
    audit(access, "shift.removed", str(shift))
    shift.delete()


def _queue(access: Access) -> list[AssignmentRule]:
    """Return the rules in their order; whoever changes the order comes one after the other."""
    Municipality.objects.select_for_update().get(pk=access.municipality_id)
    return list(AssignmentRule.objects.filter(municipality=access.municipality_id))


def _check(rule: AssignmentRule) -> None:
    if rule.whom == Whom.NAMED and rule.official is None:
        raise NotPossible(_("Choose the person, or another way to find one."), field="official")
    if rule.whom == Whom.NAMED and rule.official is not None and not rule.official.is_active:
        raise NotPossible(_("This person doesn't work here any more."), field="official")
    if rule.department is None and rule.whom == Whom.NOBODY and rule.manner == "assign":
        raise NotPossible(
            _("This rule would change nothing: say which department gets it, or who."), field="department"
        )
    if rule.department is not None and not rule.department.is_active:
        raise NotPossible(_("This department is closed."), field="department")


def _says_other(before: AssignmentRule, after: AssignmentRule) -> bool:
    told = (
        *("name", "topic_id", "place_id", "instead_of_id", "kind", "urgency_from", "hours", "load_from"),
        *("manner", "department_id", "whom", "official_id"),
    )
    return any(getattr(before, name) != getattr(after, name) for name in told)
