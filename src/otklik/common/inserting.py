"""Inserting many new rows at once: `bulk_create` for the hot path, at a third of its price.

Django asks every value of every row whether it is an expression and has its field prepare it, step by step; for plain
words and numbers nothing comes of it. Here only the others are prepared, by Django's own fields.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Choices, Field, Model

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
Named = tuple[str, str, Prepare]
"""A field's attribute, its column, and what prepares its value."""
Row = tuple[Any, ...]
"""A row's values, in the order of the fields named beside it."""


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
    table = model._meta.db_table  # noqa: SLF001 - Django's documented door
    fields = _fields(model)
    values_of = attrgetter(*(name for name, _, _ in fields))
    prepare = [prepared for _, _, prepared in fields]
    columns = ", ".join(connection.ops.quote_name(column) for column in ("id", *(column for _, column, _ in fields)))
    copying = f"COPY {connection.ops.quote_name(table)} ({columns}) FROM STDIN".encode()
    with connection.cursor(), connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        taken = cursor.execute(_TAKE_NUMBERS, (table, len(rows))).fetchall()
        with cursor.copy(copying) as copy:
            for row, (key,) in zip(rows, taken, strict=True):
                values = zip(prepare, values_of(row), strict=True)
                copy.write_row((key, *(prepared(value) for prepared, value in values)))
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


def insert_values(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that nobody needs as objects: values of the fields named, by their attributes, in that order.

    What isn't named must have a default of the database.
    """
    _execute_values(model, fields_of(model, tuple(names)), rows, "")


def insert_new_values(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert those rows whose unique values aren't there yet; otherwise as `insert_values`."""
    _execute_values(model, fields_of(model, tuple(names)), rows, " ON CONFLICT DO NOTHING")


def _execute_values(model: type[Model], fields: Sequence[Named], rows: Sequence[Row], conflict: str) -> None:
    at_once = max(1, _most_values() // len(fields))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            head, values = insertion(model, fields, rows[start : start + at_once])
            cursor.execute(f"{head}{conflict}", values)


def _most_values() -> int:
    """Return how many values one statement takes. SQLite says so itself: Django reckons with libraries of old."""
    if connection.vendor != "sqlite":
        return 30_000
    connection.ensure_connection()
    return min(30_000, int(connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)))


def _parts(rows: Sequence[Model]) -> Iterator[Sequence[Model]]:
    """Yield rows in parts that one statement has room for."""
    if rows:
        at_once = max(1, _most_values() // len(_fields(type(rows[0]))))
        yield from (rows[start : start + at_once] for start in range(0, len(rows), at_once))


def _execute(rows: Sequence[Model], conflict: str) -> list[Any]:
    model = type(rows[0])
    fields = _fields(model)
    values_of = attrgetter(*(name for name, _, _ in fields))
    head, values = insertion(model, fields, [values_of(row) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {conflict} RETURNING {connection.ops.quote_name('id')}", values)
        return [key for (key,) in cursor.fetchall()]


def insertion(model: type[Model], fields: Sequence[Named], rows: Sequence[Row]) -> tuple[str, list[Any]]:
    """Return an INSERT of these rows, to which a conflict's rule may be added, and its values.

    PostgreSQL gets an array for each column: it parses one line instead of thousands of values.
    """
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for _, column, _ in fields)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"  # noqa: SLF001 - Django's documented door
    if connection.vendor != "postgresql":
        marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
        prepare = [prepared for _, _, prepared in fields]
        values = [prepared(value) for row in rows for prepared, value in zip(prepare, row, strict=True)]
        return f"{head} VALUES {marks}", values
    arrays = ", ".join(f"%s::{_array(model, name)}" for name, _, _ in fields)
    by_column = zip(fields, zip(*rows, strict=True), strict=True)
    return f"{head} SELECT * FROM unnest({arrays})", [  # noqa: S608 - names of our own tables
        [prepared(value) for value in column] for (_, _, prepared), column in by_column
    ]


@lru_cache(maxsize=512)
def _array(model: type[Model], name: str) -> str:
    """Return the array type of a column, without its length: a cast would cut what is too long instead of refusing."""
    (field,) = (one for one in model._meta.concrete_fields if one.attname == name)  # noqa: SLF001 - Django's documented door
    return str(field.db_type(connection)).split("(")[0] + "[]"


@lru_cache(maxsize=64)
def fields_of(model: type[Model], names: tuple[str, ...]) -> list[Named]:
    """Return these fields of a model, named by their attributes, as an insertion wants them."""
    by_name = {one.attname: one for one in model._meta.concrete_fields}  # noqa: SLF001 - Django's documented door
    return [(name, by_name[name].column or name, preparer(by_name[name])) for name in names]


def _settle(row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - as bulk_create leaves them


@lru_cache(maxsize=64)
def _fields(model: type[Model]) -> list[Named]:
    """Return the attribute, the column and what prepares the value of each field that an INSERT names."""
    fields = [one for one in model._meta.concrete_fields if not one.primary_key and not one.generated]  # noqa: SLF001 - Django's documented door
    return fields_of(model, tuple(one.attname for one in fields))


def preparer(field: Field[Any, Any]) -> Prepare:
    """Return what makes a field's value ready for the database, at no cost where it is ready as it is."""
    kind = field.get_internal_type()
    plain_field = kind in _PLAIN_FIELDS
    if kind == "DateTimeField":
        # A batch writes the same few instants into thousands of cells.
        return lru_cache(maxsize=1024)(lambda value: field.get_db_prep_save(value, connection))

    def prepared(value: Any) -> Any:
        if plain_field:
            if type(value) in _PLAIN:
                return value
            if isinstance(value, Choices):
                return value.value
        return field.get_db_prep_save(value, connection)

    return prepared
