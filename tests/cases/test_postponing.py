"""Moving a deadline: who may, how far, told with its reason in a report."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.models import Case
from otklik.cases.moves import DeadlineMove, deadline_moves, moves_by
from otklik.cases.services import postponing
from otklik.cases.services.moving import Overtaken
from otklik.common.clock import now
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear("Яма на дороге у дома 12 по Садовой", visitor="ivan", post="7"))


@pytest.fixture
def curator(town: Town) -> Access:
    return town.official(Role.CURATOR, name="Семён Кленов")


def test_deadline_that_two_move_at_once_is_moved_once(town: Town, case: Case, curator: Access) -> None:
    stale = Case.objects.get(pk=case.pk)
    postponing.move_deadline(curator, case, now() + timedelta(days=3), "Ждём асфальт", now=now())

    with pytest.raises(Overtaken):
        postponing.move_deadline(curator, stale, now() + timedelta(days=9), "Ждём ещё", now=now())


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.APPROVER, Role.OPERATOR, Role.AIDE])
def test_deadline_is_moved_by_nobody_else(town: Town, case: Case, role: Role) -> None:
    with pytest.raises(Refused):
        postponing.move_deadline(town.official(role), case, now() + timedelta(days=3), "Надо", now=now())

    assert DeadlineMove.objects.count() == 0


def test_head_moves_a_deadline_and_the_report_has_it(town: Town, case: Case) -> None:
    head, before, later = town.official(Role.HEAD), case.answer_due_at, now() + timedelta(days=3)

    postponing.move_deadline(head, case, later, "Ждём асфальт", now=now())

    (move,) = deadline_moves(head)
    assert (move.before, move.after, move.reason, move.official) == (before, later, "Ждём асфальт", head.official)
    assert [(one.department, one.count) for one in moves_by(head, now=now())] == [(case.department, 1)]


@pytest.mark.parametrize("days", [0, 400], ids=["the same", "too far"])
def test_deadline_that_moves_nowhere_or_out_of_sight_is_refused(case: Case, curator: Access, days: int) -> None:
    to = now() + timedelta(days=days) if days else case.answer_due_at

    with pytest.raises(ValueError, match="срок"):
        postponing.move_deadline(curator, case, to, "Так надо", now=now())


def test_report_of_moves_is_for_those_who_read_reports(town: Town) -> None:
    with pytest.raises(Refused):
        deadline_moves(town.official(Role.EXECUTOR))


def test_deadline_never_moves_into_the_past(case: Case, curator: Access) -> None:
    with pytest.raises(ValueError, match="в будущем"):
        postponing.move_deadline(curator, case, now() - timedelta(minutes=1), "Так надо", now=now())
