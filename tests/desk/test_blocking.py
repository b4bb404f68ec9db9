"""Blocking an account: for a reason of the list, for days, by who may, taken back in one step, told publicly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from otklik.cases.accountability import blocked_between
from otklik.cases.models import Case, JournalEntry
from otklik.channels.blocks import Block, BlockReason
from otklik.channels.models import Identity
from otklik.common.clock import now
from otklik.org.access import Refused, access_of
from otklik.residents.services import blocking
from otklik.residents.services.linking import reporter_of
from tests.desk.office import Office, make_stranger
from tests.desk.test_inbox import read

pytestmark = pytest.mark.django_db


def block(office: Office, case: Case, reason: str = "threats", days: str = "7", *, operator: bool = False) -> int:
    client = office.browser(office.operator if operator else office.curator)
    said = {"block-reason": reason, "block-days": days}
    return client.post(f"/desk/cases/{case.number}/block/", said).status_code


def until(case: Case) -> object:
    identity = reporter_of(case)
    assert identity is not None
    return Identity.objects.get(pk=identity.pk).blocked_until


def test_curator_blocks_for_days_and_takes_it_back(office: Office) -> None:
    case = office.case()

    assert block(office, case) == 302
    row = Block.objects.get()
    assert (row.reason, row.until - row.blocked_at, row.blocked_by) == ("threats", timedelta(days=7), office.curator)
    assert until(case) == row.until
    assert "Blocked until" in read(office, f"/desk/cases/{case.number}/", "curator")

    office.browser(office.curator).post(f"/desk/cases/{case.number}/unblock/")
    row.refresh_from_db()
    assert (until(case), row.lifted_by) == (None, office.curator)
    actions = list(JournalEntry.objects.filter(case=case).order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["person_blocked", "person_unblocked"]


@pytest.mark.parametrize(("reason", "days"), [("criticism", "7"), ("", "7"), ("threats", "3650"), ("threats", "0")])
def test_no_reason_but_those_of_the_list_and_never_for_good(office: Office, reason: str, days: str) -> None:
    case = office.case()

    block(office, case, reason, days)

    assert (Block.objects.count(), until(case)) == (0, None)


def test_journal_keeps_the_reason_as_a_code_and_the_day_as_the_city_has_it(office: Office) -> None:
    case = office.case()
    evening = datetime(2026, 11, 2, 21, 30, tzinfo=UTC)  # half past midnight in the city

    blocking.block(access_of(office.curator), case, BlockReason.THREATS, 7, now=evening)

    kept = JournalEntry.objects.get(case=case, action="person_blocked").detail
    assert kept == {"block": "threats", "until": "2026-11-10"}
    assert "threats to people · 10 November 2026" in read(office, f"/desk/cases/{case.number}/", "curator")


def test_service_refuses_a_time_that_is_not_in_the_list(office: Office) -> None:
    with pytest.raises(ValueError, match=r"."):
        blocking.block(access_of(office.curator), office.case(), BlockReason.THREATS, 365, now=now())


def test_who_may_not_block_is_refused(office: Office) -> None:
    case = office.case()

    assert block(office, case, operator=True) == 403
    with pytest.raises(Refused):
        blocking.block(access_of(office.operator), case, BlockReason.THREATS, 1, now=now())
    with pytest.raises(Refused):
        blocking.unblock(access_of(office.operator), case, now=now())
    assert Block.objects.count() == 0


def test_another_citys_curator_is_refused(office: Office) -> None:
    stranger = make_stranger()

    with pytest.raises(Refused):
        blocking.block(access_of(stranger), office.case(), BlockReason.THREATS, 1, now=now())


def test_one_block_at_a_time_and_another_once_it_is_over(office: Office) -> None:
    case, access = office.case(), access_of(office.curator)
    blocking.block(access, case, BlockReason.THREATS, 1, now=now() - timedelta(days=2))
    blocking.block(access, case, BlockReason.ADVERTISING, 1, now=now())

    with pytest.raises(ValueError, match=r"."):
        blocking.block(access, case, BlockReason.ADVERTISING, 1, now=now())
    assert Block.objects.filter(lifted_at=None).count() == 1


def test_public_figures_count_blocks_by_reason_lifted_or_not(office: Office) -> None:
    case, access = office.case(), access_of(office.curator)
    at = now()
    blocking.block(access, case, BlockReason.THREATS, 1, now=at)
    blocking.unblock(access, case, now=at)
    blocking.block(access, case, BlockReason.THREATS, 1, now=at)

    found = blocked_between(office.town.city, (at - timedelta(days=2)).date(), (at + timedelta(days=2)).date())

    assert [(one.reason, one.count) for one in found] == [("threats", 2)]
