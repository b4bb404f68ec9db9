"""Kept counts: rows that are inserted, or added to where they are there already. One statement for a batch.

Two workers may add to the same row at once: the database does the sum, and rows are taken in the order of their keys,
so that no two transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from otklik.common.inserting import Prepare, preparer

_AT_ONCE = 400
"""Rows in one statement: far below the number of parameters that either database takes."""


@dataclass(frozen=True, slots=True)
class Sums:
    """How a kept row grows: `key` says which row it is, `added` are its counts, `latest` instants that only grow.

    `settled` is what a new row gets besides, and keeps.
    """

    model: type[Model]
    key: tuple[str, ...]
    added: tuple[str, ...]
    latest: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


def add_up(sums: Sums, rows: Sequence[Model]) -> list[tuple[Any, ...]]:
    """Add these rows to the kept ones and return (key…, first count) of each as it stands now, in the order of keys.

    No key may be there twice among `rows`: PostgreSQL refuses to touch a row twice in one statement.
    """
    ordered = sorted(rows, key=lambda row: tuple(getattr(row, name) for name in sums.key))
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            fields = _fields(sums)
            values = [prepared(getattr(row, name)) for row in part for name, _, prepared in fields]
            cursor.execute(_statement(sums, len(part)), values)
            found += _as_python(sums, cursor.fetchall())
    return found


def _as_python(sums: Sums, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return what a cursor told as Django would: SQLite keeps instants as text."""
    told = [_by_name(sums.model)[name] for name in (*sums.key, sums.added[0])]
    columns = [field.get_col(sums.model._meta.db_table) for field in told]  # noqa: SLF001 - Django's documented door
    readers = [connection.ops.get_db_converters(column) for column in columns]

    def read(value: Any, place: int) -> Any:
        for reader in readers[place]:
            value = reader(value, columns[place], connection)
        return value

    return [tuple(read(value, place) for place, value in enumerate(row)) for row in rows]


def _by_name(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001 - Django's documented door


@lru_cache(maxsize=16)
def _fields(sums: Sums) -> list[tuple[str, str, Prepare]]:
    """Return the attribute, the column and what prepares the value of each field that a row names."""
    wanted = (*sums.key, *sums.added, *sums.latest, *sums.settled)
    named = [_by_name(sums.model)[name] for name in wanted]
    return [(field.attname, field.column or field.attname, preparer(field)) for field in named]


@lru_cache(maxsize=256)
def _statement(sums: Sums, count: int) -> str:
    quote = connection.ops.quote_name
    table = quote(sums.model._meta.db_table)  # noqa: SLF001 - Django's documented door
    fields = _fields(sums)
    columns = ", ".join(quote(column) for _, column, _ in fields)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * count)
    key = ", ".join(quote(name) for name in sums.key)
    grows = [f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in sums.added]
    grows += [
        f"{quote(name)} = CASE WHEN excluded.{quote(name)} > {table}.{quote(name)}"
        f" THEN excluded.{quote(name)} ELSE {table}.{quote(name)} END"
        for name in sums.latest
    ]
    told = f"{key}, {quote(sums.added[0])}"
    return (
        f"INSERT INTO {table} ({columns}) VALUES {marks}"  # noqa: S608 - names of our own tables
        f" ON CONFLICT ({key}) DO UPDATE SET {', '.join(grows)} RETURNING {told}"
    )
