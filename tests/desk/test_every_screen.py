"""Every screen of the desk, of administration and of one's own account is known and opens: none may be forgotten."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter, UUIDConverter

from tests.desk.office import furnish, make_office
from tests.desk.screens import OTHER, OWN, OWN_OTHER, SCREENS, arguments, everybody, named, own_names, rows_of
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own

_EXAMPLES = {IntConverter: 1, UUIDConverter: UUID(int=7)}
"""What may stand in an address; anything else is a word."""


@pytest.mark.django_db
def test_every_address_is_a_screen_here_or_says_what_it_is() -> None:
    cache.clear()
    office = make_office()
    browser = Client()
    browser.force_login(everybody(office))

    unknown = []
    for name, pattern in named():
        if name in SCREENS or name in OTHER:
            continue
        kinds = {key: _EXAMPLES.get(type(kind), "x") for key, kind in pattern.pattern.converters.items()}
        if browser.get(reverse(f"desk:{name}", kwargs=kinds)).status_code != 405:
            unknown.append(name)

    assert unknown == []
    assert {*SCREENS, *OTHER} - {name for name, _pattern in named()} == set()
    assert own_names() == OWN | OWN_OTHER


@pytest.mark.django_db
def test_every_screen_opens_for_whom_every_door_is_open(data_folder: Path) -> None:  # noqa: F811
    cache.clear()
    office = make_office()
    reader = everybody(office)
    rows = rows_of(office, furnish(office), reader)
    browser = Client()
    browser.force_login(reader)

    codes = {
        name: browser.get(reverse(f"desk:{name}", args=arguments(rows, row))).status_code
        for name, row in SCREENS.items()
    }

    assert {name: code for name, code in codes.items() if code != 200} == {}
