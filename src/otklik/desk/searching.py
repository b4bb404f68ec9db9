"""The list as a search shows it: the same place on the screen as a view's list, found by words."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict

from otklik.cases.lists import Filters, inbox
from otklik.cases.queries import visible_cases
from otklik.cases.searching import Found, search
from otklik.org.access import Access

LONGEST = 200
"""Characters of a question that are read."""


def asked_words(asked: QueryDict) -> str:
    """Return what is searched for; empty: it is a list, not a search."""
    return asked.get("q", "")[:LONGEST].replace("\x00", "").strip()


def found_for(access: Access, asked: QueryDict, filters: Filters, *, now: datetime) -> Found | None:
    """Return what a query string searches for, None where it asks for a list. Filters narrow what is found."""
    words = asked_words(asked)
    if not words:
        return None
    view = asked.get("view", "")
    chosen = Filters(**{name: getattr(filters, name) for name in Filters.__slots__} | {"view": view or "all"})
    narrowed = None if chosen == Filters(view="all") else inbox(access, chosen, now=now)
    return search(access, words, now=now, narrowed=narrowed)


def is_number(access: Access, number: int) -> bool:
    """Return whether a case of this number is there to be opened; other figures are words like any other."""
    return visible_cases(access).filter(number=number).exists()
