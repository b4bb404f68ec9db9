"""Cases of somebody who is away or left: who sees, approves and is told; what the history says; nothing is orphaned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.enums import Outcome
from otklik.cases.lists import Filters, inbox
from otklik.cases.models import Case
from otklik.cases.queries import journal_of, people_in
from otklik.cases.services import answering, assigning, handing
from otklik.cases.services.answering import OwnDraft
from otklik.common.clock import now
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.notices.services.telling import tell
from otklik.org.access import Access, Refused, access_of
from otklik.org.enums import AbsenceKind, Role
from otklik.org.models import Absence, Department, Official
from tests.builders import make_official
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


def in_department(town: Town, role: Role, code: str = "roads", name: str = "") -> Official:
    where = Department.objects.get(municipality=town.city, code=code)
    return make_official(town.city, (role, where), full_name=name or f"{role} {code}")


def pothole(town: Town) -> Case:
    return town.case(town.hear("Яма на дороге, улица Садовая, дом 12, почините"))


def away(who: Official, whom: Official) -> Absence:
    return Absence.objects.create(
        municipality=who.municipality,
        official=who,
        substitute=whom,
        kind=AbsenceKind.ILL,
        starts_at=now() - timedelta(days=1),
        ends_at=now() + timedelta(days=1),
        created_at=now(),
    )


def drafted(case: Case, author: Official) -> None:
    answering.write_draft(access_of(author), case, "Иван, засыпали.", Outcome.RESOLVED, now=now())
    answering.submit(access_of(author), case, now=now())


def numbers(access: Access) -> list[int]:
    return [case.number for case in inbox(access, Filters(view="mine"), now=now())]


def test_open_cases_show_to_both(town: Town) -> None:
    case, executor = pothole(town), in_department(town, Role.EXECUTOR)
    substitute = in_department(town, Role.EXECUTOR, "housing")
    assigning.take(access_of(executor), case, now=now())
    away(executor, substitute)

    assert (numbers(access_of(executor)), numbers(access_of(substitute))) == ([case.number], [case.number])


def test_substitute_approves_and_the_history_says_for_whom(town: Town) -> None:
    case, author = pothole(town), in_department(town, Role.EXECUTOR)
    approver = in_department(town, Role.APPROVER, name="Анна Берестова")
    substitute = in_department(town, Role.EXECUTOR, "housing")
    drafted(case, author)
    away(approver, substitute)

    answering.approve(access_of(substitute), case, now=now())

    line = journal_of(case).get(action="approved")
    assert (line.actor, line.detail["behalf"], line.detail["behalf_name"]) == (
        substitute,
        approver.pk,
        "Анна Берестова",
    )


def test_substitute_approves_neither_their_own_draft_nor_that_of_the_absent(town: Town) -> None:
    approver = in_department(town, Role.APPROVER)
    substitute = in_department(town, Role.EXECUTOR)
    away(approver, substitute)

    for author in (substitute, approver):
        case = pothole(town)
        drafted(case, author)
        with pytest.raises(OwnDraft):
            answering.approve(access_of(substitute), case, now=now())
        Case.objects.all().delete()


def test_substitute_of_another_department_approves_nothing_there(town: Town) -> None:
    case, author = pothole(town), in_department(town, Role.EXECUTOR)
    substitute = in_department(town, Role.EXECUTOR)
    drafted(case, author)
    away(in_department(town, Role.APPROVER, "housing"), substitute)

    with pytest.raises(Refused):
        answering.approve(access_of(substitute), case, now=now())


def test_notices_reach_the_substitute_too(town: Town) -> None:
    executor, substitute = in_department(town, Role.EXECUTOR), in_department(town, Role.EXECUTOR, "housing")
    away(executor, substitute)

    tell(town.city.pk, [executor.pk], NoticeKind.LATE, key="k", case_number=1, at=now())

    assert set(Notice.objects.values_list("official", flat=True)) == {executor.pk, substitute.pk}


def test_case_of_somebody_who_left_is_told_to_the_heads_of_the_department(town: Town) -> None:
    case, executor, head = pothole(town), in_department(town, Role.EXECUTOR), in_department(town, Role.APPROVER)
    assigning.take(access_of(executor), case, now=now())
    Official.objects.filter(pk=executor.pk).update(is_active=False)

    assert people_in(case, Role.EXECUTOR) == [head.pk]


def test_switching_off_tells_the_curators_and_all_goes_over_at_once(town: Town) -> None:
    executor, heir = in_department(town, Role.EXECUTOR), in_department(town, Role.EXECUTOR, name="Вера Лугова")
    curator, admin = town.official(Role.CURATOR), town.official(Role.ADMIN)
    case = pothole(town)
    assigning.take(access_of(executor), case, now=now())

    left = handing.let_go(admin, executor, now=now())
    seen = handing.left_behind(curator)
    handed = handing.hand_over(curator, executor, heir, now=now())

    case.refresh_from_db()
    assert (left, [(one.official, one.count) for one in seen]) == (1, [(executor, 1)])
    assert (handed.done, handed.stayed, case.executor, case.status) == (1, 0, heir, "in_progress")
    assert Notice.objects.get(official=curator.official).kind == NoticeKind.TASKS_LEFT
    assert journal_of(case).get(action="handed_over").detail["to_person"] == "Вера Лугова"
    assert handing.left_behind(curator) == []


def test_nothing_goes_to_who_may_not_answer_there_nor_to_who_left(town: Town) -> None:
    executor, stranger = in_department(town, Role.EXECUTOR), in_department(town, Role.EXECUTOR, "housing")
    curator, case = town.official(Role.CURATOR), pothole(town)
    assigning.take(access_of(executor), case, now=now())

    handed = handing.hand_over(curator, executor, stranger, now=now())
    stranger.is_active = False

    assert (handed.done, handed.stayed) == (0, 1)
    with pytest.raises(ValueError, match="коллегу"):
        handing.hand_over(curator, executor, stranger, now=now())


def test_handed_back_to_the_department_whoever_takes_it(town: Town) -> None:
    executor, case = in_department(town, Role.EXECUTOR), pothole(town)
    assigning.take(access_of(executor), case, now=now())

    handing.hand_over(town.official(Role.OPERATOR), executor, None, now=now())

    case.refresh_from_db()
    assert (case.executor, case.department.code) == (None, "roads")


def test_executor_hands_over_nothing(town: Town) -> None:
    executor, other = in_department(town, Role.EXECUTOR), in_department(town, Role.EXECUTOR)

    with pytest.raises(Refused):
        handing.hand_over(access_of(other), executor, other, now=now())
