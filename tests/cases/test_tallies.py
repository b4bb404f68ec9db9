"""The kept counts are right whoever writes cases, and by whatever way."""

from __future__ import annotations

import pytest
from django.db import connection

from otklik.cases.enums import OPEN_STATUSES, Sharing, Status
from otklik.cases.lists import Filters, inbox
from otklik.cases.models import Case, CaseTally, SavedView
from otklik.cases.services import tallying, viewing
from otklik.cases.tallies import kept_counts
from otklik.org.access import Access, Refused, access_of
from tests.desk.office import Office, make_office, make_stranger


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


LISTS = {
    "open": Filters(view="open"),
    "new": Filters(view="new"),
    "urgent": Filters(view="urgent"),
    "control": Filters(view="control"),
    "returned": Filters(view="returned"),
    "answered": Filters(view="answered"),
    "approval": Filters(view="approval"),
    "all": Filters(view="all"),
    "status": Filters(view="all", status="closed"),
    "controlled": Filters(view="open", control=True),
}


def agree(office: Office, access: Access) -> dict[str, int]:
    """The kept counts, having checked that they are what counting gives."""
    kept = kept_counts(access, LISTS)
    assert kept == {name: inbox(access, one, now=office.town.now).count() for name, one in LISTS.items()}
    return kept


def test_counts_follow_every_way_of_writing(office: Office) -> None:
    first, second, third = office.case(urgency=4), office.case(), office.case(topic="utilities.heating")
    Case.objects.filter(pk=first.pk).update(personal_control=True, status=Status.DRAFTING)
    second.urgency, second.status = 3, Status.RETURNED
    second.save()
    third.status, third.correction_waits = Status.CLOSED, True
    Case.objects.bulk_update([third], ["status", "correction_waits"])

    whole, own = agree(office, access_of(office.curator)), agree(office, access_of(office.executor))

    assert (whole["open"], whole["urgent"], whole["status"], own["all"]) == (2, 2, 1, 2)
    assert (whole["approval"], own["approval"]) == (1, 0)


def test_counts_are_the_same_after_adding_up_and_counting_anew(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.cases.services.tallying.FOLD_FROM", 1)
    for number in range(4):
        case = office.case(urgency=number + 1)
        Case.objects.filter(pk=case.pk).update(status=sorted(OPEN_STATUSES)[number])
    before = agree(office, access_of(office.curator))

    folded = tallying.fold()
    after, again = agree(office, access_of(office.curator)), tallying.fold()
    tallying.recount()

    assert (after, agree(office, access_of(office.curator))) == (before, before)
    assert (folded > 4, again) == (True, 0)


def test_counts_are_of_ones_own_city(office: Office) -> None:
    office.case()

    assert kept_counts(access_of(make_stranger()), LISTS)["all"] == 0


def test_lost_triggers_are_made_anew_after_a_migration(office: Office) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL keeps the triggers of a table that it changes")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER cases_case_tally_added")
        cursor.execute("DROP TRIGGER cases_case_tally_changed")
    office.case()

    tallying.install_after_migrating()
    office.case()

    assert agree(office, access_of(office.curator))["open"] == 2


def test_view_is_saved_renamed_moved_deleted_and_brought_back(office: Office) -> None:
    access = access_of(office.curator)
    first = viewing.save_view(access, "Срочное на дорогах", {"view": "urgent"}, Sharing.CITY)
    second = viewing.save_view(access, "Моё", {"mine": "on"}, Sharing.OWN)

    viewing.rename_view(access, second, " Мои дела ")
    viewing.move_view(access, second, -1)
    viewing.delete_view(access, first, now=office.town.now)
    without = [view.name for view in viewing.views_of(access)]
    viewing.restore_view(access, first)

    assert without == ["Мои дела"]
    assert [view.name for view in viewing.views_of(access)] == ["Мои дела", "Срочное на дорогах"]
    assert [view.name for view in viewing.views_of(access_of(office.executor))] == ["Срочное на дорогах"]


def test_sharing_needs_its_permission(office: Office) -> None:
    executor, operator = access_of(office.executor), access_of(office.operator)
    shared = viewing.save_view(access_of(office.curator), "Общее", {}, Sharing.CITY)
    own = viewing.save_view(operator, "Моё", {}, Sharing.OWN)

    for refused in (
        lambda: viewing.save_view(executor, "x", {}, Sharing.CITY),
        lambda: viewing.rename_view(executor, shared, "x"),
        lambda: viewing.delete_view(access_of(office.curator), own, now=office.town.now),
        lambda: viewing.delete_view(access_of(make_stranger()), shared, now=office.town.now),
    ):
        with pytest.raises(Refused):
            refused()
    assert SavedView.objects.filter(deleted_at=None).count() == 2


def test_tallies_of_nothing_are_nothing(office: Office) -> None:
    assert kept_counts(access_of(office.curator), {}) == {}
    assert CaseTally.objects.count() == 0
