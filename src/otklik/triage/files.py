"""Triage over CSV files: `triage predict`, `train`, `evaluate`, `kind` and `pairs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from otklik.triage.classifier import Triage
from otklik.triage.labelled import HEADS, Labelled
from otklik.triage.tables import TEXT_COLUMN, BadFile, Row, read, read_exactly, save, write
from otklik.triage.verdict import Kind, Text, Verdict

if TYPE_CHECKING:  # numpy is loaded by those who learn, not by `triage kind`
    from otklik.triage.learnt import Guess, Learnt
    from otklik.triage.scoring import Evaluation


KIND_COLUMNS = ("kind", "urgency", "abuse", "spam", "language", "place", "topic_group", "topic_group_confidence")

_ID_COLUMNS = ("id", "row_id", "external_id")
_BATCH = 500

Progress = Callable[[int, int], None]


def predict_csv(
    train: Path, source: Path, output: Path, *, text_column: str = TEXT_COLUMN, progress: Progress = lambda _d, _o: None
) -> int:
    """Fit on one file, answer for each row of another, and return the number of rows written, in their order.

    `train` has the text and any of topic, topic_group, department, abuse, kind; each one it has comes with its
    confidence (0..1) and its top three joined by `|`. Raises BadFile. `output` is replaced only when all went well.
    """
    rows = read(source, text_column)
    learnt = _fitted(train, text_column, progress)
    names = [name for column in learnt.columns for name in (column, f"{column}_confidence", f"{column}_top3")]
    written: list[Row] = []
    for row, answer in zip(rows, learnt.predict([row[text_column] for row in rows]), strict=True):
        cells: Row = {}
        for column in learnt.columns:
            guess: Guess = getattr(answer, column)
            cells |= {column: guess.label, f"{column}_confidence": f"{guess.confidence:.4f}"}
            cells[f"{column}_top3"] = "|".join(guess.top3)
        written.append(_identity(row, text_column) | cells)
    return write(output, [*_identity_columns(rows, text_column), *names], written)


def train_csv(train: Path, output: Path, *, progress: Progress = lambda _d, _o: None) -> Learnt:
    """Fit on a history, write the model to a file and return it. Raises BadFile."""
    learnt = _fitted(train, TEXT_COLUMN, progress)
    save(output, learnt.to_bytes())
    return learnt


def evaluated(learnt: Learnt, source: Path) -> Evaluation:
    """Return how good a model is on a labelled file that it was not fitted on. Raises BadFile."""
    from otklik.triage.scoring import evaluate

    rows = history(source)
    if not any(getattr(row, name) for row in rows for name in learnt.columns):
        raise BadFile(f"{source}: no row has a label that the model answers ({', '.join(learnt.columns)})")
    return evaluate(learnt, rows)


def cross_validated(train: Path, folds: int, *, progress: Progress = lambda _d, _o: None) -> Evaluation:
    """Return how good a model fitted on part of a history is on the rest of it. Raises BadFile."""
    from otklik.triage.learning import NothingToLearn
    from otklik.triage.scoring import cross_validate

    rows = history(train)
    try:
        return cross_validate(rows, folds, progress=progress)
    except NothingToLearn as error:
        raise BadFile(f"{train}: {error}") from error


def model(path: Path) -> Learnt:
    """Return the model that `train_csv` wrote. Raises BadFile."""
    from otklik.triage.learnt import Learnt, NotAModel

    try:
        return Learnt.from_bytes(path.read_bytes())
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from error
    except NotAModel as error:
        raise BadFile(f"{path}: {error}") from error


def history(path: Path, text_column: str = TEXT_COLUMN) -> list[Labelled]:
    """Return the labelled texts of a file. Raises BadFile, naming the line of a row that can't be learnt from."""
    found = read_exactly(path, text_column)
    if found and not any(name in found[0][1] for name in HEADS):
        there = ", ".join(found[0][1])
        raise BadFile(f"{path}: none of the columns {', '.join(HEADS)} is there (there are: {there})")
    for line, row in found:
        if row.get("abuse", "").strip() not in {"", "0", "1"}:
            raise BadFile(f"{path}: line {line}: abuse is “{row['abuse'][:20]}”, it must be 0, 1 or empty")
        if (kind := row.get("kind", "").strip()) and kind not in set(Kind):
            raise BadFile(f"{path}: line {line}: kind is “{kind[:20]}”, it must be {', '.join(Kind)} or empty")
    return [
        Labelled(row[text_column], **{name: row.get(name, "").strip() or None for name in HEADS}) for _, row in found
    ]


def kind_csv(
    source: Path,
    output: Path,
    *,
    triage: Triage | None = None,
    text_column: str = TEXT_COLUMN,
    progress: Progress = lambda _d, _o: None,
) -> int:
    """Classify each row with the shipped knowledge and return the number of rows written, in their order.

    Raises BadFile. `place` is as written in the text. `topic_group` is the likeliest, with its confidence: below 0.4 a
    city's messages go to a person; empty where no word is known.
    """
    rows = read(source, text_column)
    understands = triage or Triage.shipped()
    written: list[Row] = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        verdicts = understands.classify([Text(row[text_column]) for row in batch])
        written += [_identity(row, text_column) | _cells(verdict) for row, verdict in zip(batch, verdicts, strict=True)]
        progress(len(written), len(rows))
    return write(output, [*_identity_columns(rows, text_column), *KIND_COLUMNS], written)


def pairs_csv(source: Path, output: Path, *, language: str = "ru", text_column: str = TEXT_COLUMN) -> int:
    """Write which rows are probably about the same problem, and return the number of pairs.

    Columns date, author, place and title are used where they are there. Rows are numbered from 1, the header not
    counted. Raises BadFile.
    """
    from otklik.triage.pair_rows import COLUMNS, BadRow, rows_of_pairs

    try:
        written = rows_of_pairs(read(source, text_column), text_column, language)
    except BadRow as error:
        raise BadFile(f"{source}: {error}") from error
    return write(output, COLUMNS, written)


def _fitted(train: Path, text_column: str, progress: Progress) -> Learnt:
    from otklik.triage import learning  # a second to load, and needed here alone

    rows = history(train, text_column)
    try:
        return learning.fit(rows, progress=progress)
    except learning.NothingToLearn as error:
        raise BadFile(f"{train}: {error}") from error


def _cells(verdict: Verdict) -> Row:
    return {
        "kind": verdict.kind.value,
        "urgency": str(verdict.urgency),
        "abuse": f"{verdict.abuse:.3f}",
        "spam": f"{verdict.spam:.3f}",
        "language": verdict.language,
        "place": verdict.place.raw if verdict.place else "",
        "topic_group": verdict.topic_group or (verdict.topic_top3[0].partition(".")[0] if verdict.topic_top3 else ""),
        "topic_group_confidence": f"{verdict.group_confidence:.3f}",
    }


def _identity_columns(rows: Sequence[Row], text_column: str) -> list[str]:
    ids = [name for name in _ID_COLUMNS if rows and name in rows[0] and name != text_column]
    return [*ids, text_column]


def _identity(row: Mapping[str, str], text_column: str) -> Row:
    return {name: row[name] for name in (*_ID_COLUMNS, text_column) if name in row}
