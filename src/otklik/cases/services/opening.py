"""Opening cases for messages, and joining messages to cases that are open already. Batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case as When
from django.db.models import F, Value
from django.db.models import When as Then

from otklik.cases.enums import EMERGENCY, CaseKind, Status
from otklik.cases.ladder import Ladder, ladder_of
from otklik.cases.models import Acknowledgement, Case, CaseMessage
from otklik.cases.offering import Offer, automatic, ruled
from otklik.cases.rulebook import RuleBook, Ruling, Said, facts_of, rulebook_of
from otklik.cases.services import latecomers
from otklik.cases.services.crowding import tell_crowds_once
from otklik.cases.services.endangering import endanger
from otklik.cases.services.journaling import Line, line, write
from otklik.cases.services.repeating import tie_to_earlier
from otklik.cases.texts import acknowledgement, emergency_acknowledgement
from otklik.cases.timing import CaseClock
from otklik.channels.enums import Network
from otklik.channels.models import Message
from otklik.channels.services.queueing import Reply, is_told_by_hand, queue_replies, takes_answer
from otklik.common.codes import private_code
from otklik.common.inserting import insert, insert_values
from otklik.common.text import shorten
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.enums import Clock
from otklik.org.models import Department, Municipality, Official, Place, Topic
from otklik.org.queries import Directory
from otklik.pulse.models import Surge

_LATELY = timedelta(days=1)
_MOST_LETTERS = 3
"""Acknowledgements to one address within a day."""
_NEXT_NUMBERS = (
    "UPDATE org_municipality SET last_case_number = last_case_number + %s WHERE id = %s RETURNING last_case_number"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """A message that is owed an answer, with what triage found in it; `department` is one that an official chose."""

    message: Message
    kind: CaseKind
    urgency: int = 0
    topic: Topic | None = None
    place: Place | None = None
    place_text: str = ""
    place_key: str = ""
    resident_agreed: bool = False
    reason: str = ""
    department: Department | None = None
    official: Official | None = None


@transaction.atomic
def open_cases(
    openings: Sequence[Opening], directory: Directory, *, now: datetime, crowds: Sequence[Surge] = ()
) -> list[Case]:
    """Open a case for each message, in order, with department, deadline, journal and acknowledgement.

    The clock runs from when the message reached us, not from now: our backlog is not the resident's. A message that
    belongs to a case already is the caller's mistake: a unique constraint stops the whole batch. `crowds` are the
    surges that go on: under a post they are acknowledged once, for everybody. What search finds doesn't follow: the
    pipeline makes its entries last, and who sorts by hand places them (channels.services.indexing).
    """
    if not openings:
        return []
    first = _take_numbers(directory.municipality, len(openings))
    rules = rulebook_of(directory, now=now)
    given = [_given(opening, directory, rules, now) for opening in openings]
    cases = [
        _case(opening, directory, number, gift, now)
        for number, (opening, gift) in enumerate(zip(openings, given, strict=True), start=first)
    ]
    tie_to_earlier(cases, now=now)
    insert(cases)
    write([one for row in zip(cases, openings, given, strict=True) for one in _first_lines(*row, now)])
    _attach(list(zip(cases, [opening.message for opening in openings], strict=True)))
    _acknowledge(list(zip(cases, openings, strict=True)), directory, crowds, now)
    _tell_chosen(cases, now)
    return cases


_TOLD_APART_S = 600
"""Between two notices to somebody whom rules choose again and again: the list “Mine” has every case anyway."""


def _tell_chosen(cases: Sequence[Case], now: datetime) -> None:
    """Tell whom a rule chose as executor: once in ten minutes, of the first case. No query where none was chosen."""
    chosen: dict[int, Case] = {}
    for case in cases:
        if case.executor_id is not None:
            chosen.setdefault(case.executor_id, case)
    slot = int(now.timestamp()) // _TOLD_APART_S
    for official, case in chosen.items():
        key = f"chosen:{official}:{slot}"
        tell(case.municipality_id, [official], NoticeKind.TASK, key=key, case_number=case.number, at=now)


@transaction.atomic
def join_cases(joins: Sequence[tuple[Case, Message, str]], *, now: datetime) -> list[tuple[Case, Message, str]]:
    """Add messages to open cases on the same problem, each with the reason why it is the same; return what was added.

    Where an answer is on its way, the newcomer gets it too. Not added is who may not read it, as it holds another
    person's data: the caller leaves that message to a person. What tells of danger to life raises its case.
    """
    answers = latecomers.answers_under_way(joins) if joins else {}
    joins = [join for join in joins if latecomers.may_join(join, answers)]
    if not joins:
        return []
    latecomers.tell(joins, answers, now=now)
    _attach([(case, message) for case, message, _ in joins])
    write([line(case, "joined", at=now, detail={"message": m.pk, "reason": why}) for case, m, why in joins])
    voices: dict[int, int] = {}
    for case, _, _ in joins:
        voices[case.pk] = voices.get(case.pk, 0) + 1
    Case.objects.filter(pk__in=voices).update(
        message_count=F("message_count")
        + When(*(Then(pk=pk, then=Value(count)) for pk, count in voices.items()), default=Value(0)),
        updated_at=now,
    )
    for case, message, _ in joins:
        if message.urgency >= EMERGENCY:
            endanger(case, message, now=now)
    return joins


def _take_numbers(municipality: Municipality, count: int) -> int:
    """Return the first of `count` public numbers; the row's lock keeps them unique until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBERS, [count, municipality.pk])
        (last,) = cursor.fetchone()
    return int(last) - count + 1


@dataclass(frozen=True, slots=True)
class _Gift:
    """Who gets a case without asking (None: nobody), and what a rule suggests to a person instead."""

    offer: Offer | None = None
    suggested: Ruling | None = None


def _ladder(directory: Directory) -> Ladder:
    """Return the city's ladder, kept as long as the directory (one query)."""
    kept = directory.kept.get("ladder")
    if not isinstance(kept, Ladder):
        kept = directory.kept["ladder"] = ladder_of(directory.municipality.pk)
    return kept


def _given(opening: Opening, directory: Directory, rules: RuleBook, now: datetime) -> _Gift:
    """Return who gets it: by the first rule that fits, else by the table; nobody where an official has chosen."""
    if opening.department is not None:
        return _Gift()
    if rules.rules:
        said = Said(opening.kind, opening.urgency)
        facts = facts_of(directory, said, opening.topic, opening.place, now=now)
        ruling = rules.decide(facts)
        if ruling is not None and not ruling.assigns:
            return _Gift(suggested=ruling)
        if ruling is not None:
            rules.took(ruling)
            return _Gift(ruled(ruling))
    return _Gift(automatic(directory, opening.topic, opening.place, opening.message.verdict))


def _first_lines(case: Case, opening: Opening, gift: _Gift, now: datetime) -> list[Line]:
    opened: dict[str, object] = {"reason": opening.reason}
    if gift.suggested is not None:
        ruling = gift.suggested
        opened["suggested"] = {"department": ruling.department.pk, "official": ruling.official, **ruling.noted()}
    lines = [line(case, "opened", at=now, detail=opened)]
    if case.department_id is not None:
        offer = gift.offer
        detail = {"department": case.department_id} | ({"why": offer.noted()} if offer is not None else {})
        if case.executor_id is not None:
            detail["executor"] = case.executor_id
        actor = opening.official if offer is None else None
        lines.append(line(case, "assigned", at=now, actor=actor, detail=detail))
    return lines


def _case(opening: Opening, directory: Directory, number: int, gift: _Gift, now: datetime) -> Case:
    message, topic, offer = opening.message, opening.topic, gift.offer
    department = offer.department if offer is not None else opening.department
    level = directory.levels.get("emergency") if opening.urgency >= EMERGENCY else None
    level = level or (topic.service_level if topic is not None else None) or directory.levels["normal"]
    clock = CaseClock(directory.calendar, Clock(level.clock), _ladder(directory))
    answer_due_at = clock.after(message.received_at, level.answer_minutes)
    solve_due_at = None
    if level.solve_days is not None:
        solve_due_at = directory.calendar.add_working_days(message.received_at, level.solve_days)
    return Case(
        municipality=directory.municipality,
        number=number,
        code=private_code(),
        kind=opening.kind,
        status=Status.NEW if department is None else Status.ASSIGNED,
        urgency=opening.urgency,
        summary=shorten(message.text, 140) or "📷",
        channel_id=message.channel_id,
        topic=topic,
        department=department,
        executor_id=offer.official if offer is not None else None,
        resident_id=message.identity.resident_id if message.identity is not None else None,
        place=opening.place,
        place_text=opening.place_text[:200],
        place_key=opening.place_key[:120],
        opened_at=now,
        answer_due_at=answer_due_at,
        solve_due_at=solve_due_at,
        clock_minutes=level.answer_minutes,
        wakes_at=clock.next_warning(now=now, due_at=answer_due_at, total=level.answer_minutes, warned=0),
        calendar_version=directory.calendar.version,
        resident_agreed=opening.resident_agreed,
        updated_at=now,
    )


def _attach(pairs: Sequence[tuple[Case, Message]]) -> None:
    insert_values(
        CaseMessage,
        ("municipality_id", "case_id", "message_id", "identity_id", "thread_id"),
        [
            (case.municipality_id, case.pk, message.pk, message.identity_id, message.thread_id)
            for case, message in pairs
        ],
    )


def _acknowledge(
    opened: Sequence[tuple[Case, Opening]], directory: Directory, crowds: Sequence[Surge], now: datetime
) -> None:
    """Queue one acknowledgement for each new (person, thread); only requests get one, and a crowd gets one together."""
    wanted: dict[tuple[int, int], tuple[Case, Opening]] = {}
    for case, opening in opened:
        message = opening.message
        # A machine that is answered by a machine answers again.
        if opening.kind != CaseKind.REQUEST or message.is_automated or not takes_answer(message):
            continue
        if is_told_by_hand(message):  # whoever takes it down has told them already
            continue
        if message.identity_id is not None:
            wanted.setdefault((message.thread_id, message.identity_id), (case, opening))
        elif opening.urgency >= EMERGENCY and message.is_public:
            # Whoever is hidden by the network can't be told once, but must be told whom to call.
            queue_replies([_reply(case, opening, directory)], now=now)
    calm = {pair: (case, one.message) for pair, (case, one) in wanted.items() if one.urgency < EMERGENCY}
    for pair in tell_crowds_once(calm, crowds, directory, now):
        wanted.pop(pair)
    if not wanted:
        return
    told = Acknowledgement.objects.filter(
        municipality=directory.municipality,
        thread__in={thread for thread, _ in wanted},
        identity__in={identity for _, identity in wanted},
    ).values_list("thread_id", "identity_id")
    for pair in told:
        wanted.pop(pair, None)
    _spare_correspondents(wanted, now)
    rows = queue_replies([_reply(case, opening, directory) for case, opening in wanted.values()], now=now)
    insert_values(
        Acknowledgement,
        ("municipality_id", "case_id", "thread_id", "identity_id", "outgoing_id"),
        [
            (case.municipality_id, case.pk, thread, identity, row.pk)
            for ((thread, identity), (case, _)), row in zip(wanted.items(), rows, strict=True)
        ],
    )


def _spare_correspondents(wanted: dict[tuple[int, int], tuple[Case, Opening]], now: datetime) -> None:
    """Leave out whom we acknowledged often lately: each letter may be a conversation of its own, so "once per thread"
    alone wouldn't end a loop with a machine that doesn't say that it is one (RFC 3834). One query, for letters only."""
    by_mail = {identity for (_, identity), (_, one) in wanted.items() if one.message.channel.network == Network.EMAIL}
    if not by_mail:
        return
    lately = Acknowledgement.objects.filter(identity__in=by_mail, outgoing__created_at__gt=now - _LATELY)
    told = Counter(lately.values_list("identity_id", flat=True))
    for pair in list(wanted):
        if pair[1] in by_mail:
            told[pair[1]] += 1
            if told[pair[1]] > _MOST_LETTERS:
                wanted.pop(pair)


def _reply(case: Case, opening: Opening, directory: Directory) -> Reply:
    words = _words(case, opening, directory)
    return Reply(message=opening.message, text=words, key=f"ack:{case.pk}", automated=True)


def _words(case: Case, opening: Opening, directory: Directory) -> str:
    language = opening.message.language or directory.municipality.language
    if opening.urgency >= EMERGENCY:
        danger = str(opening.message.verdict.get("emergency", ""))
        return emergency_acknowledgement(case, directory.municipality, language, danger)
    return acknowledgement(case, directory, opening.message, language)
