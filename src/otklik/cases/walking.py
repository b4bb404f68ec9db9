"""Which index a list of cases walks, newest first.

Whatever a list is narrowed to, its first page comes from one index that has the order of the list, and whose entries
hold what else is asked, so that a case that doesn't belong is left out without being read. A planner doesn't find that
by itself: given a channel it would take the channel's own index, and read every closed case. So a list names the
columns to search by, and all others are only looked at.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    F,
    Field,
    Func,
    Q,
    SmallIntegerField,
)
from django.db.models.lookups import Exact, GreaterThanOrEqual, In, IsNull, LessThan

OPEN_ENTRY: Final = (
    *("municipality", "is_owed", "-id", "department", "topic", "channel", "status", "urgency", "answer_due_at", "kind"),
    *("answered_at", "personal_control"),
)
"""The index of what is open: everything that a list of open cases can be narrowed by. It isn't a partial one: SQLite
has to know how many are open to prefer a partial index to the one of all cases, and nobody tells it in a young town."""

OPEN: Final = frozenset({"municipality", "is_owed"})
"""Searched by these, a list walks OPEN_ENTRY."""

_COLUMNS: Final[dict[str, tuple[str, Field[Any, Any]]]] = {
    "municipality": ("municipality_id", BigIntegerField()),
    "department": ("department_id", BigIntegerField()),
    "topic": ("topic_id", BigIntegerField()),
    "channel": ("channel_id", BigIntegerField()),
    "executor": ("executor_id", BigIntegerField()),
    "status": ("status", CharField()),
    "kind": ("kind", CharField()),
    "verdict": ("verdict", CharField()),
    "urgency": ("urgency", SmallIntegerField()),
    "answer_due_at": ("answer_due_at", DateTimeField()),
    "answered_at": ("answered_at", DateTimeField()),
    "is_owed": ("is_owed", BooleanField()),
    "personal_control": ("personal_control", BooleanField()),
    "to_approve": ("to_approve", BooleanField()),
}
_LOOKUPS: Final[dict[str, Any]] = {"": Exact, "in": In, "lt": LessThan, "gte": GreaterThanOrEqual}


class _LookedAt(Func):
    """A column as SQLite reads it without searching by it: a plus before it hides it from the planner."""

    template = "+%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Leave it to PostgreSQL, which weighs costs by what is in each column."""
        return compiler.compile(self.source_expressions[0])


def looked_at(condition: Q, searched: frozenset[str]) -> Q:
    """Return the same condition in which only the `searched` columns are offered to the planner."""
    found = Q(_connector=condition.connector)
    found.children = [_child(child, searched) for child in condition.children]
    return found


def _child(child: Any, searched: frozenset[str]) -> Any:
    if isinstance(child, Q):
        # What is denied is searched by nothing, and Django knows what to do there about columns without a value.
        return child if child.negated else looked_at(child, searched)
    if not isinstance(child, tuple):
        return child
    name, _, lookup = child[0].partition("__")
    if name == "is_owed" and searched == OPEN:
        return "is_owed__in", [child[1]]  # a bare truth value is no equality to SQLite
    if name in searched or name not in _COLUMNS:
        return child
    column, field = _COLUMNS[name]
    hidden = _LookedAt(F(column), output_field=field)
    return IsNull(hidden, child[1] is None) if child[1] is None else _LOOKUPS[lookup](hidden, child[1])
