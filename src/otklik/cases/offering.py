"""Which departments a case is offered to, and why: the city's rules and table first, what its people decided second.

Here, because only here the three meet: the table (org), the guesses kept with the message (channels), and whose the
case is in the eyes of the department that returned it (cases). Opening assigns by it, the desk shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from otklik.cases.models import CaseReturn, JournalEntry
from otklik.cases.rulebook import Ruling
from otklik.org.models import Department, Place, Topic
from otklik.org.queries import Answerer, Directory

MOST = 3
LEAST_CHANCE = 0.05
"""A guess below it is noise: it isn't shown to anybody."""


class By(StrEnum):
    """What speaks for a department, in the order in which they are offered; three are lines of org.queries.Rule."""

    RETURN = "return"
    RULE = "rule"
    ROUTE = "route"
    OWNER = "owner"
    TOPIC = "topic"
    LEARNT = "learnt"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Offer:
    """A department that may answer, and what speaks for it. `of`: who returned it, or whom it stands above."""

    department: Department
    by: By
    topic: Topic | None = None
    place: str = ""
    chance: float = 0.0
    of: Department | None = None
    rule: str = ""
    version: int = 0
    official: int | None = None
    """Whom of the department the rule chose."""

    @property
    def why(self) -> str:
        """The reason in the reader's language."""
        topic = self.topic.name if self.topic is not None else ""
        of = self.of.title if self.of is not None else ""
        return sentence(self.by, topic, self.place, self.chance, of=of, rule=self.rule)

    def noted(self) -> dict[str, object]:
        """Return the reason for the journal, in codes: whoever reads it reads it in their own language."""
        told: dict[str, object] = {"by": self.by.value}
        if self.by == By.LEARNT:
            return told | {"chance": self.chance}
        if self.by == By.RULE:
            return told | {"rule": self.rule, "version": self.version}
        if self.topic is not None:
            told["topic"] = self.topic.code
        return told | ({"place": self.place} if self.place else {})


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be given to a department: what the table says, what it is about, and what triage kept of it.

    `ruled` is what a rule decided or suggested when the case was opened: department and name, as the journal has it.
    """

    table: Answerer | None
    topic: Topic | None
    verdict: Mapping[str, object]
    returned: CaseReturn | None = None
    with_now: int | None = None
    ruled: tuple[int, str] | None = None


def offers(matter: Matter, departments: Iterable[Department]) -> list[Offer]:
    """Return at most three departments, the likeliest first, none twice; never the one that has it or gave it back."""
    found: dict[int, Offer] = {}
    passed_over = {matter.with_now, matter.returned.department_id if matter.returned is not None else None}
    for offer in _candidates(matter, departments):
        if offer.department.pk not in passed_over:
            found.setdefault(offer.department.pk, offer)
    return list(found.values())[:MOST]


def why_here(matter: Matter, departments: Iterable[Department]) -> str:
    """Return what speaks for the department that has it now; nothing where a person chose another."""
    there = (offer for offer in _candidates(matter, departments) if offer.department.pk == matter.with_now)
    return next((offer.why for offer in there if offer.by != By.RETURN), "")


def ruled(ruling: Ruling) -> Offer:
    """Return what a rule decided as an offer."""
    rule = ruling.rule
    return Offer(ruling.department, By.RULE, rule=rule.name, version=rule.version, official=ruling.official)


def ruled_by(entries: Iterable[JournalEntry]) -> tuple[int, str] | None:
    """Return the department that a rule gave the case to, or suggested, and the rule's name, as the journal has it."""
    for entry in entries:
        told = entry.detail.get("suggested" if entry.action == "opened" else "why")
        if entry.action in ("opened", "assigned") and isinstance(told, dict) and told.get("by") == By.RULE:
            department = told.get("department") or entry.detail.get("department")
            return (int(department), str(told.get("rule", ""))) if department else None
    return None


def automatic(
    directory: Directory, topic: Topic | None, place: Place | None, verdict: Mapping[str, object]
) -> Offer | None:
    """Return who gets it without asking where no rule fits: whom the table names, else a guess that is sure enough.

    None: a person decides. A department that doesn't work any more gets nothing.
    """
    matter = Matter(directory.answerer(topic, place), topic, verdict)
    sure = verdict.get("department")
    for offer in _candidates(matter, directory.departments.values()):
        if offer.by == By.LEARNT and (matter.table is not None or offer.department.code != sure):
            continue
        return offer if offer.by != By.ABOVE else None
    return None


def sentence(by: str, topic: str = "", place: str = "", chance: float = 0.0, *, of: str = "", rule: str = "") -> str:
    """Return why, in the reader's language."""
    match by:
        case By.RULE:
            return _("by the city's rule “%(rule)s”") % {"rule": rule}
        case By.RETURN:
            return _("“%(department)s” returned it: it belongs here") % {"department": of}
        case By.ROUTE:
            return _("answers for “%(topic)s” here: %(place)s") % {"topic": topic, "place": place}
        case By.OWNER:
            return _("answers for everything here: %(place)s") % {"place": place}
        case By.TOPIC:
            return _("answers for “%(topic)s”") % {"topic": topic}
        case By.LEARNT:
            return _("like messages were decided so: %(percent)s %%") % {"percent": round(100 * chance)}
        case By.ABOVE:
            return _("stands above “%(department)s”") % {"department": of}
        case _:
            return ""


def _candidates(matter: Matter, departments: Iterable[Department]) -> Iterator[Offer]:
    """Yield everything that speaks for a department that works now, the strongest first."""
    rows = list(departments)
    by_id, by_code = {row.pk: row for row in rows}, {row.code: row for row in rows}
    returned, table = matter.returned, matter.table
    if returned is not None and returned.proposed_id in by_id:
        yield Offer(by_id[returned.proposed_id], By.RETURN, of=returned.department)
    if matter.ruled is not None and matter.ruled[0] in by_id:
        yield Offer(by_id[matter.ruled[0]], By.RULE, rule=matter.ruled[1])
    first = by_id.get(table.department_id) if table is not None else None
    if table is not None and first is not None:
        place = table.place.name if table.place is not None else ""
        yield Offer(first, By(table.rule.value), topic=matter.topic, place=place)
    for code, chance in _guesses(matter.verdict):
        if code in by_code:
            first = first or by_code[code]
            yield Offer(by_code[code], By.LEARNT, chance=chance)
    below = by_id.get(matter.with_now or 0) or first
    if below is not None and below.parent_id in by_id:
        yield Offer(by_id[below.parent_id], By.ABOVE, of=below)


def _guesses(verdict: Mapping[str, object]) -> list[tuple[str, float]]:
    """Return the learnt guesses as intake.deciding kept them: [code, chance], the likeliest first."""
    kept = verdict.get("departments")
    pairs = [one for one in kept if isinstance(one, list) and len(one) == 2] if isinstance(kept, list) else []
    return [(str(code), float(chance)) for code, chance in pairs if float(chance) >= LEAST_CHANCE]
