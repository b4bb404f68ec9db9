"""CSV files of texts: read with every mistake told in one sentence, written only when all went well."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

TEXT_COLUMN: Final = "text"

_LARGEST_FIELD = 10_000_000

Row = dict[str, str]


class BadFile(ValueError):
    """A file that can't be used; the message is one sentence for its owner."""


def read(path: Path, text_column: str) -> list[Row]:
    """Return the rows of a CSV file in UTF-8 (with or without its mark), separated by commas or semicolons.

    Forgiving about what stands in the cells: it is what residents wrote. Raises BadFile.
    """
    return [row for _, row in _rows(path, text_column, exact=False)]


def read_exactly(path: Path, text_column: str) -> list[tuple[int, Row]]:
    """Return the rows with the numbers of their last lines; a broken row is refused, since a model would learn from it.

    Raises BadFile, naming the line.
    """
    return _rows(path, text_column, exact=True)


def write(path: Path, columns: Iterable[str], rows: Sequence[Row]) -> int:
    """Write rows under a header and return their number; the file is replaced only when all are there."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    # Half of a pair of surrogates can't be written as UTF-8: somebody's broken emoji must not cost the whole file.
    save(path, written.getvalue().encode("utf-8", "replace"))
    return len(rows)


def save(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises BadFile."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise BadFile(f"{path}: {error.strerror or error}") from error


def _rows(path: Path, text_column: str, *, exact: bool) -> list[tuple[int, Row]]:
    csv.field_size_limit(min(sys.maxsize, _LARGEST_FIELD))
    content = _content(path)
    if exact and "\x00" in content:
        line = content[: content.index("\x00")].count("\n") + 1
        raise BadFile(f"{path}: line {line} holds a NUL byte, which is not text: save the file as CSV UTF-8 again")
    header = content.partition("\n")[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=exact)
    found: list[tuple[int, Row]] = []
    begins = 1
    try:
        names = [name.strip() for name in next(reader, [])]
        if text_column not in names:
            there = ", ".join(names) if names else "none, the file is empty"
            raise BadFile(f"{path}: there is no column “{text_column}” (there are: {there})")
        begins = reader.line_num + 1
        for cells in reader:
            if exact and len(cells) > len(names):
                raise BadFile(
                    f"{path}: line {begins} has {len(cells)} cells, the header has {len(names)}: "
                    f"put texts with “{separator}” in quotes"
                )
            if cells:
                padded = [*cells, *[""] * (len(names) - len(cells))]
                found.append((begins, dict(zip(names, padded, strict=False))))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(
            f"{path}: not a CSV file ({error}; the row that begins at line {begins}): "
            "double the quotes inside a text, and close them"
        ) from error
    return found


def _content(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadFile(
            f"{path}: not in UTF-8 (line {line}, byte {error.start}): save it as CSV UTF-8 and try again"
        ) from error
