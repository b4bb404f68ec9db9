"""Keyset pages for the desk's lists, from a query string."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

from otklik.cases.queries import PAGE

Row = TypeVar("Row", bound=Model)


def asked_before(asked: QueryDict) -> int | None:
    """Return the id that a page starts below; None for the first page, and for nonsense."""
    before = asked.get("before", "")
    return int(before) if before.isdecimal() and len(before) < 19 else None


def page(rows: QuerySet[Row], asked: QueryDict) -> tuple[list[Row], int | None]:
    """Return one page of rows in falling id, and where the next one starts (None: this is the last). One query."""
    before = asked_before(asked)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None
