"""Open data: the rows that the published figures are made of, the figures, and what each column holds. Reads only."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import IO, Any, Final

from django.db.models import Min

from otklik.cases.accountability import Hidden, Moderated, Row, hidden_between, moderated_between, rows_between
from otklik.cases.figures import FEWEST, by_department, figures_of
from otklik.cases.models import Case
from otklik.channels.hidings import HidingReason
from otklik.org.models import Municipality
from otklik.org.queries import calendar_of

COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "month": ("string", "when the case was opened, as 2026-10, in the city's time zone"),
    "department": ("string", "code of the department that answers; empty: nobody yet"),
    "topic_group": ("string", "code of the group of topics; empty: not known"),
    "state": ("string", "open, answered, closed, redirected, rejected (spam, abuse), duplicate"),
    "clock": ("string", "how its minutes run: working, around (the clock), calendar"),
    "promised_minutes": ("integer", "how soon its sort is promised a first answer"),
    "first_answer_minutes": ("integer", "until the first answer was sent; empty: none yet"),
    "waits_beyond_promise": ("boolean", "open, without an answer, and longer than promised"),
    "has_final_answer": ("boolean", "a final answer was sent"),
    "verdict": ("string", "what the resident says: solved, not_solved or nothing"),
    "was_reopened": ("boolean", "the resident opened it again, at least once"),
    "is_overdue": ("boolean", "open, and its deadline is over"),
    "is_repeat": ("boolean", "tied to an earlier case on the same topic and place within 90 days"),
    "promised_day": ("string", "of the last promised day: kept, broken, pending; empty: none was promised"),
    "attitude": ("integer", "how the resident was treated, 1 to 5; empty: not said"),
    "result": ("integer", "what came of it, 1 to 5; empty: not said"),
}
"""What each column of the rows holds: type and meaning, in the order of `Row`."""

_HIDDEN: Final = {
    "month": ("string", "when the comments were written"),
    "by": ("string", "who decided that they are spam: rules, person"),
    "count": ("integer", "how many comments are not shown on our pages"),
}
_MODERATED: Final = {
    "month": ("string", "when the comments were hidden"),
    "reason": ("string", f"why an official hid them: {', '.join(HidingReason.values)}"),
    "count": ("integer", "how many were hidden"),
    "shown_again": ("integer", "how many of them are shown again"),
}


def months_of(city: Municipality, *, now: datetime) -> tuple[date, date]:
    """Return the first days of the first case's month and of the present one. One query."""
    zone = calendar_of(city).timezone
    this = now.astimezone(zone).date().replace(day=1)
    opened: datetime | None = Case.objects.filter(municipality=city).aggregate(at=Min("opened_at"))["at"]
    return (min(opened.astimezone(zone).date().replace(day=1), this) if opened is not None else this), this


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def table(rows: Iterator[Row | Hidden | Moderated], kind: type[Row | Hidden | Moderated]) -> Iterator[str]:
    """Yield the lines of a table with its head; marks are 0 and 1, what is unknown is empty."""
    names = [field.name for field in fields(kind)]
    yield _line(names)
    for row in rows:
        values = (getattr(row, name) for name in names)
        yield _line([int(value) if isinstance(value, bool) else value for value in values])


def write_rows(city: Municipality, target: IO[bytes], first: date, last: date, *, as_json: bool, now: datetime) -> int:
    """Write the rows of these months (both included) and return how many there are. Held one at a time."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in rows_between(city, first, last_day(last), now=now):
            count += 1
            yield row

    if as_json:
        target.write(json.dumps({"columns": _described(COLUMNS), "rows": []}, ensure_ascii=False)[:-2].encode())
        for number, row in enumerate(counted()):
            target.write((",\n" if number else "\n").encode() + json.dumps(asdict(row)).encode())
        target.write(b"]}\n")
    else:
        for line in table(counted(), Row):
            target.write(line.encode())
    return count


def write_package(city: Municipality, target: IO[bytes], first: date, last: date, *, now: datetime) -> int:
    """Write the rows, the hidden comments, the figures by month and the description into a ZIP; returns the rows."""
    hidden = hidden_between(city, first, last_day(last))
    moderated = moderated_between(city, first, last_day(last))
    count, figures, month = 0, {}, first
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("cases.csv", "w", force_zip64=True) as place:
            place.write(_line(list(COLUMNS)).encode())
            while month <= last:
                rows = list(rows_between(city, month, last_day(month), now=now))
                for line in list(table(iter(rows), Row))[1:]:
                    place.write(line.encode())
                figures[f"{month:%Y-%m}"] = _figures(rows)
                count, month = count + len(rows), last_day(month) + timedelta(days=1)
        archive.writestr("hidden.csv", "".join(table(iter(hidden), Hidden)))
        archive.writestr("moderated.csv", "".join(table(iter(moderated), Moderated)))
        archive.writestr("figures.json", _json({"counted_at": now.isoformat(), "months": figures}))
        archive.writestr("datapackage.json", _json(description(city)))
    return count


def description(city: Municipality) -> dict[str, Any]:
    """Return what the tables hold, as a tabular data package describes it (https://datapackage.org/)."""
    return {
        "name": f"{city.slug}-accountability",
        "title": f"{city.name}: promised and kept",
        "description": "One line for each case. It says nothing of a person, a street or a word.",
        "resources": [
            {"name": "cases", "path": "cases.csv", "schema": {"fields": _described(COLUMNS)}},
            {"name": "hidden", "path": "hidden.csv", "schema": {"fields": _described(_HIDDEN)}},
            {"name": "moderated", "path": "moderated.csv", "schema": {"fields": _described(_MODERATED)}},
        ],
    }


def _figures(rows: list[Row]) -> dict[str, Any]:
    compared, too_few = by_department(rows)
    return {
        "figures": asdict(figures_of(rows)),
        "departments": {code: asdict(one) for code, one in (*compared, *too_few)},
        "fewest_to_compare": FEWEST,
    }


def _described(columns: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind, "description": words} for name, (kind, words) in columns.items()]


def _line(values: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
