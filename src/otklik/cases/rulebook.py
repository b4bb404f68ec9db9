"""A city's rules of assignment, compiled: read once for a batch, asked in memory for each message.

The table (org.queries.Directory: routes, owners, topics) says first whose a case is. Then the first rule that fits
may send it elsewhere, choose the official, or leave the choice to a person. A city without rules costs one query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from otklik.cases.enums import CaseKind
from otklik.cases.models import Case
from otklik.cases.rules import AssignmentRule, Hours, Manner, Shift, Whom
from otklik.org.absences import stand_ins
from otklik.org.enums import Role
from otklik.org.models import Department, Official, Place, RoleGrant, Topic
from otklik.org.queries import Directory

_KEPT = "rulebook"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules are asked about: one case to be, and whose it would be by the table (None: nobody's)."""

    topic: Topic | None
    place: Place | None
    kind: CaseKind
    urgency: int
    table: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule decided: the department and the official (None: the department takes it itself)."""

    rule: AssignmentRule
    department: Department
    official: int | None

    @property
    def assigns(self) -> bool:
        """Whether it is done at once; else a person confirms."""
        return self.rule.manner == Manner.ASSIGN

    def noted(self) -> dict[str, object]:
        """Return the reason for the journal."""
        return {"by": "rule", "rule": self.rule.name, "version": self.rule.version}


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one rule when it was tried: why it doesn't fit, or that it decides (no words)."""

    rule: AssignmentRule
    why_not: str


@dataclass(frozen=True, slots=True)
class Hour:
    """One shift, compiled."""

    official: int
    days: frozenset[int]
    row: Shift

    def holds(self, local: datetime) -> bool:
        """Whether somebody on this shift works at a moment of the city's time; a night belongs to its evening."""
        clock, row = local.time(), self.row
        if row.starts < row.ends:
            return row.starts <= clock < row.ends and self._on(local)
        if clock >= row.starts:
            return self._on(local)
        return clock < row.ends and self._on(local - timedelta(days=1))

    def _on(self, local: datetime) -> bool:
        day, row = local.date(), self.row
        inside = (row.first_on is None or row.first_on <= day) and (row.last_on is None or day <= row.last_on)
        return inside and day.weekday() in self.days


@dataclass
class RuleBook:
    """The rules of a city with what they ask for: who works where, shifts, who is away, how much each has."""

    directory: Directory
    rules: Sequence[AssignmentRule]
    staff: Mapping[int, Sequence[int]] = field(default_factory=dict)
    shifts: Sequence[Hour] = ()
    away: Mapping[int, int] = field(default_factory=dict)
    active: frozenset[int] = frozenset()
    _loads: dict[int, int] | None = None
    _department_loads: dict[int, int] | None = None

    def decide(self, facts: Facts) -> Ruling | None:
        """Return what the first rule that fits decides; None: no rule fits, the table alone decides."""
        for rule in self.rules:
            if not self.why_not(rule, facts):
                return self._ruling(rule, facts)
        return None

    def tried(self, facts: Facts) -> list[Tried]:
        """Return the rules up to the one that decides, each with why it doesn't fit."""
        found: list[Tried] = []
        for rule in self.rules:
            found.append(Tried(rule, self.why_not(rule, facts)))
            if not found[-1].why_not:
                break
        return found

    def took(self, ruling: Ruling) -> None:
        """Count a case that was just given, so that the next of the batch goes to whoever has fewer."""
        if self._loads is not None and ruling.official is not None:
            self._loads[ruling.official] = self._loads.get(ruling.official, 0) + 1
        if self._department_loads is not None:
            pk = ruling.department.pk
            self._department_loads[pk] = self._department_loads.get(pk, 0) + 1

    def why_not(self, rule: AssignmentRule, facts: Facts) -> str:
        """Return why a rule doesn't fit, in the reader's language; nothing if it does. The cheapest questions first."""
        if rule.urgency_from > facts.urgency:
            return _("it is less urgent")
        if rule.kind and rule.kind != facts.kind:
            return _("it is a %(kind)s") % {"kind": facts.kind.label.lower()}
        if rule.topic_id is not None and not _holds_topic(rule, facts.topic):
            return _("it is about something else")
        if rule.place_id is not None and not self._holds_place(rule.place_id, facts.place):
            return _("it is in another place") if facts.place is not None else _("nobody knows where it is")
        if rule.instead_of_id is not None and rule.instead_of_id != facts.table:
            return _("it is another department's")
        if self._gets(rule, facts) is None:
            return _("no department that works would get it")
        if rule.hours != Hours.ALWAYS and (rule.hours == Hours.WORKING) != self._is_working(facts.at):
            return _("it is another time")
        if rule.load_from is not None and self._load_of_department(facts.table) < rule.load_from:
            return _("the department has less to do")
        return ""

    def _gets(self, rule: AssignmentRule, facts: Facts) -> Department | None:
        wanted = rule.department_id or facts.table
        return next((row for row in self.directory.departments.values() if row.pk == wanted), None)

    def _ruling(self, rule: AssignmentRule, facts: Facts) -> Ruling | None:
        department = self._gets(rule, facts)
        if department is None:
            return None
        return Ruling(rule, department, self._official(rule, department, facts.at))

    def _holds_place(self, wanted: int, place: Place | None) -> bool:
        while place is not None:
            if place.pk == wanted:
                return True
            place = self.directory.places.get(place.parent_id) if place.parent_id else None
        return False

    def _is_working(self, at: datetime) -> bool:
        return self.directory.calendar.next_working(at) <= at

    def _official(self, rule: AssignmentRule, department: Department, at: datetime) -> int | None:
        match rule.whom:
            case Whom.NAMED:
                candidates = [rule.official_id] if rule.official_id in self.active else []
            case Whom.SHIFT:
                local = at.astimezone(self.directory.calendar.timezone)
                on = {one.official for one in self.shifts if one.holds(local)}
                candidates = [one for one in self._staff_of(department) if one in on]
            case Whom.LEAST:
                candidates = list(self._staff_of(department))
            case _:
                return None
        present = {self.away.get(one, one) for one in candidates if one is not None}
        loads = self._load_of_people() if len(present) > 1 else {}
        return min(present, key=lambda one: (loads.get(one, 0), one), default=None)

    def _staff_of(self, department: Department) -> Sequence[int]:
        """Return who answers for a department: its own people, else those of the nearest one above."""
        above = {row.pk: row.parent_id for row in self.directory.departments.values()}
        at: int | None = department.pk
        for _step in range(len(above) + 1):
            if at is None or self.staff.get(at):
                break
            at = above.get(at)
        return self.staff.get(at or 0, ())

    def _load_of_people(self) -> dict[int, int]:
        """Return how many open cases each has: asked once for the batches of a directory."""
        if self._loads is None:
            people = {one for group in self.staff.values() for one in group} | set(self.away.values())
            self._loads = _open_by("executor", self.directory, people)
        return self._loads

    def _load_of_department(self, department: int | None) -> int:
        if self._department_loads is None:
            asked = {row.pk for row in self.directory.departments.values()}
            self._department_loads = _open_by("department", self.directory, asked)
        return self._department_loads.get(department or 0, 0)


def rulebook_of(directory: Directory, *, now: datetime) -> RuleBook:
    """Return the city's rules, kept with the directory (one query without rules, five more with them)."""
    kept = directory.kept.get(_KEPT)
    if not isinstance(kept, RuleBook):
        kept = directory.kept[_KEPT] = _read(directory, now)
    return kept


@dataclass(frozen=True, slots=True)
class Said:
    """What was understood of a message: how urgent, and of what kind, it is."""

    kind: CaseKind
    urgency: int


def facts_of(directory: Directory, said: Said, topic: Topic | None, place: Place | None, *, now: datetime) -> Facts:
    """Return what the rules are asked about a case to be."""
    table = directory.department_for(topic, place)
    return Facts(topic=topic, place=place, kind=said.kind, urgency=said.urgency, table=table, at=now)


def _read(directory: Directory, now: datetime) -> RuleBook:
    city = directory.municipality
    rules = list(AssignmentRule.objects.filter(municipality=city, is_on=True).select_related("official"))
    if not rules:
        return RuleBook(directory, rules)
    grants = RoleGrant.objects.filter(municipality=city, role=Role.EXECUTOR, official__is_active=True)
    staff: dict[int, list[int]] = {}
    for official, department in grants.order_by("official").values_list("official", "department"):
        if department is not None:
            staff.setdefault(department, []).append(official)
    shifts = Shift.objects.filter(municipality=city)
    return RuleBook(
        directory,
        rules,
        staff=staff,
        shifts=[Hour(row.official_id, frozenset(map(int, row.days)), row) for row in shifts],
        away=stand_ins(city.pk, now),
        active=frozenset(Official.objects.filter(municipality=city, is_active=True).values_list("id", flat=True)),
    )


def _open_by(what: str, directory: Directory, asked: set[int]) -> dict[int, int]:
    rows = Case.objects.filter(municipality=directory.municipality, is_owed=True, **{f"{what}__in": asked})
    return dict(rows.order_by().values_list(what).annotate(Count("pk")))


def _holds_topic(rule: AssignmentRule, topic: Topic | None) -> bool:
    return topic is not None and rule.topic_id in (topic.pk, topic.parent_id)
