"""Rows of a file to pairs of rows, for `triage pairs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from otklik.triage.alike import describe
from otklik.triage.classifier import Triage
from otklik.triage.pairing import Pair, Told, pairs

COLUMNS = ("row_a", "row_b", "score", "reason")

_READINGS = (
    datetime.fromisoformat,
    lambda said: datetime.strptime(said, "%d.%m.%Y").replace(tzinfo=UTC),
    lambda said: datetime.strptime(said, "%d.%m.%Y %H:%M").replace(tzinfo=UTC),
    lambda said: datetime.strptime(said, "%d.%m.%Y %H:%M:%S").replace(tzinfo=UTC),
)


class BadRow(ValueError):
    """A row that can't be used; the message names it."""


def rows_of_pairs(rows: Sequence[Mapping[str, str]], text_column: str, language: str) -> list[dict[str, str]]:
    """Return a row for each pair, rows counted from 1. Raises BadRow for a date that is none."""
    texts = [_told(number, row, text_column) for number, row in enumerate(rows, start=1)]
    return [_row(pair, language) for pair in pairs(texts, understand=Triage.shipped().classify)]


def _row(pair: Pair, language: str) -> dict[str, str]:
    reasons = list(pair.likeness.reasons)
    if pair.same_author:
        reasons.append(("same_author", ""))
    return {
        "row_a": str(pair.a + 1),
        "row_b": str(pair.b + 1),
        "score": f"{pair.likeness.score:.3f}",
        "reason": "; ".join(describe(reasons, language)),
    }


def _told(number: int, row: Mapping[str, str], text_column: str) -> Told:
    title = row.get("title", "").strip() if text_column != "title" else ""
    text = row[text_column]
    return Told(
        text=f"{title}. {text}" if title else text,
        place=row.get("place", "").strip(),
        author=row.get("author", "").strip(),
        at=_instant(number, row.get("date", "").strip()),
    )


def _instant(number: int, said: str) -> datetime | None:
    """Return an instant; without a zone it counts as UTC, for distances alone."""
    if not said:
        return None
    for read in _READINGS:
        try:
            at = read(said)
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    raise BadRow(f"row {number}: “{said[:40]}” is no date (2026-11-23 or 23.11.2026)")
