"""A consistent copy of the database while it is written to, and the way back. Needs no program of the database's own.

SQLite: `VACUUM INTO`, one read transaction. PostgreSQL: every table by COPY inside one REPEATABLE READ transaction,
so all of them are of the same instant; writers are not held up by either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

HELD = "restored from a backup: read up before sending"
_HOLD = (
    f"UPDATE channels_outgoing SET state='unknown', claimed_by='', error='{HELD}' WHERE state IN ('queued', 'sending')"  # noqa: S608 - our own words
)
_HOLD_LETTERS = (
    ("notices_letter", "SET state='unknown', is_gathering=false, claimed_by='' WHERE state IN ('queued', 'sending')"),
    ("notices_notice", "SET routed_at=at WHERE routed_at IS NULL"),
    ("residents_residentmail", "SET state='unknown', claimed_by='' WHERE state IN ('queued', 'sending')"),
)
"""People were told of these after the backup, for all we know: a person decides, nothing goes by itself."""
_BLOCK = 256 * 1024

Connect = dict[str, Any]
"""What psycopg connects with."""


class BadSnapshot(Exception):
    """The copy of the database isn't what its manifest says."""


@dataclass
class Snapshot:
    """A copy of a database: its files by their names in the archive, and what the manifest tells of them."""

    files: dict[str, Path] = field(default_factory=dict)
    migrations: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)


def copy_sqlite(database: Path, folder: Path, name: str) -> Snapshot:
    """Copy an SQLite database as it is at this instant into `folder`. Raises sqlite3.Error."""
    copy = folder / name
    with closing(sqlite3.connect(database, timeout=60)) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    snapshot = Snapshot(files={name: copy})
    with closing(sqlite3.connect(copy)) as made:
        snapshot.counts = count_sqlite(made)
        snapshot.migrations = made.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    return snapshot


def count_sqlite(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    names = [name for (name,) in tables]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - names of the database's own tables


def prepare_sqlite(copy: Path, counts: dict[str, int]) -> int:
    """Check a copy, hold what it would send, and make it ready to serve; returns how many rows are held.

    Raises BadSnapshot.
    """
    try:
        with closing(sqlite3.connect(copy)) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                raise BadSnapshot(f"SQLite finds it damaged: {verdict}")
            if count_sqlite(database) != counts:
                raise BadSnapshot("its rows are not as many as the manifest says")
            held = database.execute(_HOLD).rowcount
            # A backup of an earlier version has no letters yet.
            for table, change in _HOLD_LETTERS:
                if database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                    database.execute(f"UPDATE {table} {change}")
            database.commit()
            database.execute("PRAGMA journal_mode=WAL")
            return held
    except sqlite3.Error as error:
        raise BadSnapshot(f"SQLite can't read it: {error}") from error


def copy_postgresql(parameters: Connect, folder: Path) -> Snapshot:
    """Copy every table of the schema as of one instant into `folder`. Raises psycopg.Error."""
    (folder / "tables").mkdir()
    snapshot = Snapshot()
    with psycopg.connect(**parameters) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot.columns = columns_of(connection)
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        snapshot.migrations = [(str(app), str(name)) for app, name in rows]
        for table, columns in snapshot.columns.items():
            path = folder / "tables" / f"{table}.copy"
            snapshot.counts[table] = _copy_out(connection, table, columns, path)
            snapshot.files[f"tables/{table}.copy"] = path
        # After the tables: sequences know no transactions, so theirs can only be ahead of the rows.
        snapshot.sequences = _sequences(connection, snapshot.columns)
    return snapshot


def columns_of(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Return the columns of every table, in their order, without those that the database computes."""
    rows = connection.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum"
    ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(str(table), []).append(str(column))
    return tables


def _copy_out(connection: psycopg.Connection[Any], table: str, columns: Sequence[str], path: Path) -> int:
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(_name(table), _names(columns))
    with connection.cursor() as cursor, path.open("wb") as file:
        with cursor.copy(statement) as rows:
            for block in rows:
                file.write(block)
        return cursor.rowcount


def _sequences(connection: psycopg.Connection[Any], tables: dict[str, list[str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table, columns in tables.items():
        if "id" not in columns:
            continue
        sequence = connection.execute("SELECT pg_get_serial_sequence(quote_ident(%s), 'id')", (table,)).fetchone()
        if sequence is None or sequence[0] is None:
            continue
        last = connection.execute("SELECT coalesce(pg_sequence_last_value(%s::regclass), 0)", (sequence[0],)).fetchone()
        found[table] = int(last[0]) if last is not None else 0
    return found


def load_postgresql(parameters: Connect, folder: Path, snapshot: Snapshot) -> int:
    """Fill the tables of a database that has the snapshot's schema and no rows of a city, and hold what it would send.

    One transaction: all or nothing. Returns how many rows are held. Raises BadSnapshot, psycopg.Error.
    """
    with psycopg.connect(**parameters) as connection, connection.cursor() as cursor:
        known = columns_of(connection)
        for table, columns in snapshot.columns.items():
            if not set(columns) <= set(known.get(table, ())):
                raise BadSnapshot(f"the table {table} is not as this version knows it")
        cursor.execute("SET LOCAL otklik.loading = 'on'")  # the kept counts come with the other tables
        # Foreign keys are checked at the commit (Django makes them so), hence any order will do.
        cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(_names(list(known))))
        for table, columns in snapshot.columns.items():
            if _copy_in(cursor, table, columns, folder / "tables" / f"{table}.copy") != snapshot.counts.get(table):
                raise BadSnapshot(f"the rows of {table} are not as many as the manifest says")
        for table, last in snapshot.sequences.items():
            if last and table in known:
                cursor.execute("SELECT setval(pg_get_serial_sequence(quote_ident(%s), 'id'), %s)", (table, last))
        for table, change in _HOLD_LETTERS:
            cursor.execute(sql.SQL("UPDATE {} ").format(_name(table)) + sql.SQL(change))
        cursor.execute(_HOLD)
        return cursor.rowcount


def _copy_in(cursor: psycopg.Cursor[Any], table: str, columns: Sequence[str], path: Path) -> int:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(_name(table), _names(columns))
    with path.open("rb") as file, cursor.copy(statement) as rows:
        while block := file.read(_BLOCK):
            rows.write(block)
    return cursor.rowcount


def _name(name: str) -> sql.Composable:
    return sql.Identifier(name)


def _names(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
