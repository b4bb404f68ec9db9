"""Rules of assignment: which one decides, whom of the department, what a case says of it, and what can never be."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.enums import CaseKind
from otklik.cases.models import Case
from otklik.cases.offering import ruled_by
from otklik.cases.queries import journal_of
from otklik.cases.rulebook import rulebook_of
from otklik.cases.rulecheck import Map, warnings
from otklik.cases.rules import AssignmentRule, Shift
from otklik.cases.services.opening import Opening, open_cases
from otklik.cases.services.ruling import move_rule, save_rule, save_shift, switch_rule
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.org.access import Refused
from otklik.org.enums import AbsenceKind, Role
from otklik.org.errors import NotPossible
from otklik.org.models import Absence, AuditEntry, Department, Official, Place, Topic
from otklik.org.queries import directory_of
from otklik.org.services.founding import CityPlan, found_city
from tests.builders import make_access, make_official
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
"""Noon in the city."""
NIGHT = datetime(2026, 11, 16, 22, 0, tzinfo=UTC)


@pytest.fixture
def town() -> Town:
    return found_town()


def department(town: Town, code: str) -> Department:
    return Department.objects.get(municipality=town.city, code=code)


def topic(town: Town, code: str) -> Topic:
    return Topic.objects.get(municipality=town.city, code=code)


def rule(town: Town, name: str = "Правило", **said: object) -> AssignmentRule:
    position = AssignmentRule.objects.count() + 1
    return AssignmentRule.objects.create(municipality=town.city, name=name, position=position, **said)


def worker(town: Town, code: str, name: str = "Павел Ключников") -> Official:
    return make_official(town.city, (Role.EXECUTOR, department(town, code)), full_name=name)


def given(
    town: Town, about: str | None = "roads.pothole", place: Place | None = None, *, count: int = 1, **said: object
) -> list[Case]:
    at = said.pop("at", MONDAY)
    openings = []
    for _ in range(count):
        message = town.hear("Здесь что-то не так")
        message.verdict = {}
        openings.append(
            Opening(
                message, **{"kind": CaseKind.REQUEST, "topic": about and topic(town, about), "place": place, **said}
            )
        )
    Case.objects.all().delete()
    return open_cases(openings, directory_of(town.city), now=at)


def told(case: Case) -> tuple[int, str] | None:
    return ruled_by(journal_of(case))


def test_first_rule_that_fits_decides_and_the_case_names_it(town: Town) -> None:
    rule(town, "Не сюда", kind="idea", department=department(town, "transport"))
    rule(town, "Ямы чинит ЖКХ", topic=topic(town, "roads"), department=department(town, "housing"))
    rule(town, "Всё остальное", department=department(town, "transport"))

    (case,) = given(town)

    assert (case.department.code, case.executor) == ("housing", None)
    assert told(case) == (case.department_id, "Ямы чинит ЖКХ")


def test_table_decides_where_no_rule_fits(town: Town) -> None:
    rule(town, urgency_from=3, department=department(town, "transport"))

    (case,) = given(town)

    assert (case.department.code, told(case)) == ("roads", None)


def test_rule_of_a_district_holds_for_its_streets_only(town: Town) -> None:
    district = Place.objects.create(municipality=town.city, kind="district", name="Заречье")
    inside = Place.objects.create(municipality=town.city, kind="street", name="Ивовая", parent=district)
    outside = Place.objects.create(municipality=town.city, kind="street", name="Садовая")
    rule(town, place=district, department=department(town, "housing"))

    codes = [given(town, place=place)[0].department.code for place in (inside, outside, None)]

    assert codes == ["housing", "roads", "roads"]


def test_suggestion_assigns_nobody_and_is_offered(town: Town) -> None:
    rule(town, "Спросить", department=department(town, "housing"), manner="suggest")

    (case,) = given(town)

    assert (case.status, case.department) == ("new", None)
    assert told(case) == (department(town, "housing").pk, "Спросить")


def test_fewest_open_cases_gets_the_next_one_also_within_a_batch(town: Town) -> None:
    first, second = worker(town, "roads", "Первый"), worker(town, "roads", "Второй")
    rule(town, whom="least")

    cases = given(town, count=5)

    names = [case.executor_id for case in cases]
    assert (names.count(first.pk), names.count(second.pk)) == (3, 2)
    assert {case.status for case in cases} == {"assigned"}


def test_whoever_is_on_shift_gets_it_and_nobody_where_nobody_is(town: Town) -> None:
    worker(town, "roads", "Дневной")
    night = worker(town, "roads", "Ночной")
    Shift.objects.create(municipality=town.city, official=night, days="0", starts=time(20), ends=time(8))
    rule(town, whom="shift")

    found = [given(town, at=at)[0].executor_id for at in (MONDAY, NIGHT, datetime(2026, 11, 17, 3, 0, tzinfo=UTC))]

    assert found == [None, night.pk, night.pk]


def test_shift_of_other_days_is_no_shift(town: Town) -> None:
    someone = worker(town, "roads")
    shift = Shift.objects.create(municipality=town.city, official=someone, days="0", starts=time(8), ends=time(20))
    rule(town, whom="shift")
    shift.first_on = date(2026, 11, 17)
    shift.save()

    assert given(town)[0].executor_id is None


def test_named_person_on_leave_is_stood_in_for(town: Town) -> None:
    away, substitute = worker(town, "roads"), worker(town, "roads", "Анна Берестова")
    Absence.objects.create(
        municipality=town.city,
        official=away,
        substitute=substitute,
        kind=AbsenceKind.LEAVE,
        starts_at=datetime(2026, 11, 15, tzinfo=UTC),
        ends_at=datetime(2026, 11, 18, tzinfo=UTC),
        created_at=MONDAY,
    )
    rule(town, whom="named", official=away)

    found = [given(town, at=at)[0].executor_id for at in (MONDAY, datetime(2026, 11, 18, 9, 0, tzinfo=UTC))]

    assert found == [substitute.pk, away.pk]


def test_rule_by_load_passes_on_what_is_too_much(town: Town) -> None:
    rule(town, instead_of=department(town, "roads"), load_from=2, department=department(town, "housing"))
    given(town, count=2)
    message = town.hear("Ещё одна")
    Case.objects.filter(case_messages__message=message).delete()
    message.verdict = {}

    opening = Opening(message, kind=CaseKind.REQUEST, topic=topic(town, "roads.pothole"))
    (case,) = open_cases([opening], directory_of(town.city), now=MONDAY)

    assert case.department.code == "housing"


def test_rule_outside_working_hours_holds_at_night(town: Town) -> None:
    rule(town, hours="off", department=department(town, "housing"))

    assert [given(town, at=at)[0].department.code for at in (MONDAY, NIGHT)] == ["roads", "housing"]


def test_closed_department_gets_nothing(town: Town) -> None:
    rule(town, department=department(town, "housing"))
    Department.objects.filter(code="housing").update(is_active=False)

    assert given(town)[0].department.code == "roads"


def test_rules_are_read_once_for_the_batches_of_a_directory(town: Town) -> None:
    worker(town, "roads")
    for number in range(30):
        rule(town, f"{number}", kind="idea", whom="least")
    directory = directory_of(town.city)
    book = rulebook_of(directory, now=MONDAY)

    with CaptureQueriesContext(connection) as asked:
        assert rulebook_of(directory, now=MONDAY) is book

    assert len(asked) == 0


def test_city_without_rules_costs_one_query(town: Town) -> None:
    directory = directory_of(town.city)

    with CaptureQueriesContext(connection) as asked:
        rulebook_of(directory, now=MONDAY)

    assert len(asked) == 1


def wrong(town: Town) -> dict[str, str]:
    rules = list(AssignmentRule.objects.select_related("department", "topic", "official"))
    lies = Map.of(Place.objects.filter(municipality=town.city), Topic.objects.filter(municipality=town.city))
    found = warnings(rules, lies)
    return {one.name: found[one.pk] for one in rules if one.pk in found}


def test_rule_behind_one_that_takes_everything_is_told(town: Town) -> None:
    rule(town, "Дороги", topic=topic(town, "roads"), department=department(town, "housing"))
    rule(town, "Ямы", topic=topic(town, "roads.pothole"), department=department(town, "transport"))
    rule(town, "Деревья", topic=topic(town, "improvement.trees"), department=department(town, "transport"))

    assert list(wrong(town)) == ["Ямы"]
    assert "“Дороги”" in wrong(town)["Ямы"] or "«Дороги»" in wrong(town)["Ямы"]


def test_two_rules_that_take_everything_together_are_both_named(town: Town) -> None:
    rule(town, "День", hours="working", department=department(town, "housing"))
    rule(town, "Ночь", hours="off", department=department(town, "housing"))
    rule(town, "Срочное", urgency_from=3, department=department(town, "transport"))

    assert "День" in wrong(town)["Срочное"]
    assert "Ночь" in wrong(town)["Срочное"]


def test_narrower_or_switched_off_rule_before_takes_nothing(town: Town) -> None:
    rule(town, "Срочное", urgency_from=3, department=department(town, "housing"))
    rule(town, "Выключено", is_on=False, department=department(town, "housing"))
    rule(town, "Всё", department=department(town, "transport"))

    assert wrong(town) == {}


def test_every_change_grows_the_version_and_is_in_the_log(town: Town) -> None:
    admin = make_access(town.city, Role.ADMIN)
    new = AssignmentRule(municipality=town.city, name="Снег", department=department(town, "housing"))
    save_rule(admin, new)
    new.urgency_from = 2
    save_rule(admin, new)
    save_rule(admin, new)
    switch_rule(admin, new, is_on=False)

    new.refresh_from_db()
    assert (new.version, new.position, new.is_on) == (2, 1, False)
    log = list(AuditEntry.objects.filter(subject="Снег").order_by("id").values_list("action", flat=True))
    assert log == ["rule.added", "rule.changed", "rule.switched_off"]


def test_order_changes_by_one_and_ends_stay(town: Town) -> None:
    admin = make_access(town.city, Role.ADMIN)
    first, second = rule(town, "Первое"), rule(town, "Второе")

    move_rule(admin, second, up=True)
    move_rule(admin, second, up=True)

    names = list(AssignmentRule.objects.values_list("name", flat=True))
    assert names == ["Второе", "Первое"]
    move_rule(admin, first, up=False)
    assert list(AssignmentRule.objects.values_list("name", flat=True)) == names


@pytest.mark.parametrize(
    ("said", "field"), [({}, "department"), ({"whom": "named"}, "official")], ids=["changes nothing", "names nobody"]
)
def test_rule_that_makes_no_sense_is_refused(town: Town, said: dict[str, object], field: str) -> None:
    with pytest.raises(NotPossible) as refused:
        save_rule(make_access(town.city, Role.ADMIN), AssignmentRule(municipality=town.city, name="Пусто", **said))

    assert refused.value.field == field


def test_second_rule_of_one_name_is_refused(town: Town) -> None:
    rule(town, "Снег")
    twin = AssignmentRule(municipality=town.city, name="Снег", department=department(town, "housing"))

    with pytest.raises(NotPossible):
        save_rule(make_access(town.city, Role.ADMIN), twin)


@pytest.mark.parametrize("role", [Role.CURATOR, Role.OPERATOR, Role.HEAD, Role.APPROVER])
def test_only_administration_writes_rules_and_shifts(town: Town, role: Role) -> None:
    access = make_access(town.city, role)
    written = rule(town)
    shift = Shift(municipality=town.city, official=access.official, days="0", starts=time(8), ends=time(9))

    for forge in (
        lambda: save_rule(access, written),
        lambda: move_rule(access, written, up=True),
        lambda: switch_rule(access, written, is_on=False),
        lambda: save_shift(access, shift),
    ):
        with pytest.raises(Refused):
            forge()


def test_another_citys_department_is_refused(town: Town) -> None:
    other = found_city(CityPlan(slug="zarechye", name="Заречье", head_name="Борис"))
    foreign = Department.objects.get(municipality=other, code="roads")

    with pytest.raises(Refused):
        save_rule(
            make_access(town.city, Role.ADMIN),
            AssignmentRule(municipality=town.city, name="Чужое", department=foreign),
        )


def test_whom_a_rule_chose_is_told_once_in_ten_minutes(town: Town) -> None:
    someone = worker(town, "roads")
    rule(town, whom="named", official=someone, department=department(town, "roads"))

    first, *_more = given(town, count=3)
    chosen = Notice.objects.filter(kind=NoticeKind.TASK)

    assert first.executor == someone
    assert list(chosen.values_list("official", "case_number")) == [(someone.pk, first.number)]


def test_nobody_is_told_where_a_rule_chose_only_the_department(town: Town) -> None:
    rule(town, department=department(town, "roads"))

    given(town)

    assert Notice.objects.filter(kind=NoticeKind.TASK).count() == 0
