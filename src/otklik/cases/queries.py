"""Reads of cases: what an official may see, what the public may see, and the lists of the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db import connection
from django.db.models import Count, Q, QuerySet

from otklik.cases.corrections import Correction
from otklik.cases.enums import AnswerState, CorrectionState, Status, Verdict
from otklik.cases.models import Answer, Case, CaseMessage, CaseReturn, JournalEntry
from otklik.cases.snoozes import HOT_FROM
from otklik.channels.enums import DeliveryState
from otklik.channels.models import Delivery, Message
from otklik.channels.queries import with_files
from otklik.common.codes import is_code
from otklik.common.prepared import Prepared, PreparedObjects
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.models import Official
from otklik.org.queries import officials_for

PAGE = 50


def visible_cases(access: Access) -> QuerySet[Case]:
    """Return the cases an official may see: own city, own departments. Raises Refused without the permission."""
    return Case.objects.filter(_visible(access), municipality=access.municipality_id)


def _visible(access: Access) -> Q:
    departments = access.departments_for(Permission.CASE_VIEW)
    return Q() if departments is None else Q(department__in=departments)


def case_for(access: Access, number: int) -> Case:
    """Return one case with what its screen shows. Raises Refused, Case.DoesNotExist (also for others' cases).

    Its department it asks for itself: a screen has it in a list of its own.
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
        *("executor", "channel", "place__parent", "topic__parent", "resident", "showing", "appraisal")
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
