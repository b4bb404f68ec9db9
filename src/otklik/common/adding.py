"""Kept counts: rows that are inserted, or added to where they are there already. One statement for a batch.

Two workers may add to the same row at once: the database does the sum, and rows are taken in the order of their keys,
so that no two transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.db import connection
from django.db.models import Model

from otklik.common.inserting import Row, fields_of, insertion

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

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that a row to be added names, in order."""
        return (*self.key, *self.added, *self.latest, *self.settled)


def add_up(sums: Sums, rows: Sequence[Row]) -> list[Row]:
    """Add these rows to the kept ones and return (key…, first count) of each as it stands now, in the order of keys.

    A row has the values of `sums.names`, in that order. No key may be there twice among `rows`: PostgreSQL refuses to
    touch a row twice in one statement.
    """
    ordered = sorted(rows, key=lambda row: row[: len(sums.key)])
    fields = fields_of(sums.model, sums.names)
    found: list[Row] = []
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), _AT_ONCE):
            head, values = insertion(sums.model, fields, ordered[start : start + _AT_ONCE])
            cursor.execute(f"{head} {_growth(sums)}", values)
            found += _as_python(sums, cursor.fetchall())
    return found


def _as_python(sums: Sums, rows: Sequence[Row]) -> list[Row]:
    """Return what a cursor told as Django would: SQLite keeps instants as text."""
    readers = _readers(sums)
    if not readers:
        return list(rows)
    columns = list(zip(*rows, strict=True))
    for place, read in readers:
        columns[place] = tuple(map(read, columns[place]))
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=16)
def _readers(sums: Sums) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return what makes a told column Django's value, by its place; nothing for what is so already."""
    fields = {field.attname: field for field in sums.model._meta.concrete_fields}  # noqa: SLF001 - Django's documented door
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, name in enumerate((*sums.key, sums.added[0])):
        column = fields[name].get_col(sums.model._meta.db_table)  # noqa: SLF001 - Django's documented door
        if steps := connection.ops.get_db_converters(column):
            found.append((place, lru_cache(maxsize=1024)(partial(_convert, steps, column))))
    return found


def _convert(steps: Sequence[Callable[..., Any]], column: Any, value: Any) -> Any:
    for step in steps:
        value = step(value, column, connection)
    return value


@lru_cache(maxsize=16)
def _growth(sums: Sums) -> str:
    """Return what an INSERT does instead where the row is there already, and what it tells."""
    quote = connection.ops.quote_name
    table = quote(sums.model._meta.db_table)  # noqa: SLF001 - Django's documented door
    key = ", ".join(quote(name) for name in sums.key)
    grows = [f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in sums.added]
    grows += [
        f"{quote(name)} = CASE WHEN excluded.{quote(name)} > {table}.{quote(name)}"
        f" THEN excluded.{quote(name)} ELSE {table}.{quote(name)} END"
        for name in sums.latest
    ]
    return f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(grows)} RETURNING {key}, {quote(sums.added[0])}"
