"""Personal control: checkpoints in the case's own clock, reports, and who lets go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases import timing
from otklik.cases.control import Checkpoint, ControlReport, PersonalControl
from otklik.cases.enums import CheckpointState, ControlState, Status
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services import controlling, moving, postponing
from otklik.cases.services.checkpointing import wake_checkpoints
from otklik.cases.services.controlling import look_after_controls
from otklik.cases.services.moving import Overtaken
from otklik.cases.watching import watched_case, watched_of
from otklik.notices.models import Notice
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of an ordinary week: the 14th of September 2026 is a Monday; work is from 9 to 18, lunch at 13."""
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def people(town: Town) -> dict[Role, Access]:
    roles = (Role.EXECUTOR, Role.APPROVER, Role.CURATOR, Role.AIDE, Role.HEAD)
    return {role: town.official(role, name=role.value) for role in roles}


@pytest.fixture
def case(town: Town, people: dict[Role, Access]) -> Case:
    """Due at the end of a working day of eight hours."""
    found = town.case(town.hear("На улице Садовой, дом 12, огромная яма на дороге, когда почините?"))
    values = timing.fresh(found, now=at(14, 9), due_at=at(14, 18))
    executor = people[Role.EXECUTOR].official
    Case.objects.filter(pk=found.pk).update(executor=executor, opened_at=at(14, 9), **values)
    found.refresh_from_db()
    return found


def points(case: Case) -> list[tuple[int | None, str, datetime | None]]:
    rows = Checkpoint.objects.filter(control__case=case).order_by("id")
    return [(row.percent, row.state, row.at) for row in rows]


def told(kind: str) -> list[str]:
    return sorted(row.official.full_name for row in Notice.objects.filter(kind=kind))


def test_one_tap_plans_three_checkpoints_in_working_time(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.AIDE], case, now=at(14, 9))

    ahead = CheckpointState.AHEAD
    assert points(case) == [(25, ahead, at(14, 11)), (50, ahead, at(14, 14)), (75, ahead, at(14, 16))]
    assert PersonalControl.objects.get(case=case).set_by == people[Role.AIDE].official
    assert told("controlled") == ["approver", "executor"]


def test_second_tap_changes_nothing(case: Case, people: dict[Role, Access]) -> None:
    for _ in range(2):
        controlling.set_control(people[Role.HEAD], case, now=at(14, 9))

    assert (PersonalControl.objects.count(), len(points(case))) == (1, 3)
    assert JournalEntry.objects.filter(case=case, action="control_set").count() == 1


def test_plan_is_counted_from_the_tap_not_from_the_opening(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 14))  # four hours are left

    assert [moment for _, _, moment in points(case)] == [at(14, 15), at(14, 16), at(14, 17)]


def test_late_case_reports_at_once(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(15, 10))

    assert points(case) == [(100, CheckpointState.AHEAD, at(15, 10))]


def test_checkpoint_wakes_the_department_and_the_controller_once(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))

    for _ in range(3):
        wake_checkpoints(now=at(14, 11))

    due = Notice.objects.filter(kind="report_due")
    assert told("report_due") == ["approver", "executor"]
    assert {row.due_at for row in due} == {at(14, 13)}  # two working hours: a quarter of eight
    assert told("checkpoint") == ["aide", "head"]
    assert points(case)[0][1] == CheckpointState.DUE


def test_missing_report_is_told_to_the_head_once(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.AIDE], case, now=at(14, 9))
    wake_checkpoints(now=at(14, 11))

    for _ in range(3):
        wake_checkpoints(now=at(14, 14))

    assert told("report_missing") == ["aide", "approver", "executor", "head"]
    assert points(case)[0][1] == CheckpointState.MISSED
    watched = watched_case(case, now=at(14, 14))
    assert watched is not None
    assert watched.state == ControlState.MISSED


def test_report_in_time_settles_what_was_asked(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))
    wake_checkpoints(now=at(14, 11))

    controlling.report(people[Role.EXECUTOR], case, " Бригада выехала ", now=at(14, 12))
    wake_checkpoints(now=at(14, 13, 30))

    assert [state for _, state, _ in points(case)] == ["reported", "ahead", "ahead"]
    assert ControlReport.objects.get().text == "Бригада выехала"
    assert told("reported") == ["aide", "head"]
    assert told("report_missing") == []
    assert JournalEntry.objects.filter(case=case, action="control_reported").get().detail == {"text": "Бригада выехала"}


def test_worker_that_slept_asks_for_one_report_not_three(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))

    wake_checkpoints(now=at(14, 17))

    assert [state for _, state, _ in points(case)] == ["dropped", "dropped", "due"]
    assert told("report_due") == ["approver", "executor"]


def test_nobody_is_asked_at_night(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))

    wake_checkpoints(now=at(14, 23))
    assert told("report_due") == []

    wake_checkpoints(now=at(15, 9))
    assert told("report_due") == ["approver", "executor"]


def test_pause_stops_the_plan_and_keeps_its_shares(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))
    Case.objects.filter(pk=case.pk).update(status=Status.APPROVAL)
    case.refresh_from_db()

    paused = timing.paused(case, now=at(14, 10))
    moving.move(case, Status.WAITING_RESIDENT, at=at(14, 10), action="asked_resident", **paused)
    assert [moment for _, _, moment in points(case)] == [None, None, None]
    wake_checkpoints(now=at(15, 12))
    assert told("report_due") == []

    moving.move(case, Status.IN_PROGRESS, at=at(15, 9), action="resumed")  # an hour was used up before the pause
    assert [moment for _, _, moment in points(case)] == [at(15, 10), at(15, 12), at(15, 15)]


def test_moved_deadline_is_planned_anew(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))
    wake_checkpoints(now=at(14, 11))

    postponing.move_deadline(people[Role.CURATOR], case, at(16, 11), "Ждём материал", now=at(14, 11))

    assert [(percent, state) for percent, state, _ in points(case)] == [
        (25, "due"),
        (25, "ahead"),
        (50, "ahead"),
        (75, "ahead"),
    ]
    assert [moment for _, state, moment in points(case) if state == "ahead"] == [at(14, 16), at(15, 11), at(15, 16)]


def test_head_asks_for_a_report_and_the_department_hears_of_it(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))

    controlling.ask_report(people[Role.HEAD], case, "Когда закатаете?", now=at(14, 9, 30))
    wake_checkpoints(now=at(14, 9, 30))

    asked = Checkpoint.objects.get(percent=None)
    assert (asked.state, asked.question, asked.asked_by) == ("due", "Когда закатаете?", people[Role.HEAD].official)
    assert told("report_due") == ["approver", "executor"]
    assert told("checkpoint") == []


def test_pressed_twice_is_asked_once_and_reported_once(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))
    asked = [
        controlling.ask_report(people[Role.HEAD], case, "Когда закатаете?", now=at(14, 10) + timedelta(seconds=after))
        for after in (0, 2)
    ]
    reports = [
        controlling.report(people[Role.EXECUTOR], case, "Сделано", now=at(14, 11) + timedelta(seconds=after))
        for after in (0, 2)
    ]
    controlling.ask_report(people[Role.HEAD], case, "А вторая яма?", now=at(14, 11) + timedelta(seconds=10))
    later = controlling.report(people[Role.EXECUTOR], case, "Сделано", now=at(14, 11) + timedelta(seconds=20))

    assert (asked[0] == asked[1], reports[0] == reports[1], later in reports) == (True, True, False)
    assert ControlReport.objects.count() == 2
    assert JournalEntry.objects.filter(case=case, action="report_asked").count() == 2


def test_report_given_before_the_worker_asks_answers_the_question(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))
    controlling.ask_report(people[Role.HEAD], case, "", now=at(14, 20))

    controlling.report(people[Role.APPROVER], case, "Сделано", now=at(14, 20, 5))
    Checkpoint.objects.filter(percent__isnull=False).delete()
    wake_checkpoints(now=at(15, 9))

    assert points(case) == [(None, "reported", at(15, 9))]
    assert told("report_due") == []


def test_only_the_head_lets_go_and_an_aide_proposes(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.AIDE], case, now=at(14, 9))
    with pytest.raises(Refused):
        controlling.clear_control(people[Role.AIDE], case, now=at(14, 10))
    with pytest.raises(Refused):
        controlling.keep_control(people[Role.AIDE], case, now=at(14, 10))

    controlling.propose_release(people[Role.AIDE], case, "Сделано, фото есть", now=at(14, 10))
    with pytest.raises(Overtaken):
        controlling.propose_release(people[Role.AIDE], case, "Ещё раз", now=at(14, 10))
    assert told("release_proposed") == ["head"]

    controlling.clear_control(people[Role.HEAD], case, now=at(14, 11))
    case.refresh_from_db()
    control = PersonalControl.objects.get()
    assert (case.personal_control, control.ended_by, control.ended_at) == (
        False,
        people[Role.HEAD].official,
        at(14, 11),
    )
    assert {state for _, state, _ in points(case)} == {"dropped"}
    wake_checkpoints(now=at(14, 17))
    assert told("report_due") == []


def test_head_keeps_what_was_proposed_to_be_let_go(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.AIDE], case, now=at(14, 9))
    controlling.propose_release(people[Role.AIDE], case, "Сделано", now=at(14, 10))

    controlling.keep_control(people[Role.HEAD], case, now=at(14, 11))

    assert PersonalControl.objects.get().proposed_at is None
    with pytest.raises(Overtaken):
        controlling.keep_control(people[Role.HEAD], case, now=at(14, 12))


@pytest.mark.parametrize("role", [Role.CURATOR, Role.AIDE])
def test_report_is_the_departments(case: Case, people: dict[Role, Access], role: Role) -> None:
    controlling.set_control(people[Role.AIDE], case, now=at(14, 9))

    with pytest.raises(Refused):
        controlling.report(people[role], case, "Сделано", now=at(14, 10))


def test_report_without_words_or_without_control_is_refused(case: Case, people: dict[Role, Access]) -> None:
    with pytest.raises(ValueError, match="не под личным контролем"):
        controlling.report(people[Role.EXECUTOR], case, "Сделано", now=at(14, 10))
    controlling.set_control(people[Role.AIDE], case, now=at(14, 9))
    with pytest.raises(ValueError, match="отчёт пуст"):
        controlling.report(people[Role.EXECUTOR], case, "  ", now=at(14, 10))
    with pytest.raises(ValueError, match="длинный"):
        controlling.report(people[Role.EXECUTOR], case, "а" * 2001, now=at(14, 10))


def test_answered_case_is_asked_no_more_and_waits_for_the_head(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))
    Case.objects.filter(pk=case.pk).update(status=Status.ANSWERED)

    wake_checkpoints(now=at(14, 12))

    assert told("report_due") == []
    (watched,) = watched_of(people[Role.HEAD], now=at(14, 12))
    assert (watched.state, watched.checkpoints[0].state) == (ControlState.RELEASE, CheckpointState.DROPPED)


def test_worker_plans_for_cases_flagged_many_at_once_and_ends_what_was_let_go(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(personal_control=True)
    for _ in range(2):
        look_after_controls(now=at(14, 9))
    assert (PersonalControl.objects.filter(ended_at=None).count(), len(points(case))) == (1, 3)

    Case.objects.filter(pk=case.pk).update(personal_control=False)
    look_after_controls(now=at(14, 10))

    assert PersonalControl.objects.filter(ended_at=None).count() == 0
    assert {state for _, state, _ in points(case)} == {"dropped"}


@pytest.mark.parametrize("count", [1, 5])
def test_query_count_of_what_is_watched_does_not_depend_on_it(
    town: Town, people: dict[Role, Access], count: int
) -> None:
    for number in range(count):
        found = town.case(town.hear(f"Яма на дороге, улица Садовая, дом {number * 7 + 1}, почините"))
        controlling.set_control(people[Role.HEAD], found, now=found.opened_at + timedelta(minutes=1))

    with CaptureQueriesContext(connection) as asked:
        found = watched_of(people[Role.HEAD], now=at(14, 9))

    assert (len(found), len(asked)) == (count, 3)


def test_other_city_sees_and_touches_nothing(case: Case, people: dict[Role, Access]) -> None:
    controlling.set_control(people[Role.HEAD], case, now=at(14, 9))

    stranger = found_town("zarechensk").official(Role.HEAD)

    assert watched_of(stranger, now=at(14, 9)) == []
