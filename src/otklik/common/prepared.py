"""Short queries that every request asks: their SQL is made once.

Django takes five times longer to make the SQL of such a query than a database takes to answer it, and after a change
two hundred desks ask a dozen of them each, at once. The query itself stays where it was, in the words of the ORM.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)
Value = int | str | datetime | tuple[int, ...] | tuple[str, ...]
"""What a query may depend on. Anything else is another query."""

_FIRST_NUMBER = 2_113_320_001
"""Every integer column holds it: of one that doesn't, Django says without asking that no row has it."""
_FIRST_MOMENT = datetime(1871, 7, 1, tzinfo=UTC)


class Prepared:
    """A query by what it depends on: `build` is called once for each length of its tuples (1, 2, 4, 8 …).

    It may look at no value, nor reckon with one. Raises TypeError at once where it adds to a moment it was given."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._made: dict[tuple[object, ...], _Made | None] = {}

    def rows(self, *given: Value) -> list[tuple[Any, ...]]:
        """Return the rows, as the database gives them: dates and JSON are not made into anything."""
        made, values = self.made(given)
        return [] if made is None else made.ask(values)

    def made(self, given: tuple[Value, ...]) -> tuple[_Made | None, tuple[Value, ...]]:
        """Return the query for values of such a shape (None: no row can answer it), and what it is asked with."""
        given = tuple(_filled_up(one) if isinstance(one, tuple) else one for one in given)
        shape = (connection.vendor, *(len(one) if isinstance(one, tuple) else type(one) for one in given))
        if shape not in self._made:
            self._made[shape] = self._make(given)
        return self._made[shape], given

    def _make(self, given: tuple[Value, ...]) -> _Made | None:
        stand_ins = _stand_ins(given)
        compiler = self._build(*stand_ins).query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        order = {value: place for place, value in enumerate(_flat(stand_ins))}
        places = [(one in order, order.get(one, one)) for one in parameters]
        if any(not is_given and _is_made_of_a_stand_in(one) for is_given, one in places):
            raise TypeError("a prepared query reckons with what it is given: give it the result")
        return _Made(sql, places, compiler)


class PreparedObjects(Generic[Row]):
    """A prepared query whose rows are objects, with what its `select_related` and `only` say.

    What goes with them by queries of its own (`prefetch_related`) the caller fetches.
    """

    def __init__(self, build: Callable[..., QuerySet[Row, Row]]) -> None:
        self._query = Prepared(build)

    def list(self, *given: Value) -> list[Row]:
        """Return what was found, in the order of the query."""
        made, values = self._query.made(given)
        return [] if made is None else made.objects(made.ask(values))


class _Made:
    """SQL that was made, for each of its parameters which given value it is or what always stands there, and how
    its columns become objects."""

    def __init__(self, sql: str, places: list[tuple[bool, Any]], compiler: SQLCompiler) -> None:
        self._sql, self._places, self._compiler = sql, places, compiler

    def ask(self, given: tuple[Value, ...]) -> list[tuple[Any, ...]]:
        """Return the rows as the database gives them."""
        values = _flat(given)
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [values[one] if is_given else one for is_given, one in self._places])
            return list(cursor.fetchall())

    def objects(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        """Return the rows as objects, the way a QuerySet makes them; what several refer to is one object, as
        `prefetch_related` has it: fifty cases of one channel made fifty channels."""
        model, fields, own, populators, converters = self._shape
        related: list[tuple[Any, Any, int, dict[Any, Any]]] = [
            (one, one.local_setter.__self__, one.cols_start + one.pk_idx, {}) for one in populators
        ]
        found = []
        for row in self._compiler.apply_converters(rows, converters) if converters else rows:
            one = model.from_db(DEFAULT_DB_ALIAS, fields, row[own])
            for populator, field, place, met in related:
                if (key := row[place]) in met:
                    field.set_cached_value(one, met[key])
                else:
                    populator.populate(row, one)
                    met[key] = field.get_cached_value(one)
            found.append(one)
        return found

    @cached_property
    def _shape(self) -> tuple[type[Model], list[str], slice, list[Any], Any]:
        select, info = self._compiler.select, self._compiler.klass_info
        own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        fields = [column[0].target.attname for column in select[own]]
        related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # stubs of Django 6
        return info["model"], fields, own, related, self._compiler.get_converters([column[0] for column in select])


def _is_made_of_a_stand_in(value: object) -> bool:
    if isinstance(value, datetime):
        return value.year == _FIRST_MOMENT.year
    return isinstance(value, str) and value.startswith(f"{_FIRST_MOMENT.year}-")


def _filled_up(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the same values, the last repeated up to a power of two: few lengths, so few queries are kept."""
    length = 1 << (len(values) - 1).bit_length() if values else 0
    return values + values[-1:] * (length - len(values))


def _flat(given: tuple[Value, ...]) -> list[Any]:
    values: list[Any] = []
    for one in given:
        values += one if isinstance(one, tuple) else [one]
    return [connection.ops.adapt_datetimefield_value(one) if isinstance(one, datetime) else one for one in values]


def _stand_ins(given: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return values of the same shape that nothing else in a query can be."""
    found: list[Value] = []
    number = _FIRST_NUMBER
    for one in given:
        if isinstance(one, tuple):
            numbers = range(number, number + len(one))
            found.append(tuple(map(str, numbers)) if one and isinstance(one[0], str) else tuple(numbers))
            number += len(one)
        elif isinstance(one, datetime):
            found.append(_FIRST_MOMENT + timedelta(days=number - _FIRST_NUMBER))
            number += 1
        else:
            found.append(str(number) if isinstance(one, str) else number)
            number += 1
    return tuple(found)
