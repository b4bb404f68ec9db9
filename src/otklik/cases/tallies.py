"""How many cases there are of each sort, kept by the database itself in the transaction of every change.

A trigger notes each change as a row of +1 or -1; `services.tallying.fold` adds them up from time to time. So nobody
waits for a counter that another transaction holds, whoever writes cases, and by whatever way, and a count is a sum over
some thousand rows at any size. Cases are never deleted, hence there is no trigger for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet, Sum, Value

from otklik.cases.enums import OPEN_STATUSES, Status
from otklik.cases.lists import Filters
from otklik.cases.models import CaseTally
from otklik.common.prepared import Prepared
from otklik.org.access import Access, Permission

_KEYS: Final = (
    *("municipality_id", "department_id", "topic_id", "channel_id", "status", "personal_control"),
    "to_approve",
)
_NAMED: Final = ", ".join((*_KEYS, "is_urgent", "amount"))


def _of(row: str, amount: str) -> str:
    return ", ".join((*(f"{row}.{key}" for key in _KEYS), f"{row}.urgency >= 3", amount))


_CHANGED = " OR ".join(f"old.{key} IS NOT new.{key}" for key in (*_KEYS, "urgency"))
_INTO = f"INSERT INTO cases_casetally ({_NAMED})"
SQLITE: Final = (
    f"CREATE TRIGGER cases_case_tally_added AFTER INSERT ON cases_case BEGIN {_INTO} VALUES ({_of('new', '1')}); END",  # noqa: S608 - our own names
    (
        f"CREATE TRIGGER cases_case_tally_changed AFTER UPDATE ON cases_case WHEN {_CHANGED}"
        f" BEGIN {_INTO} VALUES ({_of('old', '-1')}), ({_of('new', '1')}); END"
    ),
)
_GROUPED = ", ".join(str(place) for place in range(1, len(_KEYS) + 2))
_OLD = ", ".join((*(f"o.{key}" for key in _KEYS), "o.urgency >= 3 AS is_urgent", "-1 AS amount"))
# A restore fills both tables itself, and says so by otklik.loading.
_ADD = (
    "IF coalesce(current_setting('otklik.loading', true), '') = 'on' THEN RETURN NULL; END IF;"  # noqa: S608 - our own names
    f" {_INTO} SELECT {_of('n', 'count(*)')} FROM new_rows n GROUP BY {_GROUPED}; RETURN NULL;"
)
_CHANGE = (
    f"{_INTO} SELECT {', '.join(_KEYS)}, is_urgent, sum(amount) FROM"  # noqa: S608 - our own names
    f" (SELECT {_OLD} FROM old_rows o UNION ALL SELECT {_of('n', '1')} FROM new_rows n) AS both_rows"
    f" GROUP BY {_GROUPED} HAVING sum(amount) <> 0; RETURN NULL;"
)
POSTGRESQL: Final = (
    f"CREATE OR REPLACE FUNCTION cases_tally_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_ADD} END $$",
    f"CREATE OR REPLACE FUNCTION cases_tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_CHANGE} END $$",
    (
        "CREATE TRIGGER cases_case_tally_added AFTER INSERT ON cases_case REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION cases_tally_added()"
    ),
    (
        "CREATE TRIGGER cases_case_tally_changed AFTER UPDATE ON cases_case REFERENCING OLD TABLE AS old_rows"
        " NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cases_tally_changed()"
    ),
)

_OPEN: Final = Q(status__in=sorted(OPEN_STATUSES))
_VIEWS: Final[Mapping[str, Q]] = {
    "open": _OPEN,
    "new": Q(status__in=[Status.NEW, Status.TRIAGE]),
    "urgent": _OPEN & Q(is_urgent=True),
    "approval": Q(to_approve=True),
    "control": Q(personal_control=True) & ~Q(status=Status.DUPLICATE),
    "returned": Q(status__in=[Status.RETURNED, Status.REOPENED]),
    "answered": Q(status=Status.ANSWERED),
    "all": Q(),
}


def is_kept(filters: Filters) -> bool:
    """Return whether the count of a list is kept; what depends on the clock or on one person is read by an index."""
    return filters.view in _VIEWS and not filters.executors and filters.due_before is None


def kept_counts(access: Access, wanted: Mapping[str, Filters]) -> dict[str, int]:
    """Return how many cases each of these lists has, by the caller's names. One query. Only lists that `is_kept`."""
    if not wanted:
        return {}
    departments = access.departments_for(Permission.CASE_VIEW)
    asked = _sums(tuple(wanted.values()))
    there = () if departments is None else (tuple(sorted(departments)),)
    (found,) = asked.rows(access.municipality_id, *there) or [(0,) * len(wanted)]
    return {name: int(amount or 0) for name, amount in zip(wanted, found, strict=True)}


@lru_cache(maxsize=256)
def _sums(lists: tuple[Filters, ...]) -> Prepared:
    """Return the query of these lists' counts, of a city or of some of its departments: it is asked on every page."""
    sums = {f"n{place}": Sum("amount", filter=_condition(filters)) for place, filters in enumerate(lists)}

    def of(city: int, *there: tuple[int, ...]) -> QuerySet[CaseTally, Any]:
        rows = CaseTally.objects.filter(municipality=city)
        rows = rows.filter(department__in=there[0]) if there else rows
        return rows.order_by().annotate(all=Value(1)).values("all").annotate(**sums).values_list(*sums)

    return Prepared(of)


def _condition(filters: Filters) -> Q:
    condition = _VIEWS[filters.view]
    for name in ("status", "department", "topic", "channel"):
        if value := getattr(filters, name):
            condition &= Q(**{name: value})
    if filters.control:
        condition &= Q(personal_control=True)
    return condition or Q(amount__isnull=False)


def is_installed() -> bool:
    """Return whether the triggers are there; SQLite drops them when a migration makes the table of cases anew."""
    name = "cases_case_tally_changed"
    table = "pg_trigger WHERE tgname" if connection.vendor == "postgresql" else "sqlite_master WHERE name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} = %s", [name])  # noqa: S608 - one of two names of the database's own
        return cursor.fetchone() is not None
