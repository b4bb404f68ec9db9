"""Reads of cases: what an official may see, what the public may see, and the lists of the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from otklik.cases.corrections import Correction
from otklik.cases.enums import AnswerState, CaseKind, CorrectionState, Status, Verdict
from otklik.cases.models import Answer, Case, CaseMessage, CaseReturn, JournalEntry
from otklik.cases.snoozes import HOT_FROM, QUEUES, Snooze, is_away, is_in_sight
from otklik.cases.walking import OPEN, looked_at
from otklik.channels.enums import DeliveryState
from otklik.channels.models import Delivery, Message
from otklik.channels.queries import with_files
from otklik.common.codes import is_code
from otklik.common.prepared import Prepared, PreparedObjects
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.models import Official
from otklik.org.queries import officials_for

COUNT_CAP = 1000
"""Counts stop here ("999+"): beyond it nobody cares, and the cost stays the same at any size."""

PAGE = 50


def visible_cases(access: Access) -> QuerySet[Case]:
    """Return the cases an official may see: own city, own departments. Raises Refused without the permission."""
    return Case.objects.filter(_visible(access), municipality=access.municipality_id)


def _visible(access: Access) -> Q:
    departments = access.departments_for(Permission.CASE_VIEW)
    return Q() if departments is None else Q(department__in=departments)


def case_for(access: Access, number: int) -> Case:
    """Return one case with what its screen shows. Raises Refused, Case.DoesNotExist (also for others' cases).

    Its topic and department it asks for itself: a screen has them in lists of its own, and PostgreSQL thinks twice as
    long about every table that is joined.
    """
    departments = access.departments_for(Permission.CASE_VIEW)
    there = () if departments is None else (tuple(sorted(departments)),)
    found = _NUMBERED.list(access.municipality_id, number, *there) if number <= _HIGHEST else []
    if not found:
        raise Case.DoesNotExist
    case = found[0]
    case.municipality = access.official.municipality
    return case


_HIGHEST = 2**31 - 1
"""What the column of a case's number holds."""


def _numbered(city: int, number: int, *there: tuple[int, ...]) -> QuerySet[Case]:
    where = Q(department__in=there[0]) if there else Q()
    return Case.objects.filter(where, municipality=city, number=number).select_related(
        *("executor", "channel", "place__parent", "resident", "showing", "appraisal")
    )


_NUMBERED = PreparedObjects(_numbered)


_SELECTS = len("xxxx-xxxx-")


def case_by_code(municipality_id: int, code: str) -> Case:
    """Return the case that a private code opens. Raises Case.DoesNotExist."""
    if not is_code(code):
        raise Case.DoesNotExist
    # An index compares letter by letter and stops at the first that differs. So it is asked for the first half only;
    # the second half, which nobody can guess either (40 bits), is compared in constant time.
    begins = code[:_SELECTS]
    half = Q(code__startswith=begins)
    if connection.vendor == "sqlite":
        half = Q(code__gte=begins, code__lt=f"{begins}~")  # LIKE uses no index there
    rows = Case.objects.filter(half).select_related("topic", "department", "municipality", "showing", "appraisal")
    found = [row for row in rows if compare_digest(row.code.encode(), code.encode())]
    if not found or found[0].municipality_id != municipality_id:
        raise Case.DoesNotExist
    return found[0]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the city is solving now, each figure beside the one before it."""

    open: int
    came_today: int
    came_yesterday: int
    answered_week: int
    answered_week_before: int
    solved_week: int
    solved_week_before: int


def pulse_of(municipality_id: int, *, now: datetime) -> Pulse:
    """Count what is open, came, was answered and was confirmed by residents; public or not. One query."""

    def between(field: str, start_d: int, end_d: int) -> Q:
        start, end = now - timedelta(days=start_d), now - timedelta(days=end_d)
        return Q(**{f"{field}__gt": start, f"{field}__lte": end})

    confirmed = Q(verdict=Verdict.SOLVED)
    return Pulse(
        **Case.objects.filter(municipality=municipality_id).aggregate(
            open=Count("pk", filter=Q(is_owed=True)),
            came_today=Count("pk", filter=between("opened_at", 1, 0)),
            came_yesterday=Count("pk", filter=between("opened_at", 2, 1)),
            answered_week=Count("pk", filter=between("answered_at", 7, 0)),
            answered_week_before=Count("pk", filter=between("answered_at", 14, 7)),
            solved_week=Count("pk", filter=confirmed & between("closed_at", 7, 0)),
            solved_week_before=Count("pk", filter=confirmed & between("closed_at", 14, 7)),
        )
    )


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of something sent by the site's form: not read yet, read, or in a case."""

    state: DeliveryState
    message: Message | None = None
    case: Case | None = None


def fate_of_submission(municipality_id: int, dedup_key: str, *, network: str = "site") -> Fate | None:
    """Return what became of what a form of the city's brought; None if it never reached us. Two queries."""
    delivery = (
        Delivery.objects.filter(municipality=municipality_id, channel__network=network, dedup_key=dedup_key)
        .defer("body")
        .first()
    )
    if delivery is None:
        return None
    messages = Message.objects.filter(municipality=municipality_id, delivery=delivery)
    message = messages.select_related("thread", "case_message__case__topic", "case_message__case__department").first()
    linked: CaseMessage | None = getattr(message, "case_message", None)
    return Fate(DeliveryState(delivery.state), message, linked.case if linked is not None else None)


def sent_answers_of(case: Case) -> QuerySet[Answer]:
    """Return the answers that reached the resident, oldest first."""
    return Answer.objects.filter(case=case, state=AnswerState.SENT).select_related("author__department", "approver")


@dataclass(frozen=True, slots=True)
class Filters:
    """What an inbox page is narrowed to; an empty field doesn't narrow."""

    view: str = "open"
    status: str = ""
    department: int | None = None
    topic: int | None = None
    channel: int | None = None
    executors: tuple[int, ...] = ()
    due_before: datetime | None = None
    control: bool = False


VIEWS = (
    *("open", "new", "mine", "urgent", "overdue", "approval", "control", "returned", "promises", "snoozed"),
    *("questions", "answered", "solved", "all"),
)
CONFIRMED_WITHIN = timedelta(days=7)
"""What residents confirmed is news for so long."""


def inbox(access: Access, filters: Filters, *, now: datetime, all_in_sight: bool = False) -> QuerySet[Case]:
    """Return the cases of an inbox page, newest first, without what only the case's own screen needs.

    `all_in_sight` says that this person has put nothing away (`has_put_away`), which spares the looking.
    """
    condition = Q(municipality=access.municipality_id) & _visible(access)
    condition &= _view(filters.view, access, now) & _narrowing(filters)
    if filters.view in QUEUES and not all_in_sight:
        condition &= is_in_sight(access, now)
    cases = Case.objects.filter(looked_at(condition, _searched(filters)))
    return cases.select_related("topic", "department", "channel").order_by("-id")


def page_of(cases: QuerySet[Case], before: int | None) -> tuple[list[Case], int | None]:
    """Return one page of an inbox with what its rows show, and where the next one starts (None: this is the last).

    One query. Which cases is found first, inside one index (`cases.walking`), and only those are read.
    """
    if before is not None:
        cases = cases.filter(pk__lt=before)
    here = cases.select_related(None).values("pk")[: PAGE + 1]
    rows = list(_listed(Case.objects.filter(pk__in=here)).order_by("-id"))
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


_OWED_VIEWS = frozenset(VIEWS) - {"mine", "approval", "control", "answered", "solved", "all"}
"""All cases of these are open."""


def _searched(filters: Filters) -> frozenset[str]:
    """Return what a list searches by: the fewest cases in the order of the list."""
    if filters.control or filters.view == "control":
        return frozenset({"municipality", "personal_control"})
    if filters.view == "approval":
        return frozenset({"municipality", "to_approve"})
    if filters.executors or filters.view == "mine":
        return frozenset({"executor", "is_owed"})
    if filters.view == "solved":
        return frozenset({"municipality", "verdict", "closed_at"})
    if filters.view in _OWED_VIEWS or filters.due_before is not None:
        return OPEN
    if filters.topic is not None:
        return frozenset({"municipality", "topic"})
    return frozenset({"municipality", "status", "department", "channel"})


_LISTED = ("number", "summary", "status", "urgency", "place_text", "message_count", "personal_control", "opened_at")
_LISTED_OF = ("answer_due_at", "correction_waits", "channel__network", "topic__title", "topic__title_en", "place__name")


def _listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the same cases with only what a row of a list shows."""
    return cases.select_related("topic", "channel", "place").only(*_LISTED, *_LISTED_OF)


def away_counts(access: Access, wanted: Mapping[str, Filters], *, now: datetime) -> dict[str, int]:
    """Return how many cases of each of these lists are out of this person's sight; of their own list, all (one query).

    Kept counts know of no person: what somebody put away is taken off them. Not asked for who `has_put_away` nothing.
    """
    lists = {name: filters for name, filters in wanted.items() if filters.view in {*QUEUES, "snoozed"}}
    if not lists:
        return {}
    away = visible_cases(access).filter(
        is_away(access, now), is_owed=True, pk__in=_put_away_by(access).values("case").order_by()
    )
    names = dict(enumerate(lists))
    found = away.order_by().aggregate(
        **{
            f"n{place}": Count(
                "pk", filter=_view(_AWAY.get(filters.view, filters.view), access, now) & _narrowing(filters)
            )
            for place, filters in enumerate(lists.values())
        }
    )
    return {name: found[f"n{place}"] for place, name in names.items()}


_AWAY = {"snoozed": "open"}
"""Of what is away and owed, the list of what is away has everything."""


def has_put_away(access: Access) -> bool:
    """Return whether anything is kept out of this person's queues; it is so for few, and asked by one short query."""
    return bool(_PUT_AWAY.rows(access.municipality_id, access.official.pk))


_PUT_AWAY = Prepared(
    lambda city, official: Snooze.objects.filter(
        Q(official=official) | Q(official=None), municipality=city
    ).values_list("pk")[:1]
)


def _put_away_by(access: Access) -> QuerySet[Snooze]:
    mine = Q(official=access.official) | Q(official=None)
    return Snooze.objects.filter(mine, municipality=access.municipality_id)


def is_hot_now(case: Case, now: datetime) -> bool:
    """Return whether a case can't be put away (as `snoozes.is_hot` says it for lists)."""
    late = case.answer_due_at is not None and case.answer_due_at < now
    return case.urgency >= HOT_FROM or case.personal_control or late


def page_after(cases: QuerySet[Case], before_id: int | None, size: int = PAGE) -> tuple[list[Case], int | None]:
    """Return one keyset page and where the next one starts (None: this is the last)."""
    if before_id is not None:
        cases = cases.filter(pk__lt=before_id)
    rows = list(cases[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def capped_count(rows: QuerySet[Case] | QuerySet[Message]) -> int:
    """Return how many rows there are, at most COUNT_CAP. In their order: by it a list finds its index."""
    return rows[:COUNT_CAP].count()


def _narrowing(filters: Filters) -> Q:
    names = ("status", "department", "topic", "channel")
    condition = Q(**{name: value for name in names if (value := getattr(filters, name))})
    if filters.executors:
        condition &= Q(executor__in=filters.executors)
    if filters.due_before is not None:
        condition &= Q(is_owed=True, answer_due_at__lt=filters.due_before)
    if filters.control:
        condition &= Q(personal_control=True)
    return condition


def _view(view: str, access: Access, now: datetime) -> Q:
    if view == "snoozed":
        return Q(is_owed=True) & is_away(access, now)
    if view == "mine":
        return Q(is_owed=True, executor__in=[access.official.pk, *access.stands_in_for])
    return _everybodys(view, now)


def _everybodys(view: str, now: datetime) -> Q:
    is_open = Q(is_owed=True)
    conditions = {
        "new": is_open & Q(status__in=[Status.NEW, Status.TRIAGE]),
        "urgent": is_open & Q(urgency__gte=3),
        "overdue": is_open & Q(answer_due_at__lt=now),
        "approval": Q(to_approve=True),
        "control": Q(personal_control=True) & ~Q(status=Status.DUPLICATE),
        "returned": is_open & Q(status__in=[Status.RETURNED, Status.REOPENED]),
        "promises": is_open & Q(status=Status.POSTPONED, answer_due_at__lt=now),
        "questions": is_open & Q(kind=CaseKind.QUESTION, answered_at=None),
        "answered": Q(status=Status.ANSWERED),
        "solved": Q(verdict=Verdict.SOLVED, closed_at__gt=now - CONFIRMED_WITHIN),
        "all": Q(),
    }
    return conditions.get(view, is_open)


def count_in_sight(access: Access, filters: Filters, *, now: datetime) -> int:
    """Return how many cases a list has for who has put nothing away, at most COUNT_CAP: what every desk asks often."""
    if filters.view in ("snoozed", "solved") or filters.executors or filters.due_before is not None:
        return capped_count(inbox(access, filters, now=now, all_in_sight=True))
    departments = access.departments_for(Permission.CASE_VIEW)
    whose = (access.official.pk, *access.stands_in_for) if filters.view == "mine" else ()
    there = () if departments is None else (tuple(sorted(departments)),)
    return len(_first_of(filters).rows(access.municipality_id, now, whose, *there))


@lru_cache(maxsize=256)
def _first_of(filters: Filters) -> Prepared:
    def found(city: int, at: datetime, whose: tuple[int, ...], *there: tuple[int, ...]) -> QuerySet[Case, Any]:
        condition = Q(municipality=city) & _narrowing(filters)
        condition &= Q(is_owed=True, executor__in=whose) if whose else _everybodys(filters.view, at)
        condition &= Q(department__in=there[0]) if there else Q()
        cases = Case.objects.filter(looked_at(condition, _searched(filters))).order_by("-id")
        return cases.values_list("pk")[:COUNT_CAP]

    return Prepared(found)


def messages_of(case: Case) -> QuerySet[Message]:
    """Return the residents' messages that make up a case, oldest first."""
    return (
        Message.objects.filter(case_message__case=case)
        .select_related("identity", "channel", "thread")
        .prefetch_related(with_files())
        .order_by("occurred_at", "id")
    )


def corrections_of(case: Case) -> list[Correction]:
    """Return the corrections of a case's answers with where each goes, oldest first."""
    rows = Correction.objects.filter(answer__case=case).select_related("author", "approver", "answer")
    return list(rows.prefetch_related("sends__outgoing__channel").order_by("id"))


def words_before(answers: Iterable[Answer]) -> dict[int, list[Correction]]:
    """Return what answers said before they were corrected, by answer, newest first: no query where none was."""
    corrected = [answer.pk for answer in answers if answer.corrected_at is not None]
    if not corrected:
        return {}
    found: dict[int, list[Correction]] = {}
    rows = Correction.objects.filter(answer__in=corrected, state=CorrectionState.APPROVED).order_by("-id")
    for row in rows:
        found.setdefault(row.answer_id, []).append(row)
    return found


def ended_on_same_problem(
    municipality_id: int, pairs: set[tuple[int, str]], *, since: datetime
) -> dict[tuple[int | None, str], int]:
    """Return the newest case by (topic, place key) that was opened since then and answered, closed or passed on."""
    found = Case.objects.filter(
        municipality=municipality_id,
        place_key__in={place for _, place in pairs},
        topic__in={topic for topic, _ in pairs},
        opened_at__gte=since,
        status__in=[Status.ANSWERED, Status.CLOSED, Status.REDIRECTED],
    ).order_by("id")
    return {(topic, place): pk for pk, topic, place in found.values_list("id", "topic", "place_key")}


def repeats_of(case: Case) -> list[int]:
    """Return the numbers of the newest cases that repeat this one."""
    return [number for (number,) in _REPEATS.rows(case.pk)]


_REPEATS = Prepared(
    lambda case: Case.objects.filter(repeat_of=case).order_by("-id").values_list("number", flat=True)[:10]
)


def draft_of(case: Case) -> str:
    """Return the text of the draft as it stands; nothing where there is none."""
    return Answer.objects.filter(case=case, state=AnswerState.DRAFT).values_list("text", flat=True).first() or ""


def open_return(case: Case) -> CaseReturn | None:
    """Return the return that waits for a curator's decision, with whose the case may be; None if there is none."""
    return CaseReturn.objects.filter(case=case, decided_at=None).select_related("department", "proposed").first()


def returns_of(case: Case) -> list[CaseReturn]:
    """Return how often a case was given back, by whom and why, the oldest first (one query)."""
    rows = CaseReturn.objects.filter(case=case).select_related("department", "proposed", "official")
    return list(rows.order_by("id"))


def people_in(case: Case, role: Role) -> list[int]:
    """Return who is told in a role: of executors the one who has it, the department's heads where nobody works on it.

    Somebody who left works on nothing.
    """
    if role == Role.EXECUTOR:
        works = case.executor_id and Official.objects.filter(pk=case.executor_id, is_active=True).exists()
        if case.executor_id and works:
            return [case.executor_id]
        role = Role.APPROVER
    return officials_for(case.municipality_id, role, case.department_id)


def returns_by_department(municipality_id: int, *, since: datetime) -> list[ReturnCount]:
    """Return how many cases each department gave back since then, and how often its proposal was taken (one query)."""
    rows = (
        CaseReturn.objects.filter(municipality=municipality_id, at__gte=since)
        .values("department", "department__name", "department__name_en")
        .annotate(
            returned=Count("pk"),
            accepted=Count("pk", filter=Q(accepted=True)),
            waiting=Count("pk", filter=Q(decided_at=None)),
        )
        .order_by("-returned", "department__name")
    )
    return [
        ReturnCount(
            department_id=row["department"],
            name=row["department__name"],
            name_en=row["department__name_en"],
            returned=row["returned"],
            accepted=row["accepted"],
            waiting=row["waiting"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ReturnCount:
    """How a department gives cases back."""

    department_id: int
    name: str
    name_en: str
    returned: int
    accepted: int
    waiting: int


def journal_of(case: Case) -> QuerySet[JournalEntry]:
    """Return a case's history, oldest first."""
    return JournalEntry.objects.filter(case=case).select_related("actor")


def open_on_same_problem(municipality_id: int, pairs: set[tuple[int, str]]) -> dict[tuple[int, str], Case]:
    """Return open cases by (topic, place key): the same problem at the same house."""
    if not pairs:
        return {}
    found = Case.objects.filter(
        municipality=municipality_id,
        is_owed=True,
        topic__in={topic for topic, _ in pairs},
        place_key__in={place for _, place in pairs},
    ).order_by("-id")
    return {(case.topic_id or 0, case.place_key): case for case in found if (case.topic_id, case.place_key) in pairs}
