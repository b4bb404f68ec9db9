"""Whether a rule can ever decide: told before residents' messages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from django.utils.translation import gettext as _

from otklik.cases.enums import EMERGENCY, CaseKind
from otklik.cases.rules import AssignmentRule, Hours, Whom
from otklik.org.models import Place, Topic

_KINDS = tuple(kind.value for kind in CaseKind)
_TIMES = (Hours.WORKING.value, Hours.OFF.value)


@dataclass(frozen=True, slots=True)
class Map:
    """What lies in what: places in districts, topics in groups."""

    places: Mapping[int, int | None]
    topics: Mapping[int, int | None]

    @classmethod
    def of(cls, places: Iterable[Place], topics: Iterable[Topic]) -> Map:
        """Return the map of these places and topics."""
        return cls({row.pk: row.parent_id for row in places}, {row.pk: row.parent_id for row in topics})


def warnings(rules: Sequence[AssignmentRule], lies: Map) -> dict[int, str]:
    """Return what is wrong with a rule, by its id; rules in their order, those that are off say nothing."""
    found: dict[int, str] = {}
    earlier: list[AssignmentRule] = []
    for rule in rules:
        if not rule.is_on:
            continue
        words = _never(rule, earlier, lies) or _broken(rule)
        if words:
            found[rule.pk] = words
        earlier.append(rule)
    return found


def _never(rule: AssignmentRule, earlier: Sequence[AssignmentRule], lies: Map) -> str:
    """Say which earlier rules take everything that this one could decide; together they may, too."""
    wider = [one for one in earlier if _is_wider(one, rule, lies)]
    cells = list(product(_kinds(rule), range(rule.urgency_from, EMERGENCY + 1), _times(rule)))
    taking = {next((one.name for one in wider if _covers(one, cell)), "") for cell in cells}
    if "" in taking:
        return ""
    names = ", ".join(f"“{name}”" for name in sorted(taking))
    return _("It never decides: everything that fits it is taken before, by %(rules)s.") % {"rules": names}


def _broken(rule: AssignmentRule) -> str:
    if rule.department is not None and not rule.department.is_active:
        return _("Its department is closed: it never decides.")
    if rule.topic is not None and rule.topic.valid_to is not None:
        return _("Its topic is retired.")
    if rule.whom == Whom.NAMED and (rule.official is None or not rule.official.is_active):
        return _("The person it names doesn't work here any more: the department gets it, and nobody in it.")
    return ""


def _is_wider(one: AssignmentRule, rule: AssignmentRule, lies: Map) -> bool:
    """Whether an earlier rule fits everything that this one fits, kind, urgency and hours aside."""
    if one.topic_id is not None and not _lies_in(rule.topic_id, one.topic_id, lies.topics):
        return False
    if one.place_id is not None and not _lies_in(rule.place_id, one.place_id, lies.places):
        return False
    if one.instead_of_id is not None and one.instead_of_id != rule.instead_of_id:
        return False
    if one.load_from is not None and (rule.load_from is None or one.load_from > rule.load_from):
        return False
    # Without a department of its own it leaves what the table gives to nobody; and a closed one takes nothing.
    if one.department is not None:
        return one.department.is_active
    return rule.department_id is None or rule.instead_of_id is not None


def _lies_in(inner: int | None, outer: int, parents: Mapping[int, int | None]) -> bool:
    seen: set[int] = set()
    while inner is not None and inner not in seen:
        if inner == outer:
            return True
        seen.add(inner)
        inner = parents.get(inner)
    return False


def _kinds(rule: AssignmentRule) -> tuple[str, ...]:
    return (rule.kind,) if rule.kind else _KINDS


def _times(rule: AssignmentRule) -> tuple[str, ...]:
    return _TIMES if rule.hours == Hours.ALWAYS else (rule.hours,)


def _covers(one: AssignmentRule, cell: tuple[str, int, str]) -> bool:
    kind, urgency, hours = cell
    fits_kind, fits_hours = one.kind in ("", kind), one.hours in (Hours.ALWAYS, hours)
    return fits_kind and fits_hours and one.urgency_from <= urgency
