"""Finding what was said by its words: one design on both databases.

`SearchEntry` keeps the stems of everything that can be found. On SQLite an FTS5 table follows it by triggers; on
PostgreSQL a generated column of it has a GIN index (migration 0005 makes both). An entry's `scope` names the department
of its case, so that an official's own part of the city is a word like the others, and nothing outside it is ever read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

UNSORTED = "_u"
"""The scope of what belongs to no case."""

RECENT = 20_000
"""So many newest entries are looked at first: a common word fills a page from them at once."""

RARE = 10_000
"""A word found more often than that, but hardly ever lately, is looked for from the newest to the oldest."""

SPELLINGS = 50
"""Where more stand for the words (a misspelt one has hundreds), comparing them with each recent entry takes a second on
PostgreSQL; its index takes each of them once."""

Words = Sequence[Sequence[str]]
"""All of these must be there; of each, one of its spellings."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; what it is of."""

    entry_id: int
    message_id: int | None
    case_id: int | None
    answer_id: int | None


def scope_of(department_id: int | None) -> str:
    """Return the scope of a case: its department, `_0` while it has none."""
    return f"_{department_id or 0}"


def newest(
    municipality_id: int, words: Words, *, departments: Collection[int] | None, unsorted: bool, limit: int
) -> list[Hit]:
    """Return the newest entries that hold all the words, newest first. One to three queries.

    `departments` None is the whole city; `unsorted` adds what belongs to no case.
    """
    if not words or (departments is not None and not departments and not unsorted):
        return []
    scopes = None if departments is None else [scope_of(one) for one in sorted(departments)]
    if scopes is not None and unsorted:
        scopes.append(UNSORTED)
    condition = "" if unsorted else " AND e.case_ref IS NOT NULL"
    find = _find_postgresql if connection.vendor == "postgresql" else _find_sqlite
    return [Hit(*row) for row in find(municipality_id, words, scopes, condition, limit)]


_COLUMNS = "e.id, e.message_id, e.case_ref, e.answer_ref"


def _find_sqlite(
    municipality_id: int, words: Words, scopes: Sequence[str] | None, condition: str, limit: int
) -> list[tuple[Any, ...]]:
    groups = [*words] if scopes is None else [*words, scopes]
    wanted = " AND ".join(f"({' OR '.join(_quoted(one) for one in group)})" for group in groups)
    return _rows(
        f"SELECT {_COLUMNS} FROM channels_searchwords JOIN channels_searchentry e ON e.id = channels_searchwords.rowid"  # noqa: S608 - our own names; values are parameters
        f" WHERE channels_searchwords MATCH %s AND e.municipality_id = %s{condition}"
        " ORDER BY channels_searchwords.rowid DESC LIMIT %s",
        [wanted, municipality_id, limit],
    )


def _find_postgresql(
    municipality_id: int, words: Words, scopes: Sequence[str] | None, condition: str, limit: int
) -> list[tuple[Any, ...]]:
    groups = [*words] if scopes is None else [*words, scopes]
    wanted = " & ".join(f"({' | '.join(_lexeme(one) for one in group)})" for group in groups)
    where = f"e.vector @@ %s::tsquery AND e.municipality_id = %s{condition}"
    given: list[Any] = [wanted, municipality_id]
    if sum(len(one) for one in words) <= SPELLINGS:
        recent = _rows(
            f"SELECT {_COLUMNS} FROM channels_searchentry e WHERE {where}"  # noqa: S608 - our own names; values are parameters
            " AND e.id > (SELECT coalesce(max(id), 0) FROM channels_searchentry) - %s ORDER BY e.id DESC LIMIT %s",
            [*given, RECENT, limit],
        )
        if len(recent) >= limit:
            return recent
    # The planner would walk all rows by their date for a word that it thinks is common: GIN first, then the order.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"WITH e AS MATERIALIZED (SELECT {_COLUMNS} FROM channels_searchentry e WHERE {where} LIMIT %s)"  # noqa: S608 - our own names; values are parameters
            f" SELECT {_COLUMNS}, count(*) OVER () FROM e ORDER BY e.id DESC LIMIT %s",
            [*given, RARE + 1, limit],
        )
        found = cursor.fetchall()
    if not found or found[0][4] <= RARE:
        return [row[:4] for row in found]
    return _rows(
        f"SELECT {_COLUMNS} FROM channels_searchentry e WHERE {where} ORDER BY e.id DESC LIMIT %s",  # noqa: S608 - our own names; values are parameters
        [*given, limit],
    )


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _quoted(word: str) -> str:
    return '"' + word.replace('"', "") + '"'


def _lexeme(word: str) -> str:
    return "'" + word.replace("'", "").replace("\\", "") + "'"
