"""Formal appeals: by staff only, with a number and days of the law; extended once; told of in time, never at night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.cases.enums import Status
from otklik.cases.formal import Appeal, AppealState
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services import appealing
from otklik.cases.services.appealwaking import wake_appeals
from otklik.cases.services.moving import Overtaken
from otklik.cases.terms import Terms, appeals_of, rules_of, running
from otklik.notices.models import Notice
from otklik.org.access import Access, Refused
from otklik.org.enums import DayKind, Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, CalendarDay, Municipality, OutsideBody
from otklik.org.queries import calendar_of
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")
MONDAY = date(2026, 9, 14)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear("На улице Садовой, дом 12, огромная яма на дороге, когда почините?", visitor="ivan"))


@pytest.fixture
def officer(town: Town) -> Access:
    return town.official(Role.PRIVACY, name="Роман Уставов")


def registered(officer: Access, case: Case, *, number: str = "17-О", on: date = MONDAY) -> Appeal:
    appeal = appealing.enter(officer, case, on, now=at(on))
    appealing.register(officer, appeal, number, on, now=at(on))
    return appeal


def told(appeal: Appeal) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(municipality=appeal.municipality_id).order_by("id")
    return [(row.official.full_name, row.kind) for row in rows]


def test_appeal_has_three_days_to_be_registered_and_thirty_to_be_answered(officer: Access, case: Case) -> None:
    appeal = appealing.enter(officer, case, MONDAY, now=at(MONDAY))
    assert (appeal.state, appeal.due_on) == (AppealState.RECEIVED, date(2026, 9, 17))

    appealing.register(officer, appeal, " 17-О ", date(2026, 9, 16), now=at(date(2026, 9, 16)))

    appeal.refresh_from_db()
    # Thirty days from the 16th end on the 16th of October, a Friday.
    assert (appeal.state, appeal.number, appeal.due_on) == ("registered", "17-О", date(2026, 10, 16))
    lines = JournalEntry.objects.filter(case=case, action__startswith="appeal").order_by("id")
    assert [(line.action, line.actor) for line in lines] == [
        ("appeal_received", officer.official),
        ("appeal_registered", officer.official),
    ]
    assert lines[1].detail == {"appeal": "17-О", "until": "2026-10-16"}
    case.refresh_from_db()
    assert case.status == Status.ASSIGNED  # an appeal moves no case


def test_last_day_on_a_day_off_is_the_working_day_before_unless_the_city_says_after(
    town: Town, officer: Access, case: Case
) -> None:
    # Thirty days from Friday the 11th end on Sunday the 11th of October.
    before = registered(officer, case, number="1", on=date(2026, 9, 11))
    rules = rules_of(town.city)
    rules.day_off = "next"
    rules.save()
    after = registered(officer, case, number="2", on=date(2026, 9, 11))

    assert (before.due_on, after.due_on) == (date(2026, 10, 9), date(2026, 10, 12))


def test_terms_of_another_jurisdiction_are_data_and_may_count_working_days(officer: Access, case: Case) -> None:
    Municipality.objects.update(jurisdiction="uk")
    case.refresh_from_db()
    CalendarDay.objects.create(municipality=case.municipality, date=date(2026, 9, 15), kind=DayKind.OFF)
    case = Case.objects.get(pk=case.pk)

    appeal = registered(officer, case)

    assert rules_of(case.municipality).law_en.startswith("LGSCO")
    assert appeal.due_on == date(2026, 9, 29)  # ten working days, one of them off


def test_registering_late_is_done_and_told_in_the_history(officer: Access, case: Case) -> None:
    appeal = appealing.enter(officer, case, MONDAY, now=at(MONDAY))

    appealing.register(officer, appeal, "17", date(2026, 9, 21), now=at(date(2026, 9, 21)))

    assert JournalEntry.objects.filter(case=case).latest("id").detail["late_days"] == 4


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PRIVACY])
def test_nobody_else_enters_or_leads_an_appeal(town: Town, officer: Access, case: Case, role: Role) -> None:
    appeal = registered(officer, case)
    forger = town.official(role)
    body = OutsideBody.objects.create(municipality=town.city, name="Район", answers_for="х", phone="1")

    for forged in (
        lambda: appealing.enter(forger, case, MONDAY, now=at(MONDAY)),
        lambda: appealing.register(forger, appeal, "1", MONDAY, now=at(MONDAY)),
        lambda: appealing.extend(forger, appeal, "х", MONDAY, now=at(MONDAY)),
        lambda: appealing.answer(forger, appeal, "х", MONDAY, now=at(MONDAY)),
        lambda: appealing.forward(forger, appeal, body, MONDAY, now=at(MONDAY)),
        lambda: appealing.strike(forger, appeal, "х", now=at(MONDAY)),
        lambda: running(forger),
    ):
        with pytest.raises(Refused):
            forged()
    assert Appeal.objects.get().state == AppealState.REGISTERED


def test_term_is_extended_once_after_the_resident_was_told(officer: Access, case: Case) -> None:
    appeal = registered(officer, case)  # until the 14th of October
    day = date(2026, 10, 12)

    for reason, told_on in (("", day), ("Ждём экспертизу", day + timedelta(days=1)), ("Рано", date(2026, 9, 1))):
        with pytest.raises(ValueError, match=r"скажите|сначала"):
            appealing.extend(officer, appeal, reason, told_on, now=at(day))
    appealing.extend(officer, appeal, "Ждём экспертизу", day, now=at(day))
    with pytest.raises(ValueError, match="один раз"):
        appealing.extend(officer, appeal, "Ещё", day, now=at(day))

    appeal.refresh_from_db()
    assert (appeal.due_before, appeal.due_on, appeal.told_on) == (date(2026, 10, 14), date(2026, 11, 13), day)


def test_term_that_is_over_is_not_extended(officer: Access, case: Case) -> None:
    appeal = registered(officer, case)
    late = appeal.due_on + timedelta(days=1)

    with pytest.raises(ValueError, match="срок вышел"):
        appealing.extend(officer, appeal, "Не успели", late, now=at(late))


def test_two_who_extend_at_once_extend_once(officer: Access, case: Case) -> None:
    appeal = registered(officer, case)
    held = Appeal.objects.select_related("case__municipality").get(pk=appeal.pk)
    appealing.extend(officer, appeal, "Первый", MONDAY, now=at(MONDAY))

    with pytest.raises(Overtaken):
        appealing.extend(officer, held, "Второй", MONDAY, now=at(MONDAY))
    assert Appeal.objects.get().extension_reason == "Первый"


def test_number_is_one_appeals_only_until_it_is_struck_out(officer: Access, case: Case) -> None:
    first = registered(officer, case)
    second = appealing.enter(officer, case, MONDAY, now=at(MONDAY))

    with pytest.raises(ValueError, match="уже у другого"):
        appealing.register(officer, second, "17-О", MONDAY, now=at(MONDAY))
    appealing.strike(officer, first, "Не о том деле", now=at(MONDAY))
    appealing.register(officer, second, "17-О", MONDAY, now=at(MONDAY))

    assert [str(one.state) for one in appeals_of(case)] == ["struck", "registered"]


@pytest.mark.parametrize(
    ("number", "day"), [("", MONDAY), ("1", MONDAY - timedelta(days=1)), ("1", MONDAY + timedelta(days=1))]
)
def test_registration_that_makes_no_sense_is_refused(officer: Access, case: Case, number: str, day: date) -> None:
    appeal = appealing.enter(officer, case, MONDAY, now=at(MONDAY))

    with pytest.raises(ValueError, match=r"номер|между"):
        appealing.register(officer, appeal, number, day, now=at(MONDAY))
    with pytest.raises(ValueError, match="впереди"):
        appealing.enter(officer, case, MONDAY + timedelta(days=1), now=at(MONDAY))


def test_appeal_is_answered_or_passed_on_and_then_its_clock_is_silent(town: Town, officer: Access, case: Case) -> None:
    body = OutsideBody.objects.create(municipality=town.city, name="Район", answers_for="х", phone="1")
    answered, forwarded = registered(officer, case, number="1"), registered(officer, case, number="2")
    late = date(2026, 9, 30)

    with pytest.raises(ValueError, match="номер"):
        appealing.answer(officer, answered, " ", late, now=at(late))
    appealing.answer(officer, answered, "исх. 5", late, now=at(late))
    appealing.forward(officer, forwarded, body, late, now=at(late))

    assert [(one.state, one.wakes_at) for one in appeals_of(case)] == [
        ("answered", None),
        ("forwarded", None),
    ]
    # Seven days from the 14th ended on the 21st.
    assert JournalEntry.objects.filter(case=case).latest("id").detail["late_days"] == 9
    with pytest.raises(Overtaken):
        appealing.answer(officer, forwarded, "исх. 6", late, now=at(late))


def test_body_of_another_city_takes_nothing(officer: Access, case: Case) -> None:
    foreign = OutsideBody.objects.create(
        municipality=found_town("zarechensk").city, name="Чужая", answers_for="х", phone="1"
    )
    appeal = registered(officer, case)

    with pytest.raises(Refused):
        appealing.forward(officer, appeal, foreign, MONDAY, now=at(MONDAY))


def test_officials_are_told_when_the_last_day_nears_is_there_and_is_over(
    town: Town, officer: Access, case: Case
) -> None:
    executor, approver, curator = (
        town.official(role, name=str(role)) for role in (Role.EXECUTOR, Role.APPROVER, Role.CURATOR)
    )
    Case.objects.filter(pk=case.pk).update(executor=executor.official)
    appeal = registered(officer, case)  # from the 14th of September until the 14th of October
    heard = []
    for day in (date(2026, 9, 28), date(2026, 9, 29), date(2026, 10, 6), date(2026, 10, 14), date(2026, 10, 15)):
        wake_appeals(now=at(day))
        wake_appeals(now=at(day, 12))
        heard.append(sorted({kind for _, kind in told(appeal)}))
        Notice.objects.all().delete()

    assert heard == [[], ["appeal_nears"], ["appeal_nears"], ["appeal_last_day"], ["appeal_late"]]
    appeal.refresh_from_db()
    assert appeal.wakes_at is None
    assert (approver.official.is_active, curator.official.is_active) == (True, True)


def test_nobody_is_told_of_an_appeal_at_night(officer: Access, case: Case) -> None:
    appeal = registered(officer, case)
    Appeal.objects.filter(pk=appeal.pk).update(wakes_at=at(date(2026, 9, 29), 22))

    wake_appeals(now=at(date(2026, 9, 29), 23))
    silent = Notice.objects.count()
    appeal.refresh_from_db()

    assert (silent, appeal.wakes_at) == (0, at(date(2026, 9, 30), 9))


def test_two_workers_tell_once(officer: Access, case: Case) -> None:
    registered(officer, case)

    counts = [wake_appeals(now=at(date(2026, 9, 29))), wake_appeals(now=at(date(2026, 9, 29)))]

    assert (counts, Notice.objects.filter(official=officer.official).count()) == ([1, 0], 1)


def test_appeal_that_waits_for_its_number_is_told_to_the_registrar(officer: Access, case: Case) -> None:
    appealing.enter(officer, case, MONDAY, now=at(MONDAY))

    wake_appeals(now=at(date(2026, 9, 17)))

    row = Notice.objects.get()
    assert (row.official, row.kind) == (officer.official, "appeal_unregistered")


def test_rules_are_kept_by_who_manages_the_city_and_audited(town: Town, officer: Access) -> None:
    admin = town.official(Role.ADMIN)
    rules = rules_of(town.city)
    rules.answer_days = 15

    with pytest.raises(Refused):
        appealing.save_rules(officer, rules, "")
    appealing.save_rules(admin, rules, "https://appeals.example/form")
    rules.answer_days = 0
    with pytest.raises(NotPossible):
        appealing.save_rules(admin, rules, "")

    town.city.refresh_from_db()
    assert (rules_of(town.city).answer_days, town.city.appeals_url) == (15, "https://appeals.example/form")
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "city.changed",
        "appeal_rules.added",
    ]


def test_calendar_that_knows_no_working_day_still_gives_a_last_day(town: Town) -> None:
    calendar = calendar_of(town.city)
    terms = Terms(rules_of(town.city), type(calendar)(calendar.timezone, calendar.country, {}, {}))

    assert terms.last_day(MONDAY, 30) == date(2026, 10, 14)
