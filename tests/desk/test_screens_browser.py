"""Every screen of officials in a real browser, in light and dark: no rule of accessibility broken, nothing sideways.

The screens are those of the tables of addresses (`screens.py`): a new one is looked at because it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from otklik.cases.models import Case
from otklik.cases.services import assigning
from otklik.common import clock
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.services.inviting import invite
from tests.browsing import chromium, looked_over, needs_chromium, note_complaints, visits  # noqa: F401
from tests.builders import PASSWORD, make_official
from tests.desk.office import Office, furnish, make_office
from tests.desk.screens import OWN, SCREENS, arguments, everybody, rows_of
from tests.desk.test_signin import enter, protect
from tests.media.conftest import data_folder  # noqa: F401

pytestmark = needs_chromium
PARTS = 6
AS_OTHERS_SEE_IT = (
    ("case", "executor"),
    ("case", "operator"),
    ("manhole", "head"),
    ("approval", "approver"),
    ("found", "operator"),
    ("head", "head"),
    ("field", "executor"),
)
"""Screens that another role finds with other things to do on them."""


@pytest.fixture
def office(
    transactional_db: None,
    data_folder: Path,  # noqa: F811
    live_server: Any,
    chromium: Browser,  # noqa: F811
) -> Iterator[Office]:
    cache.clear()
    with visits(live_server, chromium):
        yield make_office()
    cache.clear()


def page_of(browser: Browser, url: str, signed: Client, wrong: list[str]) -> Page:
    """A page of whoever is signed in there, in Russian, with nothing live to listen to."""
    context = browser.new_context(locale="ru")
    context.add_cookies([{"name": name, "value": one.value, "url": url} for name, one in signed.cookies.items()])
    page = context.new_page()
    page.route("**/live?*", lambda route: route.fulfill(status=503))
    note_complaints(page, wrong)
    return page


@pytest.mark.parametrize("part", range(PARTS))
def test_screen_breaks_no_rule_and_fits(office: Office, chromium: Browser, live_server: Any, part: int) -> None:  # noqa: F811
    addresses = {**furnish(office), "field": "/desk/field/"}
    case = Case.objects.get(number=int(addresses["case"].split("/")[3]))
    assigning.take(access_of(office.executor), case, now=office.town.now)
    reader = everybody(office)
    rows = rows_of(office, addresses, reader)
    wrong: list[str] = []

    page = page_of(chromium, live_server.url, office.browser(reader, "ru"), wrong)
    for name, row in list(SCREENS.items())[part::PARTS]:
        wrong += looked_over(page, f"{live_server.url}{reverse(f'desk:{name}', args=arguments(rows, row))}")
    for name, who in AS_OTHERS_SEE_IT[part::PARTS]:
        own = page_of(chromium, live_server.url, office.browser(getattr(office, who), "ru"), wrong)
        wrong += looked_over(own, f"{live_server.url}{addresses[name]}")

    assert wrong == []


def test_screens_of_signing_in_and_of_ones_account_break_no_rule(
    office: Office,
    chromium: Browser,  # noqa: F811
    live_server: Any,
) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    person = make_official(office.town.city, Role.CURATOR, email="vera@town.example", password=PASSWORD)

    def look(signed: Client, *names: str, args: tuple[str, ...] = ()) -> None:
        page = page_of(chromium, live_server.url, signed, wrong)
        for name in names:
            address = f"{live_server.url}{reverse(name, args=args)}"
            wrong.extend(looked_over(page, address))
            if page.url == address or name == "account_inactive":
                seen.add(name)

    look(Client(), "account_login", "account_inactive", "app_offline")
    admin = access_of(make_official(office.town.city, Role.ADMIN))
    token = invite(admin, "nina@town.example", "Нина Рощина", Role.OPERATOR, None, now=clock.now())[1]
    look(Client(), "join", args=(token,))
    look(Client(), "join", args=("closed",))
    inside = Client()
    enter(inside, person.email)
    look(inside, "account_logout", "account_change_password", "account_reauthenticate", "mfa_index")
    inside.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    look(inside, "mfa_activate_totp")
    protect(inside, person)
    look(inside, "mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp")
    look(inside, "mfa_reauthenticate")
    cache.clear()
    half = Client()
    enter(half, person.email)
    look(half, "mfa_authenticate")

    assert wrong == []
    assert seen == OWN
