"""Looking after the kept counts of cases (`cases.tallies`): making the triggers, counting anew, adding up."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from otklik.cases.models import Case, CaseTally
from otklik.cases.tallies import POSTGRESQL, SQLITE, is_installed

_BY = (
    *("municipality_id", "department_id", "topic_id", "channel_id", "status", "personal_control", "to_approve"),
    "is_urgent",
)
FOLD_FROM = 1_000
"""Fewer notes than that are not worth adding up."""


def install_after_migrating(**_: Any) -> None:
    """Make the triggers where they are missing, and count anew: after every `migrate`, as SQLite may have lost them."""
    tables = connection.introspection.table_names()
    if "cases_casetally" in tables and "cases_case" in tables and not is_installed():
        install()


@transaction.atomic
def install() -> None:
    """Make the triggers and count what is there."""
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)
    recount()


@transaction.atomic
def recount() -> None:
    """Count all cases anew; the same result as before unless somebody wrote past the triggers."""
    CaseTally.objects.all().delete()
    counted = Case.objects.order_by().annotate(is_urgent=_URGENT).values(*_BY).annotate(amount=Count("pk"))
    CaseTally.objects.bulk_create([CaseTally(**row) for row in counted.iterator()], batch_size=500)


_URGENT = Q(urgency__gte=3)


def fold() -> int:
    """Add the notes up into one row for each sort and return how many rows went; none while there are few.

    Only what is committed and seen here is added up, in one statement or under SQLite's one writer: none is lost.
    """
    if CaseTally.objects.count() < FOLD_FROM + CaseTally.objects.filter(is_folded=True).count():
        return 0
    if connection.vendor == "postgresql":
        return _fold_postgresql()
    with transaction.atomic():
        last = CaseTally.objects.order_by("-id").values_list("id", flat=True).first()
        notes = CaseTally.objects.filter(pk__lte=last)
        sums = list(notes.order_by().values(*_BY).annotate(total=Sum("amount")).exclude(total=0))
        gone = notes.delete()[0]
        CaseTally.objects.bulk_create(
            [CaseTally(**{key: row[key] for key in _BY}, amount=row["total"], is_folded=True) for row in sums]
        )
    return gone


def _fold_postgresql() -> int:
    keys = ", ".join(_BY)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH gone AS (DELETE FROM cases_casetally RETURNING {keys}, amount), folded AS ("  # noqa: S608 - our own names
            f"INSERT INTO cases_casetally ({keys}, amount, is_folded) SELECT {keys}, sum(amount), true FROM gone"
            f" GROUP BY {keys} HAVING sum(amount) <> 0 RETURNING 1) SELECT count(*) FROM gone"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
