"""Backup while serving, and restore into an empty installation. Keys are never in a backup: keep them apart."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import click
import psycopg

from otklik import __version__
from otklik.cli.archive import (
    FORMAT,
    MEDIA_FOLDER,
    SETTINGS_FILE,
    SQLITE_FILE,
    BadArchive,
    Manifest,
    describe,
    extract,
    verify,
    write_archive,
)
from otklik.cli.boot import Problem, environment, fail, migrate, start_django
from otklik.cli.snapshots import (
    BadSnapshot,
    Connect,
    Snapshot,
    columns_of,
    copy_postgresql,
    copy_sqlite,
    load_postgresql,
    prepare_sqlite,
)
from otklik.config.environment import Environment, WrongSetting, read


@click.command(epilog="Example: otklik backup /srv/backups/otklik-monday.tar.gz")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the database, files and otklik.toml into FILE (tar.gz) while serving. Keys are never in it."""
    settings = environment()
    target = file.expanduser().resolve()
    if target.exists():
        fail(f"{target} is there already: a backup never overwrites; choose another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        manifest = _write(settings, target)
    except FileExistsError as error:
        raise Problem(f"{target} is there already: a backup never overwrites; choose another name") from error
    except OSError as error:
        raise Problem(f"the backup can't be written to {target.parent}: {error.strerror or error}") from error
    except (sqlite3.Error, psycopg.Error) as error:
        raise Problem(f"OTKLIK_DATABASE_URL: the database can't be copied: {_first_line(error)}") from error
    size_mb = target.stat().st_size / 1e6
    rows = f"{sum(manifest.counts.values())} rows of {len(manifest.counts)} tables"
    click.echo(f"{target}: {rows}, {manifest.files} files, {size_mb:.1f} MB")
    click.echo(f"The keys are not in it: keep a copy of {settings.keys} in another place")


@click.command(epilog="Example: otklik restore /srv/backups/otklik-monday.tar.gz")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Restore a backup into an empty data folder and an empty database; what was waiting to be sent is held."""
    settings = environment()
    try:
        manifest = verify(file)
    except BadArchive as error:
        raise Problem(f"{file.name} is not restored: {error}; nothing was changed") from error
    except OSError as error:
        raise Problem(f"{file.name} can't be read: {error.strerror or error}") from error
    _same_engine(settings, manifest)
    start_django()
    _known_migrations(manifest)
    try:
        held = (_restore_sqlite if settings.is_sqlite else _restore_postgresql)(settings, file, manifest)
    except (BadArchive, BadSnapshot) as error:
        raise Problem(f"{file.name} is not restored: {error}") from error
    except (psycopg.Error, OSError) as error:
        raise Problem(f"{file.name} is not restored: {_first_line(error)}") from error
    migrate()
    _say_what_is_next(settings, manifest, held)


def _write(settings: Environment, target: Path) -> Manifest:
    from otklik.common.clock import now

    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        _tell("copying the database ...")
        snapshot = _snapshot(settings, Path(folder))
        files = dict(snapshot.files)
        own = settings.data / SETTINGS_FILE
        if own.is_file():
            files[SETTINGS_FILE] = Path(shutil.copyfile(own, Path(folder) / SETTINGS_FILE))
        manifest = Manifest(
            format=FORMAT,
            version=__version__,
            made_at=now(),
            engine=_engine(settings),
            migrations=snapshot.migrations,
            counts=snapshot.counts,
            columns=snapshot.columns,
            sequences=snapshot.sequences,
            members={name: describe(path) for name, path in files.items()},
            files=len(media := _linked(settings, Path(folder))),
        )
        _tell("packing ...")
        write_archive(target, files, manifest, media)
    return manifest


def _linked(settings: Environment, folder: Path) -> list[tuple[str, Path]]:
    """Return the kept files as they are now: by links or copies, so that none is swept away while it is packed.

    After the database: what a row of its copy names is there, unless it was swept away in the seconds between.
    """
    found: list[tuple[str, Path]] = []
    for place in sorted((settings.data / MEDIA_FOLDER).glob("[0-9]*/??/*")):
        name = "/".join(place.parts[-3:])
        held = folder / MEDIA_FOLDER / name
        held.parent.mkdir(parents=True, exist_ok=True)
        try:
            _link(place, held)
        except FileNotFoundError:
            continue  # swept away at this moment
        found.append((name, held))
    return found


def _link(place: Path, held: Path) -> None:
    try:
        os.link(place, held)
    except FileNotFoundError:
        raise
    except OSError:  # another disk
        shutil.copyfile(place, held)


def _snapshot(settings: Environment, folder: Path) -> Snapshot:
    if settings.is_sqlite:
        database = _sqlite_path(settings)
        if not database.is_file():
            fail(f"there is no database {database} yet: nothing to back up")
        return copy_sqlite(database, folder, SQLITE_FILE)
    start_django()
    return copy_postgresql(_connect(), folder)


def _restore_sqlite(settings: Environment, file: Path, manifest: Manifest) -> int:
    """Put the checked copy in the database's place in one step."""
    database = _sqlite_path(settings)
    _no_city_in_sqlite(database)
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.parent) as folder:
        extract(file, Path(folder))
        copy = Path(folder) / SQLITE_FILE
        _tell("checking the database ...")
        held = prepare_sqlite(copy, manifest.counts)
        with copy.open("rb") as stream:
            os.fsync(stream.fileno())
        for rest in ("-wal", "-shm"):
            database.with_name(database.name + rest).unlink(missing_ok=True)
        _restore_files(settings, Path(folder))
        copy.rename(database)
        _restore_settings(settings, Path(folder))
    return held


def _restore_postgresql(settings: Environment, file: Path, manifest: Manifest) -> int:
    """Bring the empty database to the backup's schema, then fill it in one transaction."""
    _no_city_in_postgresql()
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data) as folder:
        extract(file, Path(folder))
        _restore_files(settings, Path(folder))
        _tell("filling the database ...")
        _migrate_to(manifest)
        snapshot = Snapshot(counts=manifest.counts, columns=manifest.columns, sequences=manifest.sequences)
        held = load_postgresql(_connect(), Path(folder), snapshot)
        _restore_settings(settings, Path(folder))
    return held


def _restore_files(settings: Environment, folder: Path) -> None:
    """Put the files where rows look for them; one that is there already has the same bytes, its name says so."""
    saved, place = folder / MEDIA_FOLDER, settings.data / MEDIA_FOLDER
    for file in saved.glob("*/*/*"):
        there = place / file.relative_to(saved)
        there.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        shutil.move(file, there)
    os.sync()


def _restore_settings(settings: Environment, folder: Path) -> None:
    """Put otklik.toml in its place, unless one is there or it leads to another database than was restored."""
    saved, place = folder / SETTINGS_FILE, settings.data / SETTINGS_FILE
    if not saved.is_file() or (place.is_file() and place.read_bytes() == saved.read_bytes()):
        return
    if not place.exists():
        shutil.copyfile(saved, place)
        try:
            leads_here = read().database_url == settings.database_url
        except WrongSetting:
            leads_here = False
        if leads_here:
            return
        place.unlink()
    beside = settings.data / f"{SETTINGS_FILE}.restored"
    shutil.copyfile(saved, beside)
    click.echo(f"Your {SETTINGS_FILE} counts; the backup's own is beside it for comparison: {beside}")


def _same_engine(settings: Environment, manifest: Manifest) -> None:
    if manifest.engine == _engine(settings):
        return
    wanted = "sqlite:///…" if manifest.engine == "sqlite" else "postgresql://… of an empty database"
    fail(f"OTKLIK_DATABASE_URL: the backup is of {manifest.engine}; set it to {wanted} and restore again")


def _known_migrations(manifest: Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader

    from otklik.common.migrating import stands_for

    unknown = sorted(set(manifest.migrations) - stands_for(MigrationLoader(None)).keys())
    if unknown:
        app, name = unknown[0]
        fail(
            f"Otklik {manifest.version} made the backup, this is {__version__} and doesn't know {app}.{name}: "
            "update this installation first"
        )


def _migrate_to(manifest: Manifest) -> None:
    """Bring the empty database to the schema that the backup was made of."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from otklik.common.migrating import stands_for

    executor = MigrationExecutor(connection)
    names = stands_for(executor.loader)
    nodes = {names[noted] for noted in manifest.migrations}
    last = [
        node
        for node in sorted(nodes)
        if not any(
            child.key[0] == node[0] and child.key in nodes for child in executor.loader.graph.node_map[node].children
        )
    ]
    executor.migrate(last)
    connection.close()


def _no_city_in_sqlite(database: Path) -> None:
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database)) as found:
            there = found.execute("SELECT count(*) FROM sqlite_master WHERE name = 'org_municipality'").fetchone()[0]
            cities = found.execute("SELECT count(*) FROM org_municipality").fetchone()[0] if there else 0
    except sqlite3.Error as error:
        raise Problem(f"OTKLIK_DATABASE_URL: {database} is not an SQLite database: {error}") from error
    if cities:
        fail(f"{database} has a city in it: restore only into an empty data folder (set OTKLIK_DATA to a new one)")


def _no_city_in_postgresql() -> None:
    from django.db import OperationalError, connection

    try:
        with psycopg.connect(**_connect()) as found:
            tables = set(columns_of(found))
            there = "org_municipality" in tables
            row = found.execute("SELECT count(*) FROM org_municipality").fetchone() if there else None
    except (psycopg.OperationalError, OperationalError) as error:
        raise Problem(f"OTKLIK_DATABASE_URL: the database does not answer: {_first_line(error)}") from error
    foreign = sorted(tables - set(connection.introspection.django_table_names()) - {"django_migrations"})
    if foreign:
        fail(f"OTKLIK_DATABASE_URL: the database has a table '{foreign[0]}' that isn't ours: use an empty database")
    if row is not None and row[0]:
        fail("OTKLIK_DATABASE_URL: the database has a city in it: restore only into an empty one")


def _connect() -> Connect:
    """Return what psycopg connects with, and settings that make COPY's text the same on every server."""
    from otklik.common.bell import connection_settings

    options = "-c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1"
    return connection_settings() | {"client_encoding": "UTF8", "options": options}


def _engine(settings: Environment) -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def _sqlite_path(settings: Environment) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


def _say_what_is_next(settings: Environment, manifest: Manifest, held: int) -> None:
    click.echo(f"Restored: {sum(manifest.counts.values())} rows, as of {manifest.made_at:%Y-%m-%d %H:%M} UTC")
    if held:
        click.echo(
            f"Held: {held} texts that waited to be sent are 'not certain' now; each is looked up before it is sent"
        )
    click.echo(f"The keys are not in a backup: bring yours to {settings.keys} (channels.key, django.key)")
    click.echo("Stop the old installation before this one starts, or both will answer. Next: otklik doctor")


def _tell(step: str) -> None:
    if sys.stderr.isatty():
        click.echo(step, err=True)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
