"""Digests and reports: prepared at the city's hour on working days, each once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from otklik.cases.models import Case
from otklik.cases.services import controlling
from otklik.cases.services.journaling import record
from otklik.insights.digest import Content
from otklik.insights.models import Digest, WeeklyReport
from otklik.insights.services.preparing import prepare_due, set_digest_hour
from otklik.insights.weekly import Figures, Week, monday_before, week_of
from otklik.org.access import Access, Refused
from otklik.org.enums import DayKind, Role
from otklik.org.models import AuditEntry, CalendarDay, Department
from otklik.pulse.models import Tally
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of September 2026: the 14th is a Monday."""
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def head(town: Town) -> Access:
    return town.official(Role.HEAD, name="head")


def days() -> list[date]:
    return list(Digest.objects.order_by("day").values_list("day", flat=True))


def test_digest_waits_for_the_citys_hour(town: Town, head: Access) -> None:
    prepare_due(now=at(15, 7, 59))
    assert days() == []

    prepare_due(now=at(15, 8))
    assert days() == [date(2026, 9, 15)]


def test_digest_is_prepared_once_however_often_the_worker_looks(town: Town, head: Access) -> None:
    town.official(Role.AIDE)
    town.official(Role.OPERATOR)

    made = [prepare_due(now=at(15, 8, minute)) for minute in (0, 1, 30)]

    assert made == [3, 0, 0]  # the head's, the aide's, and the week's report
    assert {row.official.full_name for row in Digest.objects.all()} == {"head", "Вера Лугова"}


@pytest.mark.parametrize("day", [12, 13])
def test_nothing_is_prepared_on_a_day_off(town: Town, head: Access, day: int) -> None:
    assert prepare_due(now=at(day, 10)) == 0


def test_moved_day_off_is_kept_free_too(town: Town, head: Access) -> None:
    CalendarDay.objects.create(municipality=town.city, date=date(2026, 9, 15), kind=DayKind.OFF)

    prepare_due(now=at(15, 10))

    assert days() == []


def test_weekly_report_comes_on_the_first_working_day(town: Town, head: Access) -> None:
    CalendarDay.objects.create(municipality=town.city, date=date(2026, 9, 14), kind=DayKind.OFF)

    prepare_due(now=at(14, 10))
    assert WeeklyReport.objects.count() == 0

    prepare_due(now=at(15, 8))
    prepare_due(now=at(16, 8))
    assert list(WeeklyReport.objects.values_list("monday", flat=True)) == [date(2026, 9, 7)]


def test_hour_is_chosen_by_an_administrator_and_audited(town: Town, head: Access) -> None:
    with pytest.raises(Refused):
        set_digest_hour(head, time(7, 30))

    set_digest_hour(town.official(Role.ADMIN), time(7, 30))
    prepare_due(now=at(15, 7, 30))

    assert days() == [date(2026, 9, 15)]
    assert AuditEntry.objects.get(action="digest.hour_changed").detail == {"before": "08:00", "after": "07:30"}


def test_digest_names_what_hurts_is_late_unreported_and_to_be_thanked(town: Town, head: Access) -> None:
    cases = [town.case(town.hear(f"Яма на дороге, улица Садовая, дом {n}, почините")) for n in (1, 20, 40)]
    roads = Department.objects.get(municipality=town.city, code="roads")
    Case.objects.update(department=roads, opened_at=at(14, 9), answer_due_at=at(30, 18))
    Case.objects.filter(pk=cases[0].pk).update(answer_due_at=at(14, 18))
    Case.objects.filter(pk=cases[1].pk).update(status="closed", verdict="solved", closed_at=at(14, 17))
    cases[2].refresh_from_db()
    controlling.set_control(head, cases[2], now=at(14, 9))
    cases[2].controls.get().checkpoints.filter(percent=25).update(state="missed", wakes_at=None)
    Tally.objects.all().delete()
    for moment, told in ((at(14, 21), 5), (at(13, 21), 2)):
        Tally.objects.create(
            municipality=town.city, hour=moment, day=date(2026, 9, 14), topic_code="roads.pothole", requests=told
        )

    prepare_due(now=at(15, 8))
    content = Content.read(Digest.objects.get().content)

    assert content.counts == {"control": 1, "overdue": 1, "approval": 0, "questions": 0, "solved": 1, "surges": 0}
    assert [(one.topic_code, one.messages, one.before) for one in content.hurts] == [("roads.pothole", 5, 2)]
    assert content.grew == content.hurts
    assert (content.late, content.unreported) == ([cases[0].number], [cases[2].number])
    assert content.thanked == [(roads.pk, 1)]
    assert content.since == at(14, 18).isoformat()


def test_week_counts_by_department_and_by_day_of_the_city(town: Town) -> None:
    roads = Department.objects.get(municipality=town.city, code="roads")
    made = [town.case(town.hear(f"Яма на дороге, улица Садовая, дом {n}, почините")) for n in (1, 20, 40, 60)]
    Case.objects.update(department=roads, opened_at=at(7, 0, 1), answer_due_at=at(8, 18))
    on_time, late, other, spam = made
    answered = {"status": "answered", "answered_at": at(8, 12)}
    Case.objects.filter(pk=on_time.pk).update(**answered | {"verdict": "solved", "closed_at": at(13, 23, 59)})
    Case.objects.filter(pk=late.pk).update(status="answered", answered_at=at(14, 0, 0))
    Case.objects.filter(pk=other.pk).update(department=None, opened_at=at(6, 23, 59), answer_due_at=at(20, 18))
    Case.objects.filter(pk=spam.pk).update(status="rejected")
    record(late, "reopened", at=at(9, 10))

    found = week_of(town.city, date(2026, 9, 7))

    assert found.departments == {str(roads.pk): Figures(asked=2, answered=1, late=1, confirmed=1, reopened=1)}
    assert week_of(town.city, date(2026, 8, 31)).departments == {"0": Figures(asked=1)}


def test_report_keeps_what_the_week_before_said(town: Town, head: Access) -> None:
    prepare_due(now=at(14, 8))
    said = {"1": {"asked": 9, "answered": 8, "late": 1, "confirmed": 7, "reopened": 0}}
    WeeklyReport.objects.update(content={"now": said, "before": {}})

    prepare_due(now=at(21, 8))

    newest = WeeklyReport.objects.first()
    assert newest is not None
    assert (newest.monday, newest.content["before"]) == (date(2026, 9, 14), said)
    assert Week.read(said).total == Figures(9, 8, 1, 7, 0)


@pytest.mark.parametrize(("day", "monday"), [(14, 7), (16, 7), (20, 7), (21, 14)])
def test_report_is_about_the_week_before(day: int, monday: int) -> None:
    assert monday_before(date(2026, 9, day)) == date(2026, 9, monday)


def test_other_citys_cases_are_not_counted(town: Town, head: Access) -> None:
    other = found_town("zarechensk")
    stranger = other.official(Role.HEAD)
    case = other.case(other.hear("Яма на дороге, улица Садовая, дом 1, почините"))
    Case.objects.filter(pk=case.pk).update(answer_due_at=at(14, 9), opened_at=at(14, 8))

    prepare_due(now=at(15, 8))

    late = {row.official_id: Content.read(row.content).late for row in Digest.objects.all()}
    assert late == {head.official.pk: [], stranger.official.pk: [case.number]}
