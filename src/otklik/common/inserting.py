"""Inserting many new rows at once: `bulk_create` for the hot path, at a third of its price.

Django asks every value of every row whether it is an expression and has its field prepare it, step by step; for plain
words and numbers nothing comes of it. Here only the others are prepared, by Django's own fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Field, Model

_PLAIN = frozenset({str, int, bool, type(None)})
_PLAIN_FIELDS = frozenset(
    {"CharField", "TextField", "SlugField", "BooleanField", "IntegerField", "BigIntegerField", "PositiveIntegerField"}
    | {"PositiveSmallIntegerField", "SmallIntegerField", "ForeignKey", "OneToOneField"}
)
"""Fields that store exact `str`, `int`, `bool` and None as they are, on both databases."""

_TAKE_NUMBERS = (
    "SELECT nextval(numbers) FROM (SELECT pg_get_serial_sequence(quote_ident(%s), 'id')::regclass AS numbers) AS named,"
    " generate_series(1, %s)"
)

Prepare = Callable[[Any], Any]


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model and give each its id. No save() is called, nothing is read back.

    Every field has its value already (no auto_now_add), what a row refers to was saved before it was set.
    """
    if connection.vendor == "postgresql" and rows:
        _copy(rows)
        return
    for part in _parts(rows):
        for row, key in zip(part, _execute(part, ""), strict=True):
            _settle(row, key)


def _copy(rows: Sequence[Model]) -> None:
    """Insert by COPY, with numbers taken from the table's sequence: a statement that long is costly to parse."""
    model = type(rows[0])
    fields = _fields(model)
    table = model._meta.db_table  # noqa: SLF001 - Django's documented door
    with connection.cursor(), connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        taken = cursor.execute(_TAKE_NUMBERS, (table, len(rows))).fetchall()
        with cursor.copy(_copy_statement(model)) as copy:
            for row, (key,) in zip(rows, taken, strict=True):
                copy.write_row((key, *(prepared(getattr(row, name)) for name, _, prepared in fields)))
    for row, (key,) in zip(rows, taken, strict=True):
        _settle(row, key)


def insert_new(rows: Sequence[Model]) -> bool:
    """Insert the rows whose unique values aren't there yet; True if all were new, and then each has its id.

    False: some were there already. Read all of them again: none of the rows given is to be relied on.
    """
    all_new = True
    for part in _parts(rows):
        keys = _execute(part, "ON CONFLICT DO NOTHING")
        all_new = all_new and len(keys) == len(part)
        if all_new:
            for row, key in zip(part, keys, strict=True):
                _settle(row, key)
    return all_new


def _parts(rows: Sequence[Model]) -> Iterator[Sequence[Model]]:
    """Yield rows in parts that one statement has room for."""
    if rows:
        at_once = max(1, (connection.features.max_query_params or 30_000) // len(_fields(type(rows[0]))))
        yield from (rows[start : start + at_once] for start in range(0, len(rows), at_once))


def _execute(rows: Sequence[Model], conflict: str) -> list[Any]:
    model = type(rows[0])
    fields = _fields(model)
    values = [prepared(getattr(row, name)) for row in rows for name, _, prepared in fields]
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, len(rows), conflict), values)
        return [key for (key,) in cursor.fetchall()]


def _settle(row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - as bulk_create leaves them


@lru_cache(maxsize=64)
def _fields(model: type[Model]) -> list[tuple[str, str, Prepare]]:
    """Return the attribute, the column and what prepares the value of each field that an INSERT names."""
    fields = [one for one in model._meta.concrete_fields if not one.primary_key and not one.generated]  # noqa: SLF001 - Django's documented door
    return [(one.attname, one.column or one.attname, preparer(one)) for one in fields]


def preparer(field: Field[Any, Any]) -> Prepare:
    """Return what makes a field's value ready for the database, at no cost where it is ready as it is."""
    kind = field.get_internal_type()
    plain_field = kind in _PLAIN_FIELDS
    if kind == "DateTimeField":
        # A batch writes the same few instants into thousands of cells.
        return lru_cache(maxsize=1024)(lambda value: field.get_db_prep_save(value, connection))

    def prepared(value: Any) -> Any:
        if plain_field and type(value) in _PLAIN:
            return value
        return field.get_db_prep_save(value, connection)

    return prepared


@lru_cache(maxsize=256)
def _statement(model: type[Model], count: int, conflict: str) -> str:
    quote = connection.ops.quote_name
    meta = model._meta  # noqa: SLF001 - Django's documented door
    columns = [column for _, column, _ in _fields(model)]
    named = ", ".join(quote(column) for column in columns)
    rows = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * count)
    table, key = quote(meta.db_table), quote(meta.pk.column or "id")
    return f"INSERT INTO {table} ({named}) VALUES {rows} {conflict} RETURNING {key}"  # noqa: S608 - names of our own tables


@lru_cache(maxsize=64)
def _copy_statement(model: type[Model]) -> bytes:
    quote = connection.ops.quote_name
    named = ", ".join(quote(column) for _, column, _ in _fields(model))
    table = model._meta.db_table  # noqa: SLF001 - Django's documented door
    return f"COPY {quote(table)} ({quote('id')}, {named}) FROM STDIN".encode()
