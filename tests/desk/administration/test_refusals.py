"""What the forms of absences, rules, shifts and warnings refuse: one sentence beside its field, nothing typed lost."""

from __future__ import annotations

import re
from datetime import time, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from otklik.cases.ladder import Escalation
from otklik.cases.rules import AssignmentRule, Shift
from otklik.common import clock
from otklik.org.enums import AbsenceKind, Role
from otklik.org.models import Absence, Municipality, Official
from tests.builders import make_city, make_department, make_official, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Municipality:
    return make_city()


@pytest.fixture
def admin(city: Municipality) -> Official:
    return make_official(city, Role.ADMIN, full_name="Анна Полевая")


@pytest.fixture
def browser(admin: Official) -> Client:
    client = signed_in(admin)
    client.cookies["lang"] = "en"
    return client


@pytest.fixture
def ivan(city: Municipality) -> Official:
    return make_official(city, Role.OPERATOR, full_name="Иван Ручьёв")


@pytest.fixture
def olga(city: Municipality) -> Official:
    return make_official(city, Role.OPERATOR, full_name="Ольга Ветрова")


def url(name: str, *arguments: int) -> str:
    return reverse(f"desk:administration:{name}", args=arguments)


def refused(answer: Any) -> dict[str, list[str]]:
    """What a page refuses, by field, and that it is drawn there and tied to its control for a screen reader."""
    assert answer.status_code == 422
    page, form = answer.content.decode(), answer.context["form"]
    errors = {name: list(said) for name, said in form.errors.items()}
    for name, said in errors.items():
        (drawn,) = re.findall(rf'<div id="id_{name}_error">(.*?)</div>', page, re.DOTALL)
        assert re.findall(r"<span>(.*?)</span>", unescape(drawn)) == said
        assert re.search(rf'aria-describedby="[^"]*\bid_{name}_error"', page) is not None
    return errors


def typed(answer: Any, *names: str) -> list[Any]:
    """What stands in these fields again."""
    return [answer.context["form"][name].value() for name in names]


def leave(browser: Client, who: Official, whom: Official, first: int = 2, last: int = 4) -> Any:
    """Enter an absence from the one to the other day, counted from today."""
    day = clock.now().astimezone(ZoneInfo(who.municipality.timezone)).date()
    days = {"first": day + timedelta(first), "last": day + timedelta(last)}
    said = {"official": who.pk, "substitute": whom.pk, "kind": AbsenceKind.LEAVE.value, **days}
    return browser.post(reverse("desk:absences"), said)


@pytest.mark.parametrize(
    ("first", "last", "field", "sentence"),
    [
        (9, 3, "last", "The last day can't be before the first."),
        (-3, 3, "first", "An absence begins today or later: what was done is done."),
        (3, 500, "last", "An absence lasts a year at most."),
    ],
)
def test_absence_of_impossible_days_is_refused(
    browser: Client, ivan: Official, olga: Official, first: int, last: int, field: str, sentence: str
) -> None:
    answer = leave(browser, ivan, olga, first, last)

    assert refused(answer) == {field: [sentence]}
    assert typed(answer, "official", "substitute", "kind") == [str(ivan.pk), str(olga.pk), "leave"]
    assert Absence.objects.count() == 0


def test_absence_without_days_asks_for_them(browser: Client, ivan: Official, olga: Official) -> None:
    said = {"official": ivan.pk, "substitute": olga.pk, "kind": "leave", "first": "", "last": "32.13.2026"}

    answer = browser.post(reverse("desk:absences"), said)

    assert refused(answer) == {"first": ["Choose the day."], "last": ["Choose the day."]}
    assert typed(answer, "substitute", "last") == [str(olga.pk), "32.13.2026"]


def test_nobody_stands_in_for_oneself(browser: Client, ivan: Official) -> None:
    answer = leave(browser, ivan, ivan)

    assert refused(answer) == {"substitute": ["Nobody stands in for oneself: choose a colleague."]}
    assert Absence.objects.count() == 0


def test_second_absence_at_the_same_time_is_refused(browser: Client, ivan: Official, olga: Official) -> None:
    leave(browser, ivan, olga)
    (kept,) = Absence.objects.all()
    day = date_format(kept.ends_at.astimezone(ZoneInfo("Europe/Moscow")) - timedelta(seconds=1), "j E")

    again = leave(browser, ivan, olga, 3, 6)
    chain = leave(browser, olga, ivan, 3, 6)

    assert refused(again) == {"first": [f"Иван Ручьёв is away until {day} already: end that first."]}
    circle = f"That would be a circle: Иван Ручьёв is away until {day}, and Ольга Ветрова stands in."
    assert refused(chain) in ({"substitute": [circle]}, {"first": [circle]})
    assert list(Absence.objects.all()) == [kept]


def test_stranger_is_no_choice_of_an_absence(browser: Client, ivan: Official) -> None:
    stranger = make_official(make_city("zarechny"), Role.OPERATOR)

    answer = leave(browser, ivan, stranger)

    assert refused(answer) == {"substitute": ["Choose one of the list."]}
    assert Absence.objects.count() == 0


RULE = {"name": "Снег", "urgency_from": "0", "hours": "always", "manner": "assign", "whom": "nobody"}


def test_rule_that_would_change_nothing_is_refused(browser: Client) -> None:
    answer = browser.post(url("rule_new"), RULE | {"urgency_from": "2"})

    sentence = "This rule would change nothing: say which department gets it, or who."
    assert refused(answer) == {"department": [sentence]}
    assert typed(answer, "name", "urgency_from", "manner") == ["Снег", "2", "assign"]
    assert AssignmentRule.objects.count() == 0


def test_rule_for_a_person_needs_the_person(browser: Client) -> None:
    answer = browser.post(url("rule_new"), RULE | {"whom": "named"})

    assert refused(answer) == {"official": ["Choose the person, or another way to find one."]}
    assert typed(answer, "name", "whom") == ["Снег", "named"]
    assert AssignmentRule.objects.count() == 0


def test_rule_needs_a_name_of_its_own(browser: Client, city: Municipality) -> None:
    roads = make_department(city, "roads")
    browser.post(url("rule_new"), RULE | {"department": roads.pk})

    nameless = browser.post(url("rule_new"), RULE | {"name": "", "department": roads.pk})
    twin = browser.post(url("rule_new"), RULE | {"department": roads.pk, "urgency_from": "3"})

    assert refused(nameless) == {"name": ["Give it a name: cases tell it as the reason."]}
    assert list(refused(twin)) == ["name"]
    assert typed(twin, "department", "urgency_from") == [str(roads.pk), "3"]
    assert AssignmentRule.objects.count() == 1


def test_refused_change_of_a_rule_leaves_it_as_it_was(browser: Client, city: Municipality) -> None:
    roads = make_department(city, "roads")
    browser.post(url("rule_new"), RULE | {"department": roads.pk})
    (rule,) = AssignmentRule.objects.all()

    answer = browser.post(url("rule", rule.pk), RULE | {"name": "Лёд", "department": ""})

    assert list(refused(answer)) == ["department"]
    assert typed(answer, "name", "department") == ["Лёд", ""]
    kept = AssignmentRule.objects.get()
    assert (kept.name, kept.department, kept.version) == ("Снег", roads, 1)


@pytest.mark.parametrize("forged", [{"load_from": "0"}, {"urgency_from": "9"}, {"hours": "night"}, {"manner": "hide"}])
def test_forged_choice_of_a_rule_is_refused(browser: Client, city: Municipality, forged: dict[str, str]) -> None:
    answer = browser.post(url("rule_new"), RULE | {"department": make_department(city, "roads").pk} | forged)

    assert list(refused(answer)) == list(forged)
    assert AssignmentRule.objects.count() == 0


def test_rule_that_can_never_decide_is_told_in_the_list(browser: Client, city: Municipality) -> None:
    """It is kept: moving it up mends it. What it lacks is said beside it until then."""
    roads = make_department(city, "roads")
    browser.post(url("rule_new"), RULE | {"department": roads.pk})

    page = browser.post(url("rule_new"), RULE | {"name": "Лёд", "department": roads.pk}, follow=True)

    assert [row["warning"] for row in page.context["rows"]] == [
        "",
        "It never decides: everything that fits it is taken before, by “Снег”.",
    ]


SHIFT = {"days": ["0", "4"], "starts": "08:00", "ends": "20:00", "first_on": "", "last_on": ""}


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"days": []}, "days", "Choose at least one day of the week."),
        ({"ends": "08:00"}, "ends", "A shift has to end at another time than it starts."),
        (
            {"first_on": "2026-03-09", "last_on": "2026-03-02"},
            "last_on",
            "The last day can't be before the first.",
        ),
        ({"starts": "", "ends": "20:00"}, "starts", "Say the time, like 09:30."),
        ({"ends": "25:61"}, "ends", "Say the time, like 09:30."),
        ({"last_on": "31.02.2026"}, "last_on", "Choose the day."),
        ({"official": ""}, "official", "Choose one of the list."),
    ],
)
def test_shift_that_makes_no_sense_is_refused(
    browser: Client, ivan: Official, said: dict[str, Any], field: str, sentence: str
) -> None:
    answer = browser.post(url("shifts"), {"official": ivan.pk, **SHIFT, **said})

    assert refused(answer) == {field: [sentence]}
    whole = {"official": str(ivan.pk), **SHIFT, **said}
    assert typed(answer, *whole) == list(whole.values())
    assert Shift.objects.count() == 0


def test_refused_change_of_a_shift_leaves_it_as_it_was(browser: Client, ivan: Official) -> None:
    browser.post(url("shifts"), {"official": ivan.pk, **SHIFT})
    (shift,) = Shift.objects.all()

    answer = browser.post(url("shift", shift.pk), {"official": ivan.pk, **SHIFT, "days": [], "starts": "07:00"})

    assert list(refused(answer)) == ["days"]
    shift.refresh_from_db()
    assert (shift.days, shift.starts) == ("04", time(8))


LADDER = {
    "hours": "daily",
    "opens": "09:00",
    "closes": "18:00",
    "percent0": "50",
    "roles0": ["executor"],
    "percent1": "100",
    "roles1": ["curator"],
}


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"percent0": "100"}, "percent1", "Two steps stand at the same percent: make one of them."),
        ({"percent0": "900"}, "percent0", "A step stands between 10 and 500 percent."),
        ({"percent0": "9"}, "percent0", "A step stands between 10 and 500 percent."),
        ({"percent0": "half"}, "percent0", "A step stands between 10 and 500 percent."),
        ({"percent0": ""}, "percent0", "Say at how many percent they are told, or untick them."),
        ({"roles0": []}, "roles0", "On each step somebody has to be told."),
        ({"closes": "08:00"}, "closes", "The hours of telling have to end after they begin."),
        ({"closes": "late"}, "closes", "Say the time, like 09:30."),
    ],
)
def test_ladder_that_makes_no_sense_is_refused(
    browser: Client, said: dict[str, Any], field: str, sentence: str
) -> None:
    answer = browser.post(url("ladder"), LADDER | said)

    assert refused(answer) == {field: [sentence]}
    whole = LADDER | said
    assert typed(answer, *whole) == list(whole.values())
    assert Escalation.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"percent1": "120"}, "A step has to stand at 100 %: when the deadline passes, somebody must hear of it."),
        ({"percent0": "", "roles0": [], "percent1": "", "roles1": []}, "There have to be one to 8 steps."),
    ],
)
def test_ladder_that_lacks_a_step_says_so_above_it(browser: Client, said: dict[str, Any], sentence: str) -> None:
    answer = browser.post(url("ladder"), LADDER | said)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"__all__": [sentence]}
    assert sentence in answer.content.decode()
    assert typed(answer, "percent1") == [(LADDER | said)["percent1"]]
    assert Escalation.objects.count() == 0


def test_steps_typed_in_another_order_are_kept_the_lowest_first(browser: Client) -> None:
    browser.post(url("ladder"), LADDER | {"percent0": "100", "percent1": "75"})

    assert Escalation.objects.get().steps == [[75, ["curator"]], [100, ["executor"]]]
