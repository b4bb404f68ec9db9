"""What time does to cases: warnings by the ladder, each once and never at night; questions and promises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.cases import timing
from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services import postponing
from otklik.cases.services.waking import wake_due
from otklik.common.clock import now
from otklik.notices.models import Notice
from otklik.notices.services.telling import mark_seen
from otklik.org.access import Access, access_of
from otklik.org.enums import Clock, DayKind, Role
from otklik.org.models import CalendarDay, Department, Official, RoleGrant
from otklik.org.queries import calendar_of, officials_for
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of an ordinary week: the 14th of September 2026 is a Monday."""
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def people(town: Town) -> dict[Role, Official]:
    roles = (Role.EXECUTOR, Role.APPROVER, Role.CURATOR, Role.AIDE)
    return {role: town.official(role, name=role.value).official for role in roles}


@pytest.fixture
def case(town: Town, people: dict[Role, Official]) -> Case:
    """Due at the end of a working day that is its whole time: eight hours with an hour for lunch between."""
    found = town.case(town.hear("На улице Садовой, дом 12, огромная яма на дороге, когда почините?"))
    found.executor = people[Role.EXECUTOR]
    values = timing.fresh(found, now=at(14, 9), due_at=at(14, 18))
    Case.objects.filter(pk=found.pk).update(executor=found.executor, opened_at=at(14, 9), **values)
    found.refresh_from_db()
    return found


def told(**narrowed: object) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(**narrowed).order_by("id")
    return [(row.kind, row.official.full_name) for row in rows]


def test_half_of_the_working_time_wakes_the_case(case: Case) -> None:
    assert (case.clock_minutes, case.wakes_at) == (480, at(14, 14))  # four hours, and lunch


@pytest.mark.parametrize(
    ("moment", "kinds"),
    [
        (at(14, 13, 30), []),
        (at(14, 14), [("half_used", "executor")]),
        (at(14, 16), [("nearly_late", "executor"), ("nearly_late", "approver")]),
        (at(14, 18, 0), [("late", "executor"), ("late", "approver"), ("late", "curator")]),
        (at(15, 14), [("very_late", "curator"), ("very_late", "aide")]),
    ],
)
def test_ladder_goes_upwards_with_the_time_that_is_used(
    case: Case, moment: datetime, kinds: list[tuple[str, str]]
) -> None:
    Case.objects.filter(pk=case.pk).update(wakes_at=min(case.wakes_at, moment))
    # The very end of a working day is not working time any more: it is told in the morning.
    wake_due(now=moment if moment.astimezone(ZONE).hour < 18 else at(15, 9))

    assert sorted(told()) == sorted(kinds)


def test_each_step_is_told_once_however_often_the_worker_looks(case: Case) -> None:
    for minute in range(0, 25 * 60, 30):
        wake_due(now=at(14, 9) + timedelta(minutes=minute))
        wake_due(now=at(14, 9) + timedelta(minutes=minute))

    steps = [kind for kind, name in told() if name == "executor"]
    assert steps == ["half_used", "nearly_late", "late"]


def test_nobody_is_told_at_night(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(warned=75, wakes_at=at(14, 18))

    wake_due(now=at(14, 23, 50))
    case.refresh_from_db()
    assert (told(), case.wakes_at) == ([], at(15, 9))

    wake_due(now=at(15, 9))
    assert ("late", "curator") in told()


def test_friday_evening_is_told_on_monday_and_after_a_day_off_later(town: Town, case: Case) -> None:
    CalendarDay.objects.create(municipality=town.city, date=date(2026, 9, 21), kind=DayKind.OFF, note="день города")
    Case.objects.filter(pk=case.pk).update(warned=75, wakes_at=at(18, 18))

    wake_due(now=at(18, 18, 30))

    case.refresh_from_db()
    assert case.wakes_at == at(22, 9)


def test_deadline_that_was_moved_is_warned_of_anew(case: Case, town: Town) -> None:
    wake_due(now=at(14, 14))
    case.refresh_from_db()
    postponing.move_deadline(town.official(Role.CURATOR), case, at(15, 18), "Ждём асфальт", now=at(14, 14))
    assert (case.warned, case.clock_minutes) == (0, 720)

    wake_due(now=at(15, 11))

    assert [kind for kind, _ in told(official=case.executor)] == ["half_used", "half_used"]


def test_answered_case_says_nothing_any_more(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(status=Status.ANSWERED)

    wake_due(now=at(15, 12))

    case.refresh_from_db()
    assert (told(), case.wakes_at) == ([], None)


def test_nobody_took_it_so_the_departments_head_is_told_first(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(executor=None)

    wake_due(now=at(14, 14))

    assert told() == [("half_used", "approver")]


def test_head_of_the_department_is_told_before_those_of_the_whole_city(town: Town, case: Case) -> None:
    mine = town.official(name="роads").official
    RoleGrant.objects.create(
        municipality=town.city, official=mine, role=Role.APPROVER, department=Department.objects.get(code="roads")
    )

    assert officials_for(town.city.pk, Role.APPROVER, case.department_id) == [mine.pk]
    assert mine.pk not in officials_for(town.city.pk, Role.APPROVER, None)


def test_other_citys_officials_are_told_nothing(town: Town, case: Case) -> None:
    found_town("zarechensk").official(Role.APPROVER, name="чужой")

    wake_due(now=at(14, 16))

    assert "чужой" not in [name for _, name in told()]


def waiting(case: Case) -> Case:
    changes = timing.paused(case, now=at(14, 10))
    Case.objects.filter(pk=case.pk).update(status=Status.WAITING_RESIDENT, **changes)
    case.refresh_from_db()
    return case


def test_executor_is_reminded_of_a_question_once(case: Case) -> None:
    waiting(case)
    for day in range(14, 28):
        wake_due(now=at(day, 12))

    assert told() == [("no_reply_yet", "executor")]


def test_question_without_a_word_closes_the_case_with_an_honest_note(case: Case) -> None:
    waiting(case)
    for day in range(14, 30):
        wake_due(now=at(day, 12))

    case.refresh_from_db()
    line = JournalEntry.objects.filter(case=case).latest("id")
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.NO_REPLY)
    assert (line.action, line.detail["days"], line.actor) == ("closed_unanswered", 14, None)
    assert told()[-1] == ("closed_unanswered", "executor")


def promised(case: Case, day: date) -> Case:
    changes = timing.promised(case, day, now=at(1, 10))
    Case.objects.filter(pk=case.pk).update(status=Status.POSTPONED, **changes)
    case.refresh_from_db()
    return case


def test_promise_is_looked_at_every_thirty_days_and_when_it_is_over(case: Case) -> None:
    promised(case, date(2026, 11, 20))
    moment = at(1, 10)
    while moment < at(1, 10) + timedelta(days=90):
        wake_due(now=moment)
        moment += timedelta(hours=6)

    kinds = [kind for kind, name in told() if name == "executor"]
    assert kinds == ["promise_review", "promise_review", "promise_due"]
    assert ("promise_due", "curator") in told()


def test_promise_for_a_day_off_ends_on_the_working_day_before(case: Case) -> None:
    promised(case, date(2026, 9, 20))

    assert (case.postponed_until, case.answer_due_at) == (date(2026, 9, 20), at(18, 18))


def test_clock_counts_several_intervals_and_moved_days(town: Town) -> None:
    CalendarDay.objects.create(municipality=town.city, date=date(2026, 9, 19), kind=DayKind.WORK)
    CalendarDay.objects.create(municipality=town.city, date=date(2026, 9, 18), kind=DayKind.SHORT)
    clock = timing.CaseClock(calendar_of(town.city), Clock.WORKING)

    assert clock.minutes(at(18, 12), at(19, 10)) == 60 + 180 + 60  # to lunch, to the short day's end, Saturday's first
    assert clock.after(at(18, 12), 300) == at(19, 10)
    assert clock.minutes(at(19, 18), at(21, 9)) == 0


def test_clock_around_the_clock_still_tells_nobody_at_night(town: Town) -> None:
    clock = timing.CaseClock(calendar_of(town.city), Clock.AROUND)

    assert clock.after(at(14, 22), 120) == at(15, 0)
    assert clock.next_warning(now=at(14, 22), due_at=at(15, 0), total=120, warned=0) == at(15, 9)


def test_seen_notices_are_only_ones_own(case: Case, people: dict[Role, Official]) -> None:
    wake_due(now=at(14, 16))
    mine: Access = access_of(people[Role.EXECUTOR])
    newest = Notice.objects.latest("id").pk

    assert mark_seen(mine, newest, now=now()) == 1
    assert Notice.objects.filter(seen_at=None).get().official == people[Role.APPROVER]


def test_many_due_cases_are_taken_the_longest_due_first(case: Case) -> None:
    assert (wake_due(now=at(14, 13)), wake_due(now=at(14, 14), limit=1), wake_due(now=at(14, 14))) == (0, 1, 0)
