"""The turns of a case's life: given back, asked, promised, told in the meantime, passed on to another body."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.cases.enums import AnswerKind, AnswerState, Outcome, Status
from otklik.cases.models import Answer, Case, CaseReturn, JournalEntry
from otklik.cases.queries import returns_by_department, returns_of
from otklik.cases.services import answering, assigning, closing, postponing, replying
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.channels.models import Outgoing
from otklik.common.clock import now
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.org.access import Access, Refused, access_of
from otklik.org.enums import Role
from otklik.org.models import Department, RoleGrant
from otklik.org.queries import calendar_of
from tests.builders import make_official
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db

POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear(POTHOLE, visitor="ivan", post="7"))


@pytest.fixture
def writer(town: Town) -> Access:
    return town.official(Role.EXECUTOR)


@pytest.fixture
def approver(town: Town) -> Access:
    return town.official(Role.APPROVER, name="Павел Строев")


@pytest.fixture
def curator(town: Town) -> Access:
    return town.official(Role.CURATOR, name="Семён Кленов")


def department(town: Town, code: str) -> Department:
    return Department.objects.get(municipality=town.city, code=code)


def sent(town: Town, case: Case, approver: Access, *, at: datetime | None = None) -> Case:
    """Another person approves what was handed on, and the worker sends it."""
    answering.approve(approver, case, now=at or now())
    town.send()
    case.refresh_from_db()
    return case


def monday(hour: int = 10, minute: int = 0) -> datetime:
    """A Monday without holidays around it, by the city's clock."""
    return datetime(2026, 9, 14, hour, minute, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


def last_line(case: Case) -> JournalEntry:
    return JournalEntry.objects.filter(case=case).latest("id")


# Given back


def test_return_says_whose_it_is_and_one_step_accepts_it(
    town: Town, case: Case, writer: Access, curator: Access
) -> None:
    housing = department(town, "housing")
    assigning.give_back(writer, case, "Двор дома, не дорога", now=now(), proposed=housing)
    assert (case.status, last_line(case).detail["proposed"]) == (Status.RETURNED, housing.pk)

    assert assigning.accept_return(curator, case, now=now()) == housing

    case.refresh_from_db()
    returned = CaseReturn.objects.get()
    assert (case.status, case.department, returned.accepted) == (Status.ASSIGNED, housing, True)
    assert (returned.decided_at is None, last_line(case).detail["reason"]) == (False, "Двор дома, не дорога")


def test_return_assigned_elsewhere_is_decided_against_the_proposal(
    town: Town, case: Case, writer: Access, curator: Access
) -> None:
    assigning.give_back(writer, case, "Не наше", now=now(), proposed=department(town, "housing"))
    assigning.assign(curator, case, department(town, "waste"), now=now())

    assert CaseReturn.objects.get().accepted is False
    with pytest.raises(Overtaken):
        assigning.accept_return(curator, case, now=now())


def test_return_without_a_proposal_cannot_be_accepted(case: Case, writer: Access, curator: Access) -> None:
    assigning.give_back(writer, case, "Не наше", now=now())

    with pytest.raises(Overtaken):
        assigning.accept_return(curator, case, now=now())
    assert case.status == Status.RETURNED


def test_return_to_the_department_that_has_it_is_refused(town: Town, case: Case, writer: Access) -> None:
    with pytest.raises(ValueError, match="предложите другой"):
        assigning.give_back(writer, case, "Не наше", now=now(), proposed=case.department)
    assert (case.status, CaseReturn.objects.count()) == (Status.ASSIGNED, 0)


def test_return_to_a_department_of_another_city_is_refused(case: Case, writer: Access) -> None:
    foreign = department(found_town("zarechensk"), "housing")

    with pytest.raises(Refused):
        assigning.give_back(writer, case, "Не наше", now=now(), proposed=foreign)


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.APPROVER, Role.AIDE, Role.ANALYST])
def test_proposal_is_accepted_by_those_who_assign_only(town: Town, case: Case, writer: Access, role: Role) -> None:
    assigning.give_back(writer, case, "Не наше", now=now(), proposed=department(town, "housing"))

    with pytest.raises(Refused):
        assigning.accept_return(town.official(role), case, now=now())


def go_to_and_fro(town: Town, case: Case, curator: Access) -> Access:
    """Roads say housing, housing say roads: the case is where it was; returns whoever returned it last."""
    housing = department(town, "housing")
    other = access_of(make_official(town.city, (Role.EXECUTOR, housing)))
    roads = access_of(make_official(town.city, (Role.EXECUTOR, department(town, "roads"))))
    assigning.give_back(roads, case, "Двор дома, не дорога", now=now(), proposed=housing)
    assigning.accept_return(curator, case, now=now())
    assigning.give_back(other, case, "Проезд городской", now=now(), proposed=department(town, "roads"))
    return other


def test_second_return_calls_the_curators_and_one_click_decides_no_more(
    town: Town, case: Case, curator: Access
) -> None:
    go_to_and_fro(town, case, curator)

    assert Notice.objects.get(official=curator.official).kind == NoticeKind.RETURNED_TWICE
    assert [one.reason for one in returns_of(case)] == ["Двор дома, не дорога", "Проезд городской"]
    with pytest.raises(ValueError, match="дважды"):
        assigning.accept_return(curator, case, now=now())


def test_curator_decides_for_good_with_a_reason(town: Town, case: Case, curator: Access) -> None:
    go_to_and_fro(town, case, curator)
    roads = department(town, "roads")

    with pytest.raises(ValueError, match="дважды"):
        assigning.assign(curator, case, roads, now=now())
    assigning.assign(curator, case, roads, now=now(), reason="Проезд в реестре города")

    line = JournalEntry.objects.filter(case=case, action="assigned").latest("id")
    assert (line.detail["decided"], line.detail["reason"]) == (True, "Проезд в реестре города")
    again = access_of(make_official(town.city, (Role.EXECUTOR, roads)))
    with pytest.raises(ValueError, match="куратор решил"):
        assigning.give_back(again, case, "Всё равно не наше", now=now())


def test_operator_does_not_decide_what_went_to_and_fro(town: Town, case: Case, curator: Access) -> None:
    go_to_and_fro(town, case, curator)

    with pytest.raises(Refused):
        assigning.assign(town.official(Role.OPERATOR), case, department(town, "roads"), now=now(), reason="Вам")


def test_returns_are_counted_by_department(
    town: Town, case: Case, writer: Access, curator: Access, django_assert_num_queries: object
) -> None:
    assigning.give_back(writer, case, "Не наше", now=now(), proposed=department(town, "housing"))
    assigning.accept_return(curator, case, now=now())
    assigning.give_back(writer, case, "И не наше", now=now())

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = returns_by_department(town.city.pk, since=now() - timedelta(days=1))

    assert sorted((row.name, row.returned, row.accepted, row.waiting) for row in found) == [
        ("Отдел дорог", 1, 1, 0),
        ("Отдел жилищного хозяйства", 1, 0, 1),
    ]


# Asked


def asked(town: Town, case: Case, writer: Access, approver: Access) -> Case:
    replying.ask(writer, case, "Иван, с какой стороны дома яма?", now=now())
    return sent(town, case, approver)


def test_question_goes_out_only_after_another_person_approved_it(
    town: Town, case: Case, writer: Access, approver: Access
) -> None:
    due = case.answer_due_at
    replying.ask(writer, case, "Иван, с какой стороны дома яма?", now=now())
    assert (case.status, Outgoing.objects.filter(is_automated=False).count()) == (Status.APPROVAL, 0)

    sent(town, case, approver)

    assert (case.status, case.answered_at, case.outcome) == (Status.WAITING_RESIDENT, None, "")
    assert (case.answer_due_at, case.due_before_wait) == (None, due)
    assert Answer.objects.get().kind == AnswerKind.QUESTION
    assert last_line(case).action == "asked_resident"


def test_question_is_not_approved_by_its_author(town: Town, case: Case) -> None:
    both = town.official(Role.APPROVER)
    replying.ask(both, case, "С какой стороны?", now=now())

    with pytest.raises(answering.OwnDraft):
        answering.approve(both, case, now=now())


def test_residents_reply_lets_the_clock_go_on_with_what_was_left(
    town: Town, case: Case, writer: Access, approver: Access
) -> None:
    asked(town, case, writer, approver)
    calendar = calendar_of(town.city)
    left = calendar.working_between(case.waiting_since, case.due_before_wait)
    Case.objects.filter(pk=case.pk).update(executor=writer.official)
    question = case.case_messages.get().message

    town.hear("Со двора, у второго подъезда", visitor="ivan", post="7", parent=question.external_id)

    case.refresh_from_db()
    resumed = JournalEntry.objects.get(case=case, action="resident_replied")
    assert (case.status, case.waiting_since, case.due_before_wait) == (Status.IN_PROGRESS, None, None)
    expected = calendar.add_working(resumed.at, left)
    assert abs(case.answer_due_at - expected) < timedelta(minutes=2)
    assert [(row.official_id, row.kind) for row in Notice.objects.all()] == [(writer.official.pk, "replied")]


def test_voice_of_somebody_else_leaves_the_case_waiting(
    town: Town, case: Case, writer: Access, approver: Access
) -> None:
    asked(town, case, writer, approver)

    town.hear(POTHOLE, visitor="maria", post="8")

    case.refresh_from_db()
    assert (case.message_count, case.status) == (2, Status.WAITING_RESIDENT)


def test_waiting_ends_by_hand_with_a_reason(town: Town, case: Case, writer: Access, approver: Access) -> None:
    asked(town, case, writer, approver)

    with pytest.raises(ValueError, match="как узнали"):
        replying.resume(writer, case, " ", now=now())
    replying.resume(writer, case, "Позвонил сам", now=now())

    assert (case.status, last_line(case).detail["reason"]) == (Status.IN_PROGRESS, "Позвонил сам")
    assert case.answer_due_at is not None


def test_pause_keeps_the_working_time_that_was_left(town: Town, case: Case, writer: Access, approver: Access) -> None:
    due = monday(17)
    Case.objects.filter(pk=case.pk).update(answer_due_at=due, clock_minutes=480)
    case.refresh_from_db()
    replying.ask(writer, case, "С какой стороны?", now=monday(10))
    answering.approve(approver, case, now=monday(10))
    row = Outgoing.objects.get(is_automated=False)
    Outgoing.objects.filter(pk=row.pk).update(state="sent")
    row.refresh_from_db()
    answering.note_finished([row], now=monday(11))  # five working hours are left: lunch is none
    case.refresh_from_db()

    replying.resume(writer, case, "Позвонил", now=monday(15) + timedelta(days=2))

    # Three hours on Wednesday, two on Thursday.
    assert case.answer_due_at == monday(11) + timedelta(days=3)


def test_deadline_does_not_move_while_the_clock_stands_still(
    town: Town, case: Case, writer: Access, approver: Access, curator: Access
) -> None:
    asked(town, case, writer, approver)

    with pytest.raises(ValueError, match="часы стоят"):
        postponing.move_deadline(curator, case, now() + timedelta(days=3), "Ждём", now=now())


def test_taking_up_a_waiting_case_lets_its_clock_go_on(
    town: Town, case: Case, writer: Access, approver: Access
) -> None:
    asked(town, case, writer, approver)

    answering.write_draft(writer, case, "Засыпали", Outcome.RESOLVED, now=now())

    assert (case.status, case.waiting_since, case.answer_due_at is None) == (Status.DRAFTING, None, False)


# In the meantime


def test_interim_answer_starts_the_second_clock(town: Town, case: Case, writer: Access, approver: Access) -> None:
    replying.answer_interim(writer, case, "Иван, бригада выехала, закончим на неделе.", now=now())
    sent(town, case, approver)

    days = case.topic.service_level.interim_solve_days
    expected = calendar_of(town.city).add_working_days(case.interim_answered_at, days)
    assert (case.status, case.answered_at, days) == (Status.IN_PROGRESS, None, 7)
    assert (case.answer_due_at, case.solve_due_at) == (expected, expected)
    with pytest.raises(ValueError, match="уже дан"):
        replying.answer_interim(writer, case, "Ещё немного", now=now())


def test_final_answer_follows_an_interim_one(town: Town, case: Case, writer: Access, approver: Access) -> None:
    replying.answer_interim(writer, case, "Бригада выехала", now=now())
    sent(town, case, approver)
    answering.write_draft(writer, case, "Иван, засыпали", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    sent(town, case, approver)

    assert (case.status, case.outcome) == (Status.ANSWERED, Outcome.RESOLVED)
    assert list(Answer.objects.values_list("kind", "state")) == [("interim", "sent"), ("final", "sent")]


# Promised


def test_promise_tells_the_resident_a_day_and_makes_it_the_deadline(
    town: Town, case: Case, writer: Access, approver: Access
) -> None:
    day = (now() + timedelta(days=40)).date()
    replying.promise(writer, case, "Иван, положим асфальт весной", day, "Зимой асфальт не кладут", now=now())
    assert case.status == Status.APPROVAL

    sent(town, case, approver)

    assert (case.status, case.outcome, case.postponed_until) == (Status.POSTPONED, Outcome.POSTPONED, day)
    assert (case.promise_reason, case.answer_due_at) == ("Зимой асфальт не кладут", calendar_of(town.city).end_of(day))
    assert last_line(case).detail["until"] == day.isoformat()


@pytest.mark.parametrize("back", [0, 1, 400])
def test_promise_of_a_day_that_is_no_more_is_refused(case: Case, writer: Access, back: int) -> None:
    day = (now() - timedelta(days=back)).astimezone(ZoneInfo("Europe/Moscow")).date()

    with pytest.raises(ValueError, match="обещают на день"):
        replying.promise(writer, case, "Сделаем", day, "Зима", now=now())
    assert case.status == Status.ASSIGNED


def test_promise_without_a_reason_is_refused(case: Case, writer: Access) -> None:
    with pytest.raises(ValueError, match="почему так долго"):
        replying.promise(writer, case, "Сделаем", date(2100, 5, 1), " ", now=now())


def test_promise_may_be_followed_by_another_one(town: Town, case: Case, writer: Access, approver: Access) -> None:
    for days in (30, 60):
        day = (now() + timedelta(days=days)).date()
        replying.promise(writer, case, "Иван, не успели, сделаем позже", day, "Нет асфальта", now=now())
        sent(town, case, approver)

    assert (case.status, case.postponed_until) == (Status.POSTPONED, day)
    assert JournalEntry.objects.filter(case=case, action="promised").count() == 2


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CURATOR, Role.AIDE, Role.ANALYST, Role.EDITOR, Role.ADMIN])
def test_role_that_writes_no_answers_asks_and_promises_nothing(town: Town, case: Case, role: Role) -> None:
    stranger = town.official(role)

    for attempt in (
        lambda: replying.ask(stranger, case, "?", now=now()),
        lambda: replying.answer_interim(stranger, case, "…", now=now()),
        lambda: replying.promise(stranger, case, "…", date(2100, 1, 1), "…", now=now()),
        lambda: replying.resume(stranger, case, "…", now=now()),
    ):
        with pytest.raises(Refused):
            attempt()
    assert JournalEntry.objects.filter(case=case, actor=stranger.official).count() == 0


def test_executor_of_another_department_asks_nothing(town: Town, case: Case) -> None:
    stranger = town.official().official
    RoleGrant.objects.create(
        municipality=town.city, official=stranger, role=Role.EXECUTOR, department=department(town, "culture")
    )

    with pytest.raises(Refused):
        replying.ask(access_of(stranger), case, "С какой стороны?", now=now())


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.CLOSED, Status.REJECTED, Status.APPROVAL, Status.NEW])
def test_nothing_is_asked_where_no_answer_can_be_written(case: Case, writer: Access, status: Status) -> None:
    Case.objects.filter(pk=case.pk).update(status=status)
    case.refresh_from_db()

    with pytest.raises(IllegalMove):
        replying.ask(writer, case, "С какой стороны?", now=now())


# Two at once


def test_draft_that_became_another_meanwhile_is_not_overwritten(town: Town, case: Case, writer: Access) -> None:
    other = town.official(Role.EXECUTOR, name="Ольга Светлова")
    answering.write_draft(writer, case, "Первый", Outcome.EXPLAINED, now=now(), seen="")

    with pytest.raises(Overtaken):
        answering.write_draft(other, case, "Второй", Outcome.EXPLAINED, now=now(), seen="")

    assert Answer.objects.get().text == "Первый"
    answering.write_draft(other, case, "Второй", Outcome.EXPLAINED, now=now(), seen="Первый")
    assert (Answer.objects.get().text, Answer.objects.get().author) == ("Второй", other.official)


def test_reopened_case_has_a_deadline_of_its_own(town: Town, case: Case, writer: Access, approver: Access) -> None:
    answering.write_draft(writer, case, "Засыпали", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    sent(town, case, approver)
    Case.objects.filter(pk=case.pk).update(answer_due_at=now() - timedelta(days=3))
    case.refresh_from_db()

    closing.reopen(case, "Яма снова там", now=now())

    assert case.answer_due_at > now()
    assert (case.outcome, Answer.objects.get().state) == ("", AnswerState.SENT)


def test_reopened_case_may_have_an_interim_word_and_a_promise_anew(
    town: Town, case: Case, writer: Access, approver: Access
) -> None:
    replying.answer_interim(writer, case, "Бригада выехала", now=now())
    sent(town, case, approver)
    day = (now() + timedelta(days=40)).date()
    replying.promise(writer, case, "Положим асфальт весной", day, "Зима", now=now())
    sent(town, case, approver)
    answering.write_draft(writer, case, "Засыпали", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    sent(town, case, approver)

    closing.reopen(case, "Яма снова там", now=now())

    assert (case.interim_answered_at, case.solve_due_at, case.postponed_until) == (None, None, None)
    assert case.promise_reason == ""
    assert replying.answer_interim(writer, case, "Выезжаем снова", now=now()).kind == AnswerKind.INTERIM
