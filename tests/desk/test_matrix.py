"""Every role at every deed on a case: its own department's, another's, another city's. Expectations are written down.

`DEEDS` in the desk says which deeds there are; a deed that is in no line here fails the first test.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from otklik.cases.models import Case
from otklik.desk.acting import DEEDS
from otklik.org.enums import Role
from otklik.org.models import Department
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger

ANSWERING = "draft ask interim promise resume take report correct correct_withdraw write_anew"
SORTING = "assign accept topic place repeat unrepeat reject redirect"
APPEALING = "appeal appeal_register appeal_extend appeal_answer appeal_forward appeal_strike"
TYING = "link unlink"
"""Everybody who may note something on a case."""
LOOKING = "snooze unsnooze"
"""Everybody who may look at a case."""
APPROVING = (
    "approve decline send_now stop_sending correct_approve correct_decline send_elsewhere send_privately told_otherwise"
)
SHOWING = "unpublish"
LINKING = "same_person"

MAY: dict[Role, str] = {
    Role.OPERATOR: f"{SORTING} {SHOWING} {LINKING} {TYING} {LOOKING}",
    Role.CURATOR: f"{SORTING} {SHOWING} {LINKING} block unblock deadline {TYING} {LOOKING}",
    Role.EXECUTOR: f"{ANSWERING} return {TYING} {LOOKING}",
    Role.APPROVER: f"{ANSWERING} return {APPROVING} {TYING} {LOOKING}",
    Role.EDITOR: "",
    Role.CHIEF_EDITOR: "",
    Role.HEAD: (
        f"{ANSWERING} {SORTING} {APPROVING} deadline control uncontrol ask_report release keep {TYING} {LOOKING}"
    ),
    Role.AIDE: f"control ask_report release {TYING} {LOOKING}",
    Role.PRIVACY: f"{APPEALING} {LOOKING}",
    Role.SURVEY: "",
    Role.ANALYST: "",
    Role.AUDITOR: "",
    Role.ADMIN: "",
}
"""What each role may do with a case it can see. Nobody else may do anything."""

SEES = {Role.OPERATOR, Role.CURATOR, Role.EXECUTOR, Role.APPROVER, Role.HEAD, Role.AIDE, Role.PRIVACY}
"""Who may look at cases at all."""


def named() -> list[str]:
    return [deed.name for deed in DEEDS if deed.permission.value != "case.merge"]


def expected(role: Role, deed: str, *, is_own: bool) -> str:
    """The answer of the door: refused, not there, or on to the form and the service."""
    if deed not in MAY[role].split():
        return "refused"
    return "open" if is_own else "not there"


def answer_to(client: object, case: Case, deed: str) -> str:
    code = client.post(reverse(f"desk:do_{deed}", args=[case.number]), {}).status_code  # type: ignore[attr-defined]
    return {403: "refused", 404: "not there", 302: "open", 409: "open", 422: "open"}[code]


def test_every_deed_is_in_the_table() -> None:
    known = {deed for line in MAY.values() for deed in line.split()}

    assert set(named()) - known == set()
    assert set(MAY) == set(Role)


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_role_of_one_department_does_exactly_what_its_line_says(role: Role, office: Office) -> None:
    city = office.town.city
    roads = Department.objects.get(municipality=city, code="roads")
    own, other = office.case(), office.case(topic="utilities.heating")
    client = signed_in(make_official(city, (role, roads)))

    found = {deed: (answer_to(client, other, deed), answer_to(client, own, deed)) for deed in named()}

    wanted = {deed: (expected(role, deed, is_own=False), expected(role, deed, is_own=True)) for deed in named()}
    assert found == wanted


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_role_of_the_whole_city_does_it_in_every_department(role: Role, office: Office) -> None:
    case = office.case(topic="utilities.heating")
    client = signed_in(make_official(office.town.city, role))

    found = {deed: answer_to(client, case, deed) for deed in named()}

    assert found == {deed: expected(role, deed, is_own=True) for deed in named()}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_case_of_another_city_is_never_there(role: Role, office: Office) -> None:
    case = office.case()
    before = case.journal.count()
    city = make_stranger().municipality
    client = signed_in(make_official(city, role))

    found = {deed: answer_to(client, case, deed) for deed in named()}

    assert found == {deed: expected(role, deed, is_own=False) for deed in named()}
    assert (client.get(f"/desk/cases/{case.number}/").status_code == 404) == (role in SEES)
    assert case.journal.count() == before


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_role_looks_at_cases_only_if_it_may(role: Role, office: Office) -> None:
    city = office.town.city
    roads = Department.objects.get(municipality=city, code="roads")
    own, other = office.case(), office.case(topic="utilities.heating")
    client = signed_in(make_official(city, (role, roads)))

    codes = [client.get(f"/desk/cases/{case.number}/").status_code for case in (own, other)]

    assert codes == ([200, 404] if role in SEES else [403, 403])
