"""Many cases at once: all that may be, in one transaction; the others named; and undone where nothing moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.enums import BulkKind, Status
from otklik.cases.models import BulkAction, Case, JournalEntry
from otklik.cases.services import assigning
from otklik.cases.services.bulk import MOST, TooLate, Wish, do_to_many, undo
from otklik.org.access import Refused, access_of
from otklik.org.models import Department, Topic
from tests.desk.office import Office, make_office, make_stranger


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def utilities(office: Office) -> Department:
    return Department.objects.get(municipality=office.town.city, code="utilities")


def test_cases_go_to_a_department_with_a_line_each(office: Office) -> None:
    cases = [office.case(), office.case()]
    access, there = access_of(office.curator), utilities(office)

    outcome = do_to_many(
        access, [one.pk for one in cases], Wish(BulkKind.ASSIGN, department=there, reason="их"), now=office.town.now
    )

    assert (outcome.done, outcome.refused) == ([one.number for one in cases], {})
    assert set(Case.objects.values_list("department", "status")) == {(there.pk, Status.ASSIGNED)}
    lines = JournalEntry.objects.filter(action="assigned", actor=office.curator)
    assert [line.detail["reason"] for line in lines] == ["их", "их"]


def test_refused_ones_say_why_and_the_others_are_done(office: Office) -> None:
    topic = Topic.objects.get(municipality=office.town.city, code="roads.pothole")
    same, done, closed = office.case(), office.case(topic="roads.other"), office.case(topic="roads.other")
    Case.objects.filter(pk=closed.pk).update(status=Status.CLOSED)

    outcome = do_to_many(
        access_of(office.curator),
        [same.pk, done.pk, closed.pk, 999],
        Wish(BulkKind.TOPIC, topic=topic),
        now=office.town.now,
    )

    assert (outcome.done, outcome.refused) == ([done.number], {"same": [same.number], "status": [closed.number]})


def test_returned_case_is_decided_by_itself(office: Office) -> None:
    case = office.case()
    Case.objects.filter(pk=case.pk).update(status=Status.RETURNED)

    outcome = do_to_many(
        access_of(office.curator),
        [case.pk],
        Wish(BulkKind.ASSIGN, department=utilities(office)),
        now=office.town.now,
    )

    assert (outcome.done, outcome.refused) == ([], {"alone": [case.number]})


def test_rejecting_needs_a_reason_and_control_its_permission(office: Office) -> None:
    case = office.case()

    with pytest.raises(ValueError, match="criticism"):
        do_to_many(access_of(office.curator), [case.pk], Wish(BulkKind.REJECT), now=office.town.now)
    with pytest.raises(Refused):
        do_to_many(access_of(office.curator), [case.pk], Wish(BulkKind.CONTROL), now=office.town.now)
    with pytest.raises(Refused):
        do_to_many(access_of(office.executor), [case.pk], Wish(BulkKind.REJECT, reason="x"), now=office.town.now)


def test_another_citys_cases_are_not_touched(office: Office) -> None:
    case = office.case()

    outcome = do_to_many(
        access_of(make_stranger()), [case.pk], Wish(BulkKind.REJECT, reason="спам"), now=office.town.now
    )

    case.refresh_from_db()
    assert (outcome.done, outcome.refused, case.status) == ([], {}, Status.ASSIGNED)


def test_undo_brings_every_case_back_as_it_was(office: Office) -> None:
    taken, new = office.case(), office.case()
    assigning.take(access_of(office.executor), taken, now=office.town.now)
    access = access_of(office.curator)
    before = list(Case.objects.order_by("pk").values("status", "executor", "department", "closed_at"))
    outcome = do_to_many(access, [taken.pk, new.pk], Wish(BulkKind.REJECT, reason="спам"), now=office.town.now)

    back = undo(access, outcome.action, now=office.town.now + timedelta(minutes=1))

    assert back.done == [taken.number, new.number]
    assert list(Case.objects.order_by("pk").values("status", "executor", "department", "closed_at")) == before
    assert JournalEntry.objects.filter(action="bulk_undone", actor=office.curator).count() == 2


def test_undo_leaves_what_moved_meanwhile(office: Office) -> None:
    moved, still = office.case(), office.case()
    access = access_of(office.curator)
    wish = Wish(BulkKind.ASSIGN, department=utilities(office))
    outcome = do_to_many(access, [moved.pk, still.pk], wish, now=office.town.now)
    moved.refresh_from_db()
    assigning.assign(access, moved, office.town.roads, now=office.town.now + timedelta(seconds=5))

    back = undo(access, outcome.action, now=office.town.now + timedelta(minutes=1))

    assert (back.done, back.refused) == ([still.number], {"moved": [moved.number]})


def test_undo_works_once_and_not_for_ever_and_not_for_others(office: Office) -> None:
    access, now = access_of(office.curator), office.town.now
    wish = Wish(BulkKind.ASSIGN, department=utilities(office))
    first = do_to_many(access, [office.case().pk], wish, now=now)
    late = do_to_many(access, [office.case().pk], wish, now=now)
    undo(access, first.action, now=now + timedelta(seconds=1))

    with pytest.raises(TooLate):
        undo(access, first.action, now=now + timedelta(seconds=2))
    with pytest.raises(TooLate):
        undo(access, late.action, now=now + timedelta(minutes=11))
    with pytest.raises(Refused):
        undo(access_of(office.operator), late.action, now=now + timedelta(seconds=2))


def test_more_than_a_thousand_are_refused(office: Office) -> None:
    with pytest.raises(ValueError, match="1000"):
        do_to_many(
            access_of(office.curator), range(1, MOST + 2), Wish(BulkKind.REJECT, reason="x"), now=office.town.now
        )


@pytest.mark.parametrize("count", [1, 30])
def test_query_count_does_not_depend_on_how_many(office: Office, count: int) -> None:
    cases = [office.case().pk for _ in range(count)]
    access, wish = access_of(office.curator), Wish(BulkKind.ASSIGN, department=utilities(office))

    with CaptureQueriesContext(connection) as asked:
        do_to_many(access, cases, wish, now=office.town.now)

    written = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    assert len(written) == (6 if connection.vendor == "postgresql" else 7), written  # COPY is not logged


def test_action_that_breaks_at_one_case_changes_none(office: Office) -> None:
    cases = [office.case(), office.case()]
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX no_second_step ON cases_bulkstep (action_id)")

    with pytest.raises(IntegrityError):
        do_to_many(access_of(office.head), [case.pk for case in cases], Wish(BulkKind.CONTROL), now=office.town.now)

    assert list(Case.objects.values_list("personal_control", flat=True)) == [False, False]
    assert BulkAction.objects.count() == 0
