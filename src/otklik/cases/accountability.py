"""What was promised and what was kept, case by case, so that everybody can count it again. Reads only.

A row says nothing of a person, a street or a word: month, department, group of topics, minutes and marks. The
figures (cases.figures) are made of these rows alone. The promise is the service level's, not the deadline as it
stands: moving a deadline makes no figure better.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery

from otklik.cases.enums import EMERGENCY, OPEN_STATUSES, AnswerKind, AnswerState, CaseKind, Status
from otklik.cases.models import Answer, Case, CaseMessage, JournalEntry
from otklik.cases.publicity import public_cases
from otklik.channels import comments
from otklik.channels.blocks import Block, BlockReason
from otklik.channels.enums import Decision, Visibility
from otklik.channels.hidings import HidingReason
from otklik.channels.models import Message
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import Clock
from otklik.org.models import Municipality, ServiceLevel
from otklik.org.queries import calendar_of

MONTHS = 6
"""Months that one page looks back over."""

_OLDEST = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One case as it is published. Minutes run by the clock that is named; what is unknown is None."""

    month: str
    department: str
    topic_group: str
    state: str
    clock: str
    promised_minutes: int
    first_answer_minutes: int | None
    waits_beyond_promise: bool
    has_final_answer: bool
    verdict: str
    was_reopened: bool
    is_overdue: bool
    is_repeat: bool
    promised_day: str
    attitude: int | None
    result: int | None


def rows_between(city: Municipality, first: date, last: date, *, now: datetime) -> Iterator[Row]:
    """Yield the cases that were opened from the first to the last day (both included). Four queries, streamed."""
    calendar = calendar_of(city)
    levels = {row.code: row for row in ServiceLevel.objects.filter(municipality=city)}
    by_id = {row.pk: row for row in levels.values()}
    start = datetime.combine(first, time(), calendar.timezone)
    end = datetime.combine(last + timedelta(days=1), time(), calendar.timezone)
    elapsed = Elapsed(calendar, first, now.astimezone(calendar.timezone).date())
    for case in _cases(city.pk, start, end).iterator(chunk_size=2000):
        level = by_id.get(case["topic__service_level"]) or levels.get("normal")
        if case["urgency"] >= EMERGENCY:
            level = levels.get("emergency", level)
        yield _row(case, level, elapsed, now=now)


def _cases(municipality_id: int, start: datetime, end: datetime) -> Any:
    sent = Answer.objects.filter(case=OuterRef("pk"), state=AnswerState.SENT).order_by()
    told = CaseMessage.objects.filter(case=OuterRef("pk")).order_by()
    first = sent.values("case").annotate(at=Min("sent_at")).values("at")
    promised = sent.filter(kind=AnswerKind.PROMISE).order_by("-promised_on").values("promised_on")[:1]
    received = told.values("case").annotate(at=Min("message__received_at")).values("at")
    reopened = JournalEntry.objects.filter(case=OuterRef("pk"), action="reopened")
    return (
        Case.objects.filter(municipality=municipality_id, opened_at__gte=start, opened_at__lt=end)
        .order_by("pk")
        .annotate(
            first_answer_at=Subquery(first),
            last_promise=Subquery(promised),
            received_at=Subquery(received),
            was_reopened=Exists(reopened),
        )
        .values(
            *("status", "urgency", "opened_at", "answered_at", "answer_due_at", "verdict", "repeat_of"),
            *("department__code", "topic__code", "topic__parent__code", "topic__service_level"),
            *("first_answer_at", "last_promise", "received_at", "was_reopened"),
            *("appraisal__attitude", "appraisal__result"),
        )
    )


def _row(case: dict[str, Any], level: ServiceLevel | None, elapsed: Elapsed, *, now: datetime) -> Row:
    clock = Clock(level.clock) if level is not None else Clock.WORKING
    promised = level.answer_minutes if level is not None else 0
    # Of a case whose messages went to another one, nothing is known but when it was opened.
    since: datetime = case["received_at"] or case["opened_at"]
    first: datetime | None = case["first_answer_at"]
    is_open = case["status"] in OPEN_STATUSES
    return Row(
        month=f"{case['opened_at'].astimezone(elapsed.calendar.timezone):%Y-%m}",
        department=case["department__code"] or "",
        topic_group=case["topic__parent__code"] or case["topic__code"] or "",
        state=_state(case["status"]),
        clock=clock.value,
        promised_minutes=promised,
        first_answer_minutes=elapsed.minutes(since, first, clock) if first is not None else None,
        waits_beyond_promise=first is None and is_open and elapsed.minutes(since, now, clock) > promised,
        has_final_answer=case["answered_at"] is not None,
        verdict=case["verdict"],
        was_reopened=case["was_reopened"],
        is_overdue=is_open and case["answer_due_at"] is not None and case["answer_due_at"] < now,
        is_repeat=case["repeat_of"] is not None,
        promised_day=_promise(case, elapsed, now=now),
        attitude=case["appraisal__attitude"],
        result=case["appraisal__result"],
    )


def _state(status: str) -> str:
    """Return where a case stands, as far as the figures tell it apart."""
    return "open" if status in OPEN_STATUSES else status


def _promise(case: dict[str, Any], elapsed: Elapsed, *, now: datetime) -> str:
    """Return what became of the day that was promised last: kept, broken, pending; nothing where none was."""
    day: date | None = case["last_promise"]
    if day is None:
        return ""
    zone = elapsed.calendar.timezone
    done = case["answered_at"]
    if done is not None and case["status"] not in OPEN_STATUSES:
        return "kept" if done.astimezone(zone).date() <= day else "broken"
    return "broken" if now.astimezone(zone).date() > day else "pending"


class Elapsed:
    """Working minutes between two instants, for thousands of cases: the days' minutes are added up once."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        self.calendar = calendar
        self._days: list[date] = []
        self._before: list[float] = []
        total = 0.0
        # A message may have come before the case was opened: a month of reserve, then the slow way.
        day = first - timedelta(days=31)
        while day <= last:
            self._days.append(day)
            self._before.append(total)
            total += sum(_minutes(opens, closes) for opens, closes in calendar.hours_of(day))
            day += timedelta(days=1)

    def minutes(self, start: datetime, end: datetime, clock: Clock) -> int:
        """Return how many minutes of the clock lie between two instants; zero if `end` is earlier."""
        if clock != Clock.WORKING:
            return max(0, int((end - start).total_seconds() // 60))
        if not self._days or start.astimezone(self.calendar.timezone).date() < self._days[0]:
            return max(0, int(self.calendar.working_between(start, end).total_seconds() // 60))
        return max(0, int(self._until(end) - self._until(start)))

    def _until(self, instant: datetime) -> float:
        local = instant.astimezone(self.calendar.timezone)
        at = bisect_right(self._days, local.date()) - 1
        today = sum(
            _minutes(opens, min(closes, local.time()))
            for opens, closes in self.calendar.hours_of(self._days[at])
            if opens < local.time()
        )
        return self._before[at] + (today if self._days[at] == local.date() else 0)


def _minutes(opens: time, closes: time) -> float:
    day = date(2000, 1, 1)
    return (datetime.combine(day, closes) - datetime.combine(day, opens)).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many comments under posts are not shown on our pages, in one month, and who said that they are spam."""

    month: str
    by: str
    count: int


def hidden_between(city: Municipality, first: date, last: date) -> list[Hidden]:
    """Return the hidden comments by month and by who decided: the rules, or a person. One query."""
    zone = calendar_of(city).timezone
    start, end = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    rows = Message.objects.filter(
        municipality=city,
        decision=Decision.SPAM,
        visibility=Visibility.PUBLIC,
        is_ours=False,
        occurred_at__gte=start,
        occurred_at__lt=end,
    ).values_list("occurred_at", "speech")
    counts: dict[tuple[str, str], int] = {}
    for at, speech in rows.iterator(chunk_size=2000):
        key = (f"{at.astimezone(zone):%Y-%m}", "rules" if speech == "spam" else "person")
        counts[key] = counts.get(key, 0) + 1
    return [Hidden(month, by, count) for (month, by), count in sorted(counts.items())]


@dataclass(frozen=True, slots=True)
class Blocked:
    """How many accounts in networks were blocked for a time in one month, and why."""

    month: str
    reason: str
    count: int

    @property
    def label(self) -> str:
        """The reason, in the reader's language."""
        return str(BlockReason(self.reason).label)


@dataclass(frozen=True, slots=True)
class Moderated:
    """How many comments were hidden in one month for one reason, and how many of them are shown again."""

    month: str
    reason: str
    count: int
    shown_again: int

    @property
    def label(self) -> str:
        """The reason, in the reader's language."""
        return str(HidingReason(self.reason).label)


def moderated_between(city: Municipality, first: date, last: date) -> list[Moderated]:
    """Return what officials hid by month and reason, with what is shown again. One query."""
    zone = ZoneInfo(city.timezone)
    start, end = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    counts: Counter[tuple[str, str]] = Counter()
    again: Counter[tuple[str, str]] = Counter()
    for at, reason, is_shown in comments.hidden_between(city.pk, start, end):
        key = (f"{at.astimezone(zone):%Y-%m}", reason)
        counts[key] += 1
        again[key] += is_shown
    return [Moderated(month, reason, n, again[month, reason]) for (month, reason), n in sorted(counts.items())]


def blocked_between(city: Municipality, first: date, last: date) -> list[Blocked]:
    """Return the blocks by month and reason, those that were lifted too. One query."""
    zone = ZoneInfo(city.timezone)
    start, end = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    rows = Block.objects.filter(municipality=city, blocked_at__gte=start, blocked_at__lt=end)
    counts = Counter((f"{at.astimezone(zone):%Y-%m}", why) for at, why in rows.values_list("blocked_at", "reason"))
    return [Blocked(month, reason, count) for (month, reason), count in sorted(counts.items())]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The questions to the city that nobody has answered: how many, since when, and the oldest that may be shown."""

    count: int
    since: datetime | None
    oldest: list[Case]


def waiting_questions(municipality_id: int) -> Waiting:
    """Return the unanswered questions; only those that were cleared are named. Two queries."""
    asked = Q(kind=CaseKind.QUESTION, is_owed=True, interim_answered_at=None)
    asked &= ~Q(status__in=[Status.WAITING_RESIDENT, Status.POSTPONED])
    found = Case.objects.filter(asked, municipality=municipality_id).aggregate(
        count=Count("pk"), since=Min("opened_at")
    )
    oldest = public_cases(municipality_id).filter(asked).order_by("opened_at", "pk")[:_OLDEST]
    return Waiting(found["count"], found["since"], list(oldest))
