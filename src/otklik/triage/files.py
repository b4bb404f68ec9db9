"""Triage over CSV files, for `triage predict`, `triage kind` and `triage pairs`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from otklik.triage.classifier import Triage
from otklik.triage.verdict import Text, Verdict

if TYPE_CHECKING:  # numpy is loaded by those who learn, not by `triage kind`
    from otklik.triage.learnt import Guess

TEXT_COLUMN = "text"
KIND_COLUMNS = ("kind", "urgency", "abuse", "spam", "language", "place", "topic_group")

_ID_COLUMNS = ("id", "row_id", "external_id")
_BATCH = 500
_LARGEST_FIELD = 10_000_000

Row = dict[str, str]


class BadFile(ValueError):
    """A file that can't be used; the message is one sentence for its owner."""


def predict_csv(train: Path, source: Path, output: Path, *, text_column: str = TEXT_COLUMN) -> int:
    """Fit on one file, answer for each row of another, and return the number of rows written, in their order.

    `train` has the text and any of topic, topic_group, department; each one it has comes with its confidence (0..1) and
    its top three joined by `|`. Raises BadFile. `output` is replaced only when everything went well.
    """
    from otklik.triage import learning  # a second to load, and needed here alone
    from otklik.triage.labelled import HEADS, Labelled

    history = _read(train, text_column)
    rows = _read(source, text_column)
    if history and not any(name in history[0] for name in HEADS):
        wanted = ", ".join(HEADS)
        raise BadFile(f"{train}: none of the columns {wanted} is there (there are: {', '.join(history[0])})")
    try:
        model = learning.fit(
            [Labelled(row[text_column], **{name: row.get(name) or None for name in HEADS}) for row in history]
        )
    except learning.NothingToLearn as error:
        raise BadFile(f"{train}: {error}") from error
    names = [name for column in model.columns for name in (column, f"{column}_confidence", f"{column}_top3")]
    answers = model.predict([row[text_column] for row in rows])
    written = []
    for row, answer in zip(rows, answers, strict=True):
        cells: Row = {}
        for column in model.columns:
            guess: Guess = getattr(answer, column)
            cells |= {column: guess.label, f"{column}_confidence": f"{guess.confidence:.4f}"}
            cells[f"{column}_top3"] = "|".join(guess.top3)
        written.append(_identity(row, text_column) | cells)
    return _write(output, [*_identity_columns(rows, text_column), *names], written)


def kind_csv(source: Path, output: Path, *, triage: Triage | None = None, text_column: str = TEXT_COLUMN) -> int:
    """Classify each row with the shipped knowledge and return the number of rows written, in their order.

    Raises BadFile. `place` is as written in the text; `topic_group` is empty where triage abstains.
    """
    rows = _read(source, text_column)
    understands = triage or Triage.shipped()
    written: list[Row] = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        verdicts = understands.classify([Text(row[text_column]) for row in batch])
        written += [_identity(row, text_column) | _cells(verdict) for row, verdict in zip(batch, verdicts, strict=True)]
    return _write(output, [*_identity_columns(rows, text_column), *KIND_COLUMNS], written)


def pairs_csv(source: Path, output: Path, *, language: str = "ru", text_column: str = TEXT_COLUMN) -> int:
    """Write which rows are probably about the same problem, and return the number of pairs.

    Columns date, author, place and title are used where they are there. Rows are numbered from 1, the header not
    counted. Raises BadFile.
    """
    from otklik.triage.pair_rows import COLUMNS, BadRow, rows_of_pairs

    try:
        written = rows_of_pairs(_read(source, text_column), text_column, language)
    except BadRow as error:
        raise BadFile(f"{source}: {error}") from error
    return _write(output, COLUMNS, written)


def _cells(verdict: Verdict) -> Row:
    return {
        "kind": verdict.kind.value,
        "urgency": str(verdict.urgency),
        "abuse": f"{verdict.abuse:.3f}",
        "spam": f"{verdict.spam:.3f}",
        "language": verdict.language,
        "place": verdict.place.raw if verdict.place else "",
        "topic_group": verdict.topic_group or "",
    }


def _identity_columns(rows: Sequence[Row], text_column: str) -> list[str]:
    ids = [name for name in _ID_COLUMNS if rows and name in rows[0] and name != text_column]
    return [*ids, text_column]


def _identity(row: Mapping[str, str], text_column: str) -> Row:
    return {name: row[name] for name in (*_ID_COLUMNS, text_column) if name in row}


def _read(path: Path, text_column: str) -> list[Row]:
    """Return the rows of a CSV file in UTF-8 (with or without its mark), separated by commas or semicolons."""
    csv.field_size_limit(min(sys.maxsize, _LARGEST_FIELD))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            separator = ";" if header.count(";") > header.count(",") else ","
            reader = csv.DictReader(file, delimiter=separator, restval="")
            names = [name.strip() for name in reader.fieldnames or ()]
            if text_column not in names:
                there = ", ".join(names) if names else "none, the file is empty"
                raise BadFile(f"{path}: there is no column “{text_column}” (there are: {there})")
            reader.fieldnames = names
            return [{name: row[name] for name in names} for row in reader]
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: not in UTF-8 (byte {error.start}): save it as CSV UTF-8 and try again") from error
    except csv.Error as error:
        raise BadFile(f"{path}: not a CSV file ({error})") from error
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from error


def _write(path: Path, columns: Iterable[str], rows: Sequence[Row]) -> int:
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(columns))
            writer.writeheader()
            writer.writerows(rows)
        unfinished.replace(path)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from error
    return len(rows)
