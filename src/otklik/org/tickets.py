"""Tickets for live updates: the web door signs who may listen, the gate checks it without asking anybody.

A ticket is Django's TimestampSigner over JSON, salt "otklik.live"; its scopes are the permissions held.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.signing import TimestampSigner

from otklik.org.access import Access

SALT = "otklik.live"
LIFE_S = 60


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who listens, and to what."""

    official_id: int
    municipality_id: int
    scopes: tuple[str, ...]


def make_ticket(access: Access) -> str:
    """Return a signed ticket for one connection; it is good for a minute."""
    content = {"official": access.official.pk, "municipality": access.municipality_id, "scopes": sorted(access.scopes)}
    return TimestampSigner(salt=SALT).sign_object(content)


def read_ticket(text: str, max_age: int = LIFE_S) -> Ticket:
    """Return what a ticket says. Raises django.core.signing.BadSignature for a forged or a stale one."""
    content = TimestampSigner(salt=SALT).unsign_object(text, max_age=max_age)
    return Ticket(
        official_id=content["official"], municipality_id=content["municipality"], scopes=tuple(content["scopes"])
    )
