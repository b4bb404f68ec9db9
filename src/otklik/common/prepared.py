"""Short queries that every request asks: their SQL is made once.

Django takes five times longer to make the SQL of such a query than a database takes to answer it, and after a change
two hundred desks ask a dozen of them each, at once. The query itself stays where it was, in the words of the ORM.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Value = int | datetime | tuple[int, ...]
"""What a query may depend on. Anything else is another query."""

_FIRST_NUMBER = 7_320_000_001
_FIRST_MOMENT = datetime(1871, 7, 1, tzinfo=UTC)


class Prepared:
    """A query by what it depends on: `build` is called once for each length of its tuples, and may look at no value,
    nor reckon with one. Raises TypeError at once where it adds to a moment it was given."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._made: dict[tuple[object, ...], tuple[str, list[tuple[bool, Any]]] | None] = {}

    def rows(self, *given: Value) -> list[tuple[Any, ...]]:
        """Return the rows, as the database gives them: dates and JSON are not made into anything."""
        shape = (connection.vendor, *(len(one) if isinstance(one, tuple) else type(one) for one in given))
        if shape not in self._made:
            self._made[shape] = self._make(given)
        made = self._made[shape]
        if made is None:
            return []
        sql, places = made
        values = _flat(given)
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[one] if is_given else one for is_given, one in places])
            return list(cursor.fetchall())

    def _make(self, given: tuple[Value, ...]) -> tuple[str, list[tuple[bool, Any]]] | None:
        """Return the SQL and, for each of its parameters, which given value it is, or what always stands there."""
        stand_ins = _stand_ins(given)
        try:
            sql, parameters = self._build(*stand_ins).query.sql_with_params()
        except EmptyResultSet:
            return None
        order = {value: place for place, value in enumerate(_flat(stand_ins))}
        places = [(one in order, order.get(one, one)) for one in parameters]
        if any(not is_given and _is_made_of_a_stand_in(one) for is_given, one in places):
            raise TypeError("a prepared query reckons with what it is given: give it the result")
        return sql, places


def _is_made_of_a_stand_in(value: object) -> bool:
    if isinstance(value, datetime):
        return value.year == _FIRST_MOMENT.year
    return isinstance(value, str) and value.startswith(f"{_FIRST_MOMENT.year}-")


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
            found.append(tuple(range(number, number + len(one))))
            number += len(one)
        elif isinstance(one, datetime):
            found.append(_FIRST_MOMENT + timedelta(days=number - _FIRST_NUMBER))
            number += 1
        else:
            found.append(number)
            number += 1
    return tuple(found)
