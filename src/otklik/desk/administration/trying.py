"""Which rule would decide about a text or a case, and why not those before it. Nothing is changed by trying."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from otklik.cases.enums import CaseKind
from otklik.cases.models import Case
from otklik.cases.offering import automatic
from otklik.cases.rulebook import Facts, Ruling, Said, Tried, facts_of, rulebook_of
from otklik.intake.understanding import Brain
from otklik.org.access import Access
from otklik.org.models import Official, Place, Topic
from otklik.org.queries import Directory
from otklik.triage import Text

_KINDS = {"request": CaseKind.REQUEST, "question": CaseKind.QUESTION, "idea": CaseKind.IDEA}


@dataclass(frozen=True, slots=True)
class Trial:
    """What was understood, the rules that were asked, and what comes of it."""

    topic: Topic | None = None
    place: Place | None = None
    kind: CaseKind = CaseKind.REQUEST
    urgency: int = 0
    case: Case | None = None
    is_missing: bool = False
    tried: list[Tried] = field(default_factory=list)
    ruling: Ruling | None = None
    official: Official | None = None
    without: str = ""
    """The department that the table gives it to, where no rule decides."""


@lru_cache(maxsize=1)
def _brain() -> Brain:
    """The triage library, loaded when somebody tries a text for the first time."""
    return Brain()


def try_rules(access: Access, text: str, *, now: datetime) -> Trial:
    """Ask the rules about a text as a resident would write it, or about a case by its number."""
    city = access.official.municipality
    mind = _brain().mind(city)
    number = text.strip().lstrip("№ ").strip()
    if number.isdecimal() and len(number) < 10:
        case = Case.objects.filter(municipality=city, number=int(number)).select_related("topic", "place").first()
        if case is None:
            return Trial(is_missing=True)
        said = Said(CaseKind(case.kind), case.urgency)
        return _trial(mind.directory, said, case.topic, case.place, now=now, case=case)
    verdict = mind.triage.classify([Text(text=text)])[0]
    directory = mind.directory
    topic = directory.topics.get(verdict.topic) if verdict.topic else None
    place = directory.streets.get(verdict.place.street) if verdict.place is not None else None
    kind = _KINDS.get(str(verdict.kind.value), CaseKind.REQUEST)
    return _trial(directory, Said(kind, verdict.urgency), topic, place, now=now)


def _trial(
    directory: Directory,
    said: Said,
    topic: Topic | None,
    place: Place | None,
    *,
    now: datetime,
    case: Case | None = None,
) -> Trial:
    directory.kept.clear()  # as the rules stand now, not as they stood ten seconds ago
    book = rulebook_of(directory, now=now)
    facts: Facts = facts_of(directory, said, topic, place, now=now)
    ruling = book.decide(facts)
    offer = automatic(directory, topic, place, {})
    chosen = ruling.official if ruling is not None else None
    return Trial(
        topic=topic,
        place=place,
        kind=said.kind,
        urgency=said.urgency,
        case=case,
        tried=book.tried(facts),
        ruling=ruling,
        official=Official.objects.filter(pk=chosen).first() if chosen is not None else None,
        without=offer.department.title if offer is not None else "",
    )
