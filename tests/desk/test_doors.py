"""Every address of the desk is behind its door, and another city's cases don't exist for us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse

from otklik.desk import urls
from otklik.desk.acting import DEEDS
from otklik.desk.doors import door
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.tickets import read_ticket
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger

UUID = "00000000-0000-4000-8000-000000000001"


def views(patterns: list[Any] = urls.urlpatterns, prefix: str = "/desk/") -> Iterator[tuple[str, URLPattern]]:
    """Every address with something plausible in its places, and its pattern."""
    for pattern in patterns:
        route = str(pattern.pattern)
        for placeholder, value in (("<uuid:", UUID), ("<int:", "1"), ("<str:", "x"), ("<slug:", "x"), ("<", "1")):
            while placeholder in route:
                start = route.index(placeholder)
                route = route[:start] + value + route[route.index(">", start) + 1 :]
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, prefix + route)
        else:
            yield prefix + route, pattern


ADDRESSES = [address for address, _ in views()]


def test_every_view_is_behind_a_door() -> None:
    assert [address for address, pattern in views() if not getattr(pattern.callback, "door", ())] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_comes_in_without_signing_in(address: str, db: None) -> None:
    client = Client()

    answers = [client.get(address), client.post(address)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert all(answer["Location"].startswith("/desk/sign-in/?next=/desk/") for answer in answers)


def test_official_without_roles_sees_nothing(office: Office) -> None:
    client = signed_in(make_official(office.town.city))

    codes = {address: {client.get(address).status_code, client.post(address).status_code} for address in ADDRESSES}

    assert {address: found for address, found in codes.items() if found != {403}} == {}


def test_official_who_left_goes_to_the_sign_in(office: Office) -> None:
    client = office.browser(office.curator)
    office.curator.is_active = False
    office.curator.save()

    assert client.get("/desk/").status_code == 302


def test_demo_account_is_nobody_outside_the_demo(office: Office) -> None:
    client = office.browser(office.curator)
    office.curator.is_demo = True
    office.curator.save()

    assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_fragment_of_a_lost_session_sends_the_whole_browser_to_sign_in(db: None) -> None:
    answer = Client().get("/desk/cases/1/", headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == "/desk/sign-in/"


def test_case_of_another_city_does_not_exist(office: Office) -> None:
    case = office.case()
    client = signed_in(make_stranger())
    addresses = [f"/desk/cases/{case.number}/"]
    addresses += [reverse(f"desk:do_{deed.name}", args=[case.number]) for deed in DEEDS if deed.name != "return"]

    codes = {address: client.post(address).status_code for address in addresses[1:]}

    assert client.get(addresses[0]).status_code == 404
    assert {address: code for address, code in codes.items() if code not in (403, 404)} == {}
    assert client.post(f"/desk/cases/{case.number}/assign/").status_code == 404


def test_case_of_another_department_does_not_exist(office: Office) -> None:
    case = office.case(topic="utilities.heating")
    client = office.browser(office.executor)

    assert client.get(f"/desk/cases/{case.number}/").status_code == 404
    assert client.post(f"/desk/cases/{case.number}/take/").status_code == 404


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_deed_asks_for_its_own_permission(deed: Any, office: Office) -> None:
    case = office.case()
    who = {
        Permission.CASE_DRAFT: office.operator,
        Permission.CASE_RETURN: office.operator,
        Permission.CASE_APPROVE: office.executor,
        Permission.CASE_ASSIGN: office.executor,
        Permission.CASE_DEADLINE: office.operator,
        Permission.CONTROL_SET: office.curator,
        Permission.CONTROL_CLEAR: office.aide,
        Permission.CASE_PUBLISH: office.executor,
        Permission.APPEAL_REGISTER: office.curator,
        Permission.PERSON_LINK: office.executor,
        Permission.PERSON_BLOCK: office.executor,
        Permission.CASE_NOTE: make_official(office.town.city, Role.PRIVACY),
        Permission.CASE_VIEW: make_official(office.town.city, Role.ADMIN),
    }[deed.permission]

    answer = office.browser(who).post(reverse(f"desk:do_{deed.name}", args=[case.number]), {"reason": "x", "text": "x"})

    assert answer.status_code == 403
    case.refresh_from_db()
    assert case.journal.filter(actor=who).count() == 0


def test_deed_is_never_done_by_following_a_link(office: Office) -> None:
    case = office.case()

    assert office.browser(office.executor).get(f"/desk/cases/{case.number}/take/").status_code == 405


def test_deed_without_the_token_of_the_form_is_refused(office: Office) -> None:
    case = office.case()
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.executor)

    assert client.post(f"/desk/cases/{case.number}/take/").status_code == 403


def test_door_without_a_permission_cannot_be_made() -> None:
    with pytest.raises(TypeError):
        door()


def test_page_is_in_the_officials_language_unless_the_browser_chose_another(office: Office) -> None:
    client = signed_in(office.curator)

    spoken = client.get("/desk/")
    client.cookies["lang"] = "en"
    chosen = client.get("/desk/")

    assert (spoken["Content-Language"], chosen["Content-Language"]) == ("ru", "en")
    assert '<html lang="ru">' in spoken.content.decode()


def test_screens_are_kept_by_no_cache(office: Office) -> None:
    assert office.browser(office.curator).get("/desk/")["Cache-Control"] == "no-store"


def test_administrator_without_cases_goes_to_administration(office: Office) -> None:
    client = signed_in(make_official(office.town.city, Role.ADMIN))

    assert client.get("/desk/")["Location"] == "/desk/administration/"


def test_ticket_says_who_listens(office: Office) -> None:
    text = office.browser(office.executor).get("/desk/ticket/").json()["ticket"]

    ticket = read_ticket(text)

    assert (ticket.official_id, ticket.municipality_id) == (office.executor.pk, office.town.city.pk)
    assert "case.view" in ticket.scopes


def test_refused_in_a_view_is_a_403(office: Office, rf: RequestFactory) -> None:
    from django.core.exceptions import PermissionDenied

    @door(Permission.CASE_VIEW)
    def strict(request: Any) -> HttpResponse:
        access: Access = request.access
        access.require(Permission.CITY_MANAGE)
        return HttpResponse()

    request = rf.get("/")
    request.session = office.browser(office.curator).session

    with pytest.raises(PermissionDenied):
        strict(request)
