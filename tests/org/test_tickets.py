from __future__ import annotations

import pytest
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from otklik.org.enums import Role
from otklik.org.tickets import Ticket, make_ticket, read_ticket
from tests.builders import make_access, make_city


def test_ticket_is_read_as_it_was_made(db: None) -> None:
    access = make_access(make_city(), Role.AIDE)

    ticket = read_ticket(make_ticket(access))

    scopes = (
        *("case.note", "case.view", "control.set", "mood.view", "person.view", "reception.serve", "report.view"),
        "surge.handle",
    )
    assert ticket == Ticket(access.official.pk, access.municipality_id, scopes)


def test_forged_ticket_is_refused(db: None) -> None:
    good = make_ticket(make_access(make_city(), Role.AIDE))
    forged = [
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        TimestampSigner(salt="another").sign_object({"official": 1, "municipality": 1, "scopes": []}),
        TimestampSigner(key="another", salt="otklik.live").sign_object(
            {"official": 1, "municipality": 1, "scopes": []}
        ),
        "",
        "a:b:c",
    ]

    for text in forged:
        with pytest.raises(BadSignature):
            read_ticket(text)


def test_stale_ticket_is_refused(db: None) -> None:
    text = make_ticket(make_access(make_city(), Role.AIDE))

    with pytest.raises(SignatureExpired):
        read_ticket(text, max_age=-1)
