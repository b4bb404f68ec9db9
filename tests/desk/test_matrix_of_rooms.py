"""Every role at every address of the desk beside the deeds on a case (test_matrix), and at whose case it stands.

Who may come in is written down here; an address that is in no line fails. Those of a case are tried in the own
department, in another one and in another city.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from otklik.cases.models import Case
from otklik.desk.acting import DEEDS
from otklik.org.enums import Role
from otklik.org.models import Department
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.desk.test_doors import views

EVERYBODY = "operator curator executor approver editor chief_editor head aide privacy analyst auditor admin"
WITH_CASES = "operator curator executor approver head aide privacy"

MAY: dict[str, str] = {
    EVERYBODY: """inbox start notices notices_seen choices push_add push_forget push_try telegram_link telegram_unlink
        absences absence_end""",
    f"{WITH_CASES} chief_editor": "file",
    WITH_CASES: """case pulse ticket here others_here bulk bulk_undo macros_choose macro_run views view_save
        view_rename view_move view_delete view_restore paper machine_ask machine_translate machine_cancel
        reception reception_new reception_same reception_many reception_taken reception_told reception_not_reached""",
    "operator curator executor approver head aide": "note resident_photo",
    "executor approver head": "field field_who field_task field_send photos photo",
    "operator curator": """sort sort_message sort_open sort_join sort_aside same_join same_join_all same_apart
        same_split same_decline showing showing_photo person_unlink teach teach_message teach_undo undelivered
        undelivered_sent undelivered_again undelivered_stop talk talk_hide talk_show talk_decide""",
    "operator curator head aide": "surge surge_strip surge_take surge_dismiss",
    "operator curator head": "streets hand_over",
    "head aide": "head digest digest_of",
    "curator head aide analyst": "mood moves weekly weekly_of weekly_csv",
    "curator approver": """templates template template_delete template_restore macros macro macro_delete
        macro_restore""",
    "privacy": "appeals",
    "editor chief_editor head": "posts post_figures",
    "chief_editor head": """post_new post_edit post_withdraw post_networks draft_keep draft_drop draft_photos
        draft_photo""",
    "curator privacy auditor admin": "administration:home",
    "privacy auditor admin": "administration:audit",
    "curator admin": """administration:understanding administration:understanding_precision
        administration:understanding_progress administration:understanding_refit administration:understanding_use
        administration:understanding_version""",
}
"""Who comes in where; of administration, whatever isn't named is the administrator's alone."""

OF_A_CASE = ["case", "paper", "note", "photos", "showing", "field_task", "same_join", "same_join_all"]
OF_A_CASE += ["same_apart"]
"""Addresses of one case, by its number alone."""


def roles_of(name: str) -> set[str]:
    """Who may come in, as it is written down."""
    known = {one: line.split() for line, names in MAY.items() for one in names.split()}
    return set(known.get(name, ["admin"] if name.startswith("administration:") else []))


def rooms() -> dict[str, str]:
    """The addresses by their names, with something plausible in their places; the deeds are test_matrix's."""
    deeds = {f"do_{deed.name}" for deed in DEEDS}
    found = {}
    for address, pattern in views():
        space = "administration:" if address.startswith("/desk/administration/") else ""
        if pattern.name not in deeds:
            found[f"{space}{pattern.name}"] = address
    return found


def test_every_address_is_in_the_table() -> None:
    known = {one for names in MAY.values() for one in names.split()}
    there = set(rooms())

    assert {one for one in there - known if not one.startswith("administration:")} == set()
    assert known - there == set()


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_role_comes_in_exactly_where_its_line_says(role: Role, office: Office) -> None:
    client = signed_in(make_official(office.town.city, role))

    found = {
        name: {client.get(address).status_code, client.post(address).status_code} == {403}
        for name, address in rooms().items()
    }

    assert {name: not refused for name, refused in found.items()} == {name: role in roles_of(name) for name in found}


def codes_at(client: Client, case: Case) -> dict[str, str]:
    """What each address of a case answers: refused at the door, not there, or there."""
    found = {}
    for name in OF_A_CASE:
        address = reverse(f"desk:{name}", args=[case.number])
        codes = {client.get(address).status_code, client.post(address, {}).status_code} - {405}
        found[name] = "refused" if codes == {403} else "not there" if codes == {404} else "there"
    return found


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_rooms_of_a_case_are_ones_own_departments_alone(role: Role, office: Office) -> None:
    city = office.town.city
    roads = Department.objects.get(municipality=city, code="roads")
    own, other = office.case(), office.case(topic="utilities.heating")
    client = signed_in(make_official(city, (role, roads)))

    there, elsewhere = codes_at(client, own), codes_at(client, other)

    may = {name for name in OF_A_CASE if role in roles_of(name)}
    assert there == {name: "there" if name in may else "refused" for name in OF_A_CASE}
    assert elsewhere == {name: "not there" if name in may else "refused" for name in OF_A_CASE}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_rooms_of_another_citys_case_are_not_there(role: Role, office: Office) -> None:
    case = office.case()
    before = case.journal.count()
    client = signed_in(make_official(make_stranger().municipality, role))

    found = codes_at(client, case)

    assert found == {name: "not there" if role in roles_of(name) else "refused" for name in OF_A_CASE}
    assert case.journal.count() == before
