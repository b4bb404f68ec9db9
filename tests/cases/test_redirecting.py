"""Passing a case on to a body outside the city, with how to reach it."""

from __future__ import annotations

import pytest

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Answer, Case, JournalEntry
from otklik.cases.services import answering, replying
from otklik.common.clock import now
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from otklik.org.models import OutsideBody
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear("На улице Садовой, дом 12, огромная яма на дороге.", visitor="ivan", post="7"))


@pytest.fixture
def writer(town: Town) -> Access:
    return town.official(Role.EXECUTOR)


@pytest.fixture
def approver(town: Town) -> Access:
    return town.official(Role.APPROVER, name="Павел Строев")


@pytest.fixture
def curator(town: Town) -> Access:
    return town.official(Role.CURATOR, name="Семён Кленов")


@pytest.fixture
def body(town: Town) -> OutsideBody:
    return OutsideBody.objects.create(
        municipality=town.city, name="Районная больница", answers_for="приём врачей", phone="5-12-12"
    )


def test_redirect_gives_the_resident_the_contacts_and_ends_the_case(
    town: Town, case: Case, curator: Access, approver: Access, body: OutsideBody
) -> None:
    replying.redirect(curator, case, body, "Иван, это решает больница: 5-12-12.", now=now())
    answering.approve(approver, case, now=now())
    town.send()
    case.refresh_from_db()

    assert (case.status, case.outcome, case.redirected_to) == (Status.REDIRECTED, Outcome.REDIRECTED, body)
    assert case.closed_at is not None
    line = JournalEntry.objects.filter(case=case).order_by("-id")[0]
    assert line.detail["contacts"] == "5-12-12"


def test_redirect_without_contacts_in_the_text_is_refused(case: Case, curator: Access, body: OutsideBody) -> None:
    with pytest.raises(ValueError, match="5-12-12"):
        replying.redirect(curator, case, body, "Обратитесь в больницу.", now=now())
    assert (case.status, Answer.objects.count()) == (Status.ASSIGNED, 0)


def test_redirect_to_a_body_of_another_city_is_refused(case: Case, curator: Access) -> None:
    other = found_town("zarechensk").city
    foreign = OutsideBody.objects.create(municipality=other, name="Чужая", answers_for="х", phone="1")

    with pytest.raises(Refused):
        replying.redirect(curator, case, foreign, "Звоните: 1", now=now())


def test_redirect_may_begin_before_any_department_has_it(
    town: Town, case: Case, curator: Access, body: OutsideBody
) -> None:
    Case.objects.filter(pk=case.pk).update(status=Status.NEW, department=None)
    case.refresh_from_db()

    replying.redirect(curator, case, body, "Звоните: 5-12-12", now=now())

    assert case.status == Status.APPROVAL


def test_colleagues_draft_that_a_redirect_replaces_is_kept(
    town: Town, case: Case, writer: Access, curator: Access, body: OutsideBody
) -> None:
    answering.write_draft(writer, case, "Иван, разберёмся.", Outcome.EXPLAINED, now=now())
    replying.redirect(curator, case, body, "Звоните: 5-12-12", now=now())

    kept = JournalEntry.objects.get(case=case, action="draft_replaced")
    assert (kept.actor, kept.detail["text"]) == (curator.official, "Иван, разберёмся.")
