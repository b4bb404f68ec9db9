"""Search over what an official may see: messages, their authors, answers, and cases by their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone

from otklik.cases.asking import Question, read_question
from otklik.cases.models import Answer, Case
from otklik.cases.queries import visible_cases
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.searching import Hit, newest
from otklik.common.codes import without_codes
from otklik.common.stems import Bit, forms, near, snippet, stem
from otklik.org.access import Access, Permission
from otklik.org.queries import street_named, streets_of
from otklik.triage.gazetteer import STREET_TYPES, Gazetteer, Street, normalise_place
from otklik.triage.places import find
from otklik.triage.verdict import Place
from otklik.triage.words import Reader

NEWEST = 50
"""Things found that a page shows; with filters, so many times LOOK are looked through."""

LOOK = 10
WORDS = 8
"""Words of a question that count."""

GUESSED = 4
"""A shorter word has too many neighbours to guess what was meant."""


_SORTS = STREET_TYPES | {"д", "дом", "дома", "доме", "дому"}
"""Words of an address that many leave out."""

_AT_HOUSE = 10
"""Cases of a house beside those whose words name it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What was found in a case: who said it, and the words around what was searched for."""

    message: Message | None
    answer: Answer | None
    bits: list[Bit]


@dataclass(slots=True)
class FoundCase:
    """A case with what was found in it, the newest first."""

    case: Case
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to. `guessed`: nothing had these very words, so near spellings were taken."""

    text: str
    cases: list[FoundCase]
    unsorted: list[Passage]
    guessed: bool = False
    more: bool = False
    first: date | None = None
    last: date | None = None

    @property
    def as_words(self) -> str:
        """The query string of the same question in which a day is a word like any other."""
        return urlencode({"q": f"«{self.text}»"})


def search(
    access: Access, asked: str, *, now: datetime, narrowed: QuerySet[Case] | None = None, limit: int = NEWEST
) -> Found:
    """Return the newest that hold all the words, grouped by case. At most two dozen queries, usually four, however
    much there is: one for each word where nothing has them all.

    Days that are named (`asking`) narrow to the cases opened then; a house that is named also finds the cases about
    it whose words don't name it. `narrowed` are the cases that filters leave (queries.inbox). Raises Refused without
    the permission to see cases.
    """
    departments = access.departments_for(Permission.CASE_VIEW)
    question = read_question(asked, today=timezone.localtime(now).date())
    text = question.words
    if question.has_days:
        narrowed = _opened_within(visible_cases(access) if narrowed is None else narrowed, question)
        if not forms(text):
            return _opened(asked, question, narrowed, limit)
    unsorted = access.allows(Permission.MESSAGE_SORT) and narrowed is None
    wanted = _telling(access, text)[:WORDS]
    look = limit + 1 if narrowed is None else limit * LOOK

    def find(words: Sequence[Sequence[str]], at_most: int) -> list[Hit]:
        return newest(access.municipality_id, words, departments=departments, unsorted=unsorted, limit=at_most)

    spellings = [list(dict.fromkeys((stem(word), word))) for word in wanted]
    hits = find(spellings, look)
    # Only a word that nobody wrote was misspelt; words that never stand together are not.
    lost = [] if hits else [place for place, one in enumerate(spellings) if not find([one], 1)]
    guessed = any(len(wanted[place]) >= GUESSED for place in lost)
    if guessed:
        for place in lost:
            spellings[place] = near(stem(wanted[place])) if len(wanted[place]) >= GUESSED else spellings[place]
        hits = find(spellings, look)
    marked = {word for group in spellings for word in group}
    cases = visible_cases(access) if narrowed is None else narrowed.order_by()
    found = _grouped(cases, hits[:look], marked, limit)
    by_fact = {one.case.pk: one for one in (*_numbered(cases, text), *_at_house(access, cases, text))}
    found_cases = [*(one for pk, one in by_fact.items() if pk not in found), *found.values()]
    return Found(
        asked,
        found_cases,
        _unsorted(hits, marked) if unsorted else [],
        guessed=guessed and bool(hits),
        more=len(hits) > limit,
        first=question.first,
        last=question.last,
    )


def _telling(access: Access, text: str) -> list[str]:
    """Return the words that all have to be there: of a street its name. Who wrote «Лесная» is found by «ул. Лесная».

    One query where the question has a word like «улица» or «дом».
    """
    wanted = forms(text)
    telling = [word for word in wanted if word not in _SORTS]
    if not telling or len(telling) == len(wanted):
        return wanted
    return telling if _place_in(access, text) is not None else wanted


def _place_in(access: Access, text: str) -> Place | None:
    return find(Reader().read(text), Gazetteer(Street(*one) for one in streets_of(access.municipality_id)))


def _opened_within(cases: QuerySet[Case], question: Question) -> QuerySet[Case]:
    """Narrow to what was opened on these days of the city's own time."""
    zone = timezone.get_current_timezone()
    if question.first is not None:
        cases = cases.filter(opened_at__gte=datetime.combine(question.first, time.min, zone))
    if question.last is not None:
        cases = cases.filter(opened_at__lt=datetime.combine(question.last + timedelta(days=1), time.min, zone))
    return cases


def _opened(asked: str, question: Question, cases: QuerySet[Case], limit: int) -> Found:
    """Return the newest cases of days that were named without a word (one query)."""
    rows = list(cases.select_related("topic", "department", "channel", "place").order_by("-id")[: limit + 1])
    shown = [FoundCase(case) for case in rows[:limit]]
    return Found(asked, shown, [], more=len(rows) > limit, first=question.first, last=question.last)


def open_there(access: Access, text: str, limit: int = 5) -> list[Case]:
    """Return the newest open cases about the house that a text names, or about its street where it names no house.

    At most four queries, however much is open; none of them for a text without a place.
    """
    place = _place_in(access, text) if text.strip() else None
    if place is None or not place.street:
        return []
    cases = visible_cases(access).filter(is_owed=True).select_related("topic", "department", "channel")
    if place.house:
        return list(cases.filter(place_key=normalise_place(place.street, place.house)).order_by("-id")[:limit])
    street = street_named(access.municipality_id, place.street)
    return list(cases.filter(place=street).order_by("-id")[:limit]) if street is not None else []


def _at_house(access: Access, cases: QuerySet[Case], text: str) -> list[FoundCase]:
    """Return the newest cases about the house that is named. Two queries, none where the question has no figure."""
    if not any(letter.isdecimal() for letter in text):
        return []
    place = _place_in(access, text)
    if place is None or not place.house:
        return []
    there = cases.filter(place_key=normalise_place(place.street, place.house))
    rows = there.select_related("topic", "department", "channel", "place").order_by("-id")
    return [FoundCase(case) for case in rows[:_AT_HOUSE]]


def _grouped(cases: QuerySet[Case], hits: Sequence[Hit], marked: set[str], limit: int) -> dict[int, FoundCase]:
    ids = {hit.case_id for hit in hits if hit.case_id is not None}
    rows = cases.select_related("topic", "department", "channel", "place").in_bulk(list(ids))
    ours = [hit for hit in hits if hit.case_id in rows][:limit]
    messages = Message.objects.select_related("identity", "channel").in_bulk(
        [h.message_id for h in ours if h.message_id]
    )
    answers = Answer.objects.select_related("author").in_bulk([h.answer_id for h in ours if h.answer_id])
    found: dict[int, FoundCase] = {}
    for hit in ours:
        message, answer = messages.get(hit.message_id or 0), answers.get(hit.answer_id or 0)
        if hit.case_id is None or (message is None and answer is None):
            continue
        one = found.setdefault(hit.case_id, FoundCase(rows[hit.case_id]))
        one.passages.append(_passage(message, answer, marked))
    return found


def _passage(message: Message | None, answer: Answer | None, marked: set[str]) -> Passage:
    text = answer.text if answer is not None else message.text if message is not None else ""
    return Passage(message, answer, snippet(without_codes(" ".join(text.split())), marked))


def _unsorted(hits: Sequence[Hit], marked: set[str]) -> list[Passage]:
    """Return what waits for an operator; what was decided to need no answer has no screen to open."""
    ids = [hit.message_id for hit in hits if hit.case_id is None and hit.message_id]
    waiting = Message.objects.filter(decision=Decision.OPERATOR).select_related("identity", "channel").in_bulk(ids)
    return [_passage(waiting[pk], None, marked) for pk in ids if pk in waiting]


def _numbered(cases: QuerySet[Case], text: str) -> list[FoundCase]:
    number = text.strip().lstrip("№# ").strip()
    if not number.isdecimal() or len(number) > 9:
        return []
    found = cases.filter(number=int(number)).select_related("topic", "department", "channel", "place")
    return [FoundCase(case) for case in found]
