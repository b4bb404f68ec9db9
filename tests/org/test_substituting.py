"""Who stands in for whom: what is lent, for how long, and what would go round in a circle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.common.clock import now
from otklik.org.access import Permission, Refused, access_of
from otklik.org.enums import AbsenceKind, Role
from otklik.org.errors import NotPossible
from otklik.org.models import Absence, AuditEntry, Official
from otklik.org.services.substituting import Away, end_absence, enter_absence
from tests.builders import make_city, make_department, make_official

pytestmark = pytest.mark.django_db


class Team:
    """Two departments, and who works in them."""

    def __init__(self) -> None:
        self.city = make_city()
        self.roads, self.parks = make_department(self.city, "roads"), make_department(self.city, "parks")
        self.anna = make_official(self.city, (Role.APPROVER, self.roads), full_name="Анна Берестова")
        self.boris = make_official(self.city, (Role.EXECUTOR, self.parks), full_name="Борис Ключевой")
        self.vera = make_official(self.city, (Role.EXECUTOR, self.parks), full_name="Вера Лугова")
        self.curator = make_official(self.city, Role.CURATOR)

    @property
    def today(self) -> date:
        return now().astimezone(ZoneInfo(self.city.timezone)).date()

    def away(self, who: Official, whom: Official, first: int = 0, last: int = 3, by: Official | None = None) -> Absence:
        day = timedelta(days=1)
        told = Away(who, whom, AbsenceKind.LEAVE, self.today + first * day, self.today + last * day)
        return enter_absence(access_of(by or who), told, now=now())


@pytest.fixture
def team() -> Team:
    return Team()


def refused(forge: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(NotPossible) as error:
        forge()
    return error.value.field, str(error.value)


def test_substitute_may_what_the_absent_may_there_and_only_meanwhile(team: Team) -> None:
    absence = team.away(team.anna, team.boris)
    access = access_of(team.boris)

    assert access.departments_for(Permission.CASE_APPROVE) == {team.roads.pk}
    assert access.departments_for(Permission.CASE_DRAFT) == {team.roads.pk, team.parks.pk}
    assert access.stands_in_for == (team.anna.pk,)
    assert access.roles == {Role.EXECUTOR}
    assert access.on_behalf_of(Permission.CASE_DRAFT, team.roads.pk) == team.anna.pk
    assert access.on_behalf_of(Permission.CASE_DRAFT, team.parks.pk) is None

    Absence.objects.filter(pk=absence.pk).update(starts_at=now() - timedelta(days=9), ends_at=now())
    assert not access_of(team.boris).holds(Permission.CASE_APPROVE)


def test_absence_to_come_lends_nothing_yet(team: Team) -> None:
    team.away(team.anna, team.boris, first=1)

    assert access_of(team.boris).stands_in_for == ()


def test_head_and_administrator_lend_nothing(team: Team) -> None:
    for role in (Role.HEAD, Role.AIDE, Role.ADMIN, Role.PRIVACY):
        chief = make_official(team.city, role)
        team.away(chief, team.boris)

        access = access_of(team.boris)
        lent = {Permission.ANSWER_AS_HEAD, Permission.PEOPLE_MANAGE, Permission.PERSONAL_SHOW, Permission.CONTROL_SET}
        assert not any(access.holds(permission) for permission in lent)


def test_absent_who_was_switched_off_lends_nothing(team: Team) -> None:
    team.away(team.anna, team.boris)
    Official.objects.filter(pk=team.anna.pk).update(is_active=False)

    assert access_of(team.boris).stands_in_for == ()


def test_access_takes_two_queries_however_many_are_stood_in_for(
    team: Team, django_assert_num_queries: Callable[[int], object]
) -> None:
    for _ in range(5):
        team.away(make_official(team.city, (Role.APPROVER, team.roads)), team.boris)

    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        access_of(team.boris)


def test_circle_is_refused_with_the_name(team: Team) -> None:
    team.away(team.anna, team.boris)

    field, words = refused(lambda: team.away(team.boris, team.anna, first=1))

    assert field == "substitute"
    assert "Анна Берестова" in words


def test_chain_is_refused_from_both_ends(team: Team) -> None:
    team.away(team.anna, team.boris)

    onward = refused(lambda: team.away(team.boris, team.vera, first=1))
    behind = refused(lambda: team.away(team.vera, team.anna, first=2))

    assert (onward[0], behind[0]) == ("first", "substitute")
    assert "Анна Берестова" in onward[1]
    assert Absence.objects.count() == 1


def test_second_absence_at_the_same_time_is_refused_and_a_later_one_is_not(team: Team) -> None:
    team.away(team.anna, team.boris, last=3)

    assert refused(lambda: team.away(team.anna, team.vera, first=3, last=5))[0] == "first"
    assert team.away(team.anna, team.vera, first=4, last=5).pk


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, 3, "first"), (3, 2, "last"), (0, 400, "last")], ids=["past", "backwards", "long"]
)
def test_days_that_make_no_sense_are_refused(team: Team, first: int, last: int, field: str) -> None:
    assert refused(lambda: team.away(team.anna, team.boris, first, last))[0] == field


def test_nobody_stands_in_for_oneself_nor_does_somebody_who_left(team: Team) -> None:
    assert refused(lambda: team.away(team.anna, team.anna))[0] == "substitute"
    team.vera.is_active = False
    assert refused(lambda: team.away(team.anna, team.vera))[0] == "substitute"


def test_others_absence_needs_the_permission(team: Team) -> None:
    with pytest.raises(Refused):
        team.away(team.anna, team.boris, by=team.boris)

    absence = team.away(team.anna, team.boris, by=team.curator)
    with pytest.raises(Refused):
        end_absence(access_of(team.vera), absence, now=now())


def test_another_citys_colleague_is_refused(team: Team) -> None:
    stranger = make_official(make_city("zarechye"))

    with pytest.raises(Refused):
        team.away(team.anna, stranger)


def test_who_comes_back_early_takes_it_all_back_and_the_log_says_so(team: Team) -> None:
    absence = team.away(team.anna, team.boris)

    end_absence(access_of(team.anna), absence, now=now())
    end_absence(access_of(team.anna), absence, now=now())

    assert access_of(team.boris).stands_in_for == ()
    log = AuditEntry.objects.filter(action__startswith="absence.").order_by("id")
    assert [(one.action, one.subject) for one in log] == [
        ("absence.entered", team.anna.email),
        ("absence.ended", team.anna.email),
    ]


@pytest.mark.parametrize("role", [Role.CURATOR, Role.ADMIN])
def test_nobody_gives_themselves_a_colleagues_rights(team: Team, role: Role) -> None:
    keeper = make_official(team.city, role, full_name="Глеб Туманов")

    assert refused(lambda: team.away(team.anna, keeper, by=keeper))[0] == "substitute"
    assert Absence.objects.count() == 0
    assert not access_of(keeper).holds(Permission.CASE_APPROVE)

    team.away(team.anna, keeper)  # she chose so herself
    assert access_of(keeper).holds(Permission.CASE_APPROVE)
