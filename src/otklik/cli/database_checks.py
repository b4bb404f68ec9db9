"""Whether the database answers, is of this version, keeps what it commits, and what waits in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Min

from otklik.channels.enums import DeliveryState, OutgoingState
from otklik.channels.models import Delivery, Outgoing
from otklik.cli.checks import LATE, OLDEST_POSTGRESQL, RECENT, bad, ok
from otklik.common.migrating import stands_for
from otklik.config.environment import Environment
from otklik.connectors.base import Finding
from otklik.media.enums import FileState, Trouble
from otklik.media.models import StoredFile
from otklik.media.scanning import Scanner
from otklik.worker.presence import someone_works

_SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}


def database(settings: Environment) -> Iterator[Finding]:
    """Check that the database answers and has this version's schema; the first bad line makes the others senseless."""
    try:
        connection.ensure_connection()
        loader = MigrationLoader(connection)
    except Error as error:
        yield bad(
            "OTKLIK_DATABASE_URL", f"the database can't be used ({first_line(error)}): correct the address, or start it"
        )
        return
    applied = set(loader.applied_migrations)
    missing = sorted(loader.disk_migrations.keys() - applied)
    strange = sorted(applied - stands_for(loader).keys())
    where = "SQLite" if settings.is_sqlite else "PostgreSQL"
    if strange:
        yield bad(f"database: {where}", f"a newer Otklik made it ({'.'.join(strange[-1])}): update this installation")
    elif missing:
        first = ".".join(missing[0])
        yield bad(
            f"database: {where}", f"{len(missing)} migrations are missing (first {first}): `otklik up` applies them"
        )
    else:
        yield ok(f"database: {where}, {len(loader.disk_migrations)} migrations applied")
    yield from _durability_sqlite() if settings.is_sqlite else _durability_postgresql()


def _durability_sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    what = f"durability: journal_mode={journal}, synchronous={_SYNCHRONOUS.get(synchronous, synchronous)}"
    if journal != "wal" or synchronous < 2:
        yield bad(what, "must be wal and FULL: put the database on a local disk (network shares can't lock)")
    else:
        yield ok(what)


def _durability_postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('synchronous_commit'),"
            " current_setting('fsync'), current_setting('full_page_writes')"
        )
        version, commit, fsync, pages = cursor.fetchone()
    if version < OLDEST_POSTGRESQL * 10000:
        yield bad(f"PostgreSQL {version // 10000}", f"update the server: {OLDEST_POSTGRESQL} or newer is needed")
    what = f"durability: synchronous_commit={commit}, fsync={fsync}, full_page_writes={pages}"
    if commit == "off" or fsync == "off" or pages == "off":
        yield bad(what, "turn all three on in postgresql.conf: a power cut would lose what networks were told we have")
    else:
        yield ok(what)


def files(settings: Environment) -> Iterator[Finding]:
    """Check that the virus scanner answers where one is set, and that no file waits long."""
    waiting = StoredFile.objects.filter(state=FileState.WAITING)
    scanner = Scanner(settings.scanner)
    what = f"virus scanner {settings.scanner or '(none is set)'}"
    if scanner and not scanner.answers():
        yield bad(f"{what} doesn't answer", f"start it; {waiting.count()} files wait for it, and nobody sees them")
    else:
        yield ok(what)
    found = StoredFile.objects.filter(state=FileState.QUARANTINED).count()
    if found:
        yield ok(f"files with a virus, locked away: {found}")


def work(settings: Environment, now: datetime) -> Iterator[Finding]:
    """Check that a worker lives, that nothing waits too long, and that nothing was left undelivered."""
    if someone_works(settings.data):
        yield ok("worker: at work")
    else:
        yield bad("worker: none is at work", "start `otklik up` (or `otklik worker`)")
    yield _age(
        "deliveries to read",
        Delivery.objects.filter(state=DeliveryState.RECEIVED).aggregate(oldest=Min("received_at"))["oldest"],
        now,
    )
    queued = Outgoing.objects.filter(state=OutgoingState.QUEUED, channel__is_enabled=True)
    waiting = StoredFile.objects.filter(state=FileState.WAITING).exclude(trouble=Trouble.SCANNER)
    yield _age("files to be checked", waiting.aggregate(oldest=Min("due_at"))["oldest"], now)
    yield _age("texts to send", queued.aggregate(oldest=Min("due_at"))["oldest"], now)
    yield _count(
        "texts that may or may not be sent",
        Outgoing.objects.filter(state=OutgoingState.UNKNOWN).count(),
        "look in the network and decide (desk, Not delivered)",
    )
    yield _count(
        "texts not sent in the last 7 days",
        Outgoing.objects.filter(state=OutgoingState.FAILED, finished_at__gt=now - RECENT).count(),
        "see why (desk, Not delivered)",
    )
    yield _count(
        "deliveries not understood in the last 7 days",
        Delivery.objects.filter(state=DeliveryState.FAILED, parsed_at__gt=now - RECENT).count(),
        "see why (desk, Not delivered)",
    )


def _age(what: str, oldest: datetime | None, now: datetime) -> Finding:
    if oldest is None or oldest > now:
        return ok(f"{what}: none waits")
    age = now - oldest
    words = f"{what}: the oldest waits {age.total_seconds():.0f} s"
    return ok(words) if age < LATE else bad(words, "is the worker running and keeping up? See its log")


def _count(what: str, count: int, advice: str) -> Finding:
    return bad(f"{what}: {count}", advice) if count else ok(f"{what}: none")


def first_line(error: BaseException) -> str:
    """Return the first line of an error's words."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
