"""Cases out of sight for a while: for one or for all, never what is hot or late, back by themselves, and at no cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.lists import Filters, away_counts, inbox
from otklik.cases.models import BulkAction, Case, JournalEntry
from otklik.cases.reading import snooze_of
from otklik.cases.services import assigning, snoozing
from otklik.cases.services.bulk import UNDO_FOR, TooLate
from otklik.cases.services.snoozing import SnoozeFor
from otklik.cases.snoozes import Snooze
from otklik.common.clock import now
from otklik.org.access import Access, Refused
from otklik.org.enums import DayKind, Role
from otklik.org.models import CalendarDay
from otklik.org.queries import calendar_of
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    case = town.case(town.hear(POTHOLE, visitor="ivan", post="7"))
    Case.objects.filter(pk=case.pk).update(answer_due_at=now() + timedelta(days=30))
    case.refresh_from_db()
    return case


@pytest.fixture
def me(town: Town) -> Access:
    return town.official(Role.CURATOR)


def shown(access: Access, view: str = "open", *, at: datetime | None = None) -> list[int]:
    return list(inbox(access, Filters(view=view), now=at or now()).values_list("pk", flat=True))


def test_case_is_out_of_my_queues_only_and_the_view_of_what_is_away_has_it(town: Town, case: Case, me: Access) -> None:
    colleague = town.official(Role.CURATOR)

    snoozing.snooze(me, case, SnoozeFor.TOMORROW, now=now())

    assert (shown(me), shown(me, "snoozed"), shown(me, "all")) == ([], [case.pk], [case.pk])
    assert (shown(colleague), shown(colleague, "snoozed")) == ([case.pk], [])
    assert not JournalEntry.objects.filter(case=case, action="snoozed").exists()


def test_case_comes_back_when_its_time_has_come(case: Case, me: Access) -> None:
    snoozing.snooze(me, case, SnoozeFor.TOMORROW, now=now())
    row = Snooze.objects.get()

    assert shown(me, at=row.until - timedelta(minutes=1)) == []
    assert shown(me, at=row.until) == [case.pk]


def test_case_comes_back_when_something_new_comes(town: Town, case: Case, me: Access) -> None:
    snoozing.snooze(me, case, SnoozeFor.NEWS, now=now())
    before = shown(me)
    question = case.case_messages.get().message

    town.hear("А вчера ещё глубже стала", visitor="ivan", post="7", parent=question.external_id)

    case.refresh_from_db()
    assert (before, shown(me), snooze_of(me, case, now=now())) == ([], [case.pk], None)


def test_case_that_a_colleague_moves_comes_back(town: Town, case: Case, me: Access) -> None:
    snoozing.snooze(me, case, SnoozeFor.WEEK, now=now())

    assigning.take(town.official(Role.EXECUTOR), case, now=now())

    assert shown(me) == [case.pk]


@pytest.mark.parametrize(
    "heat",
    [{"urgency": 3}, {"personal_control": True}, {"answer_due_at": datetime(2026, 1, 1, tzinfo=UTC)}],
    ids=["urgent", "control", "late"],
)
def test_nothing_hot_is_put_away_and_what_gets_hot_comes_back(case: Case, me: Access, heat: dict[str, object]) -> None:
    snoozing.snooze(me, case, SnoozeFor.WEEK, now=now())
    Case.objects.filter(pk=case.pk).update(**heat)
    case.refresh_from_db()

    assert (shown(me), snooze_of(me, case, now=now())) == ([case.pk], None)
    with pytest.raises(ValueError, match="на виду"):
        snoozing.snooze(me, case, SnoozeFor.WEEK, now=now())


def test_case_without_a_deadline_may_be_away(case: Case, me: Access) -> None:
    Case.objects.filter(pk=case.pk).update(answer_due_at=None)
    case.refresh_from_db()

    snoozing.snooze(me, case, SnoozeFor.WEEK, now=now())

    assert (shown(me), shown(me, "snoozed")) == ([], [case.pk])


def test_case_is_away_for_all_only_by_those_who_pass_cases_on_and_the_history_says_so(
    town: Town, case: Case, me: Access
) -> None:
    executor = town.official(Role.EXECUTOR)

    with pytest.raises(Refused):
        snoozing.snooze(executor, case, SnoozeFor.WEEK, now=now(), for_all=True)
    snoozing.snooze(me, case, SnoozeFor.WEEK, now=now(), for_all=True)
    away = shown(executor)
    snoozing.bring_back(executor, case, now=now())
    still = shown(executor)
    snoozing.bring_back(me, case, now=now())

    assert (away, still, shown(executor)) == ([], [], [case.pk])
    lines = JournalEntry.objects.filter(case=case, action__in=["snoozed", "snooze_ended"]).order_by("id")
    assert [(line.action, line.actor) for line in lines] == [("snoozed", me.official), ("snooze_ended", me.official)]


def test_case_of_another_city_or_department_is_not_mine_to_put_away(town: Town, case: Case) -> None:
    stranger = found_town("zarechensk").official(Role.CURATOR)
    analyst = town.official(Role.ANALYST)

    outcome = snoozing.snooze_many(stranger, [case.pk], SnoozeFor.WEEK, now=now())
    with pytest.raises(Refused):
        snoozing.snooze(analyst, case, SnoozeFor.WEEK, now=now())

    assert (outcome.done, outcome.refused, Snooze.objects.count()) == ([], {}, 0)


def test_many_are_put_away_and_taken_back_while_it_is_fresh(town: Town, case: Case, me: Access) -> None:
    hot = town.case(town.hear("Прорвало трубу на улице Лесной, дом 3, заливает подвал", visitor="olga"))
    Case.objects.filter(pk=hot.pk).update(urgency=3)

    outcome = snoozing.snooze_many(me, [case.pk, hot.pk], SnoozeFor.WEEK, now=now())
    away = shown(me)
    undone = snoozing.undo_many(me, outcome.action, now=now())

    assert (outcome.done, outcome.refused) == ([case.number], {"hot": [hot.number]})
    assert (away, undone.done, len(shown(me))) == ([hot.pk], [case.number], 2)
    with pytest.raises(TooLate):
        snoozing.undo_many(me, outcome.action, now=now())


def test_nobody_takes_back_what_another_put_away(town: Town, case: Case, me: Access) -> None:
    outcome = snoozing.snooze_many(me, [case.pk], SnoozeFor.WEEK, now=now())

    with pytest.raises(Refused):
        snoozing.undo_many(town.official(Role.CURATOR), outcome.action, now=now())
    with pytest.raises(TooLate):
        snoozing.undo_many(me, outcome.action, now=outcome.action.at + UNDO_FOR + timedelta(seconds=1))
    assert (Snooze.objects.count(), BulkAction.objects.get().undone_at) == (1, None)


def test_putting_away_again_keeps_one_wish(case: Case, me: Access) -> None:
    snoozing.snooze(me, case, SnoozeFor.TOMORROW, now=now())
    snoozing.snooze(me, case, SnoozeFor.NEWS, now=now())
    snoozing.snooze(me, case, SnoozeFor.NEWS, now=now(), for_all=True)

    assert sorted((row.official is None, row.until) for row in Snooze.objects.all()) == [(False, None), (True, None)]


@pytest.mark.parametrize(
    ("how_long", "comes_back"),
    [
        (SnoozeFor.TOMORROW, "2026-09-15 09:00"),
        (SnoozeFor.THREE_DAYS, "2026-09-18 09:00"),
        (SnoozeFor.WEEK, "2026-09-21 09:00"),
    ],
)
def test_time_to_come_back_is_when_work_begins(town: Town, how_long: SnoozeFor, comes_back: str) -> None:
    zone = ZoneInfo("Europe/Moscow")
    CalendarDay.objects.create(municipality=town.city, date=datetime(2026, 9, 16).date(), kind=DayKind.OFF)  # noqa: DTZ001 - only its date
    monday = datetime(2026, 9, 14, 15, 30, tzinfo=zone)

    found = snoozing.until(how_long, calendar_of(town.city), now=monday)

    assert f"{found.astimezone(zone):%Y-%m-%d %H:%M}" == comes_back


def test_counts_leave_out_what_is_away_in_one_query(town: Town, case: Case, me: Access) -> None:
    costs = []
    lists = {view: Filters(view=view) for view in ("open", "new", "returned", "urgent")}
    for count in (1, 30):
        for number in range(count):
            town.hear(
                f"На улице Новой, дом {number + 1}, корпус {count}, не горит фонарь", visitor=f"v{count}-{number}"
            )
        snoozing.snooze_many(me, list(Case.objects.values_list("pk", flat=True)), SnoozeFor.NEWS, now=now())
        with CaptureQueriesContext(connection) as queries:
            counts = away_counts(me, lists, now=now())
        costs.append(len(queries))

    assert costs == [1, 1]
    away = len(shown(me, "snoozed"))
    assert away >= 2
    assert counts == {
        "open": away,
        "new": len(shown(me, "snoozed")) - Case.objects.exclude(status="new").count(),
        "returned": 0,
    }
