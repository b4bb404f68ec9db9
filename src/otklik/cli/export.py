"""Taking data out: what is kept of one person, for that person; and open data, which holds nobody's."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

import click

from otklik.cli.boot import Problem, fail, progress, with_django

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_CITY = click.option("--city", "slug", default="", help="slug of the city, where several share this installation")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


@click.group(epilog="Example: otklik export figures open-data.zip")
def export() -> None:
    """Take out what is kept of one person, or open data."""


@export.command("resident", epilog="Example: otklik export resident nina.zip --account telegram:77")
@_FILE
@click.option("--case", "code", default="", help="the private code of a case that the person opened")
@click.option("--account", default="", help="an account in a network: network:id, as telegram:77")
@click.option("--email", default="", help="the address of an account of the site, or of letters about cases")
@_CITY
@with_django
def resident(*, file: Path, code: str, account: str, email: str, slug: str) -> None:
    """Write everything kept of one person into FILE (ZIP: data.json, index.html, files). The audit log notes it."""
    from django.db import transaction

    from otklik.cli.city import only_city
    from otklik.common.clock import now
    from otklik.common.vault import WrongKey
    from otklik.residents import belongings
    from otklik.residents.services.packing import note_export, pack

    if sum(map(bool, (code, account, email))) != 1:
        raise click.UsageError("say who it is by one of --case CODE, --account NETWORK:ID, --email ADDRESS")
    city = only_city(slug)
    try:
        if code:
            whose = belongings.whose_case(city, code)
        elif account:
            whose = belongings.whose_identity(city, account)
        else:
            whose = belongings.whose_address(city, email)
        found = belongings.belongings_of(whose, now=now())
    except (belongings.NotKnown, WrongKey) as error:
        raise Problem(str(error)) from error
    # The note is kept only with the file, and the file only with the note.
    with transaction.atomic(), _written(file) as target, progress("files", len(found.files)) as done:
        files = pack(found, target, city.language, done=done)
        note_export(whose)
    cases, messages = len(found.data.get("cases", [])), len(found.data.get("messages", []))
    click.echo(f"{file}: {cases} cases, {messages} messages, {files} files of {whose.asked_by}")
    click.echo("It is personal: hand it to nobody but the person, and delete it here afterwards")


@export.command("cases", epilog="Example: otklik export cases cases.csv --since 2026-01")
@_FILE
@click.option("--since", default="", help="first month, as 2026-01 (default: of the first case)")
@click.option("--until", default="", help="last month (default: this one)")
@_CITY
@with_django
def cases(*, file: Path, since: str, until: str, slug: str) -> None:
    """Write one line for each case into FILE (.csv or .json), as /accountability publishes them: nobody's data."""
    from otklik.cases import opendata
    from otklik.cli.city import only_city
    from otklik.common.clock import now

    if file.suffix not in (".csv", ".json"):
        raise click.UsageError("FILE ends in .csv or .json")
    city, at = only_city(slug), now()
    first, last = _months(since, until, opendata.months_of(city, now=at))
    with _written(file) as target:
        count = opendata.write_rows(city, target, first, last, as_json=file.suffix == ".json", now=at)
    click.echo(f"{file}: {count} cases, {first:%Y-%m} to {last:%Y-%m}; the columns: docs/reference/accountability.md")


@export.command("figures", epilog="Example: otklik export figures open-data.zip")
@_FILE
@click.option("--since", default="", help="first month, as 2026-01 (default: of the first case)")
@click.option("--until", default="", help="last month (default: this one)")
@_CITY
@with_django
def figures(*, file: Path, since: str, until: str, slug: str) -> None:
    """Write the published figures, the rows to count them from and what each column holds into FILE (ZIP)."""
    from otklik.cases import opendata
    from otklik.cli.city import only_city
    from otklik.common.clock import now

    city, at = only_city(slug), now()
    first, last = _months(since, until, opendata.months_of(city, now=at))
    with _written(file) as target:
        count = opendata.write_package(city, target, first, last, now=at)
    click.echo(f"{file}: {count} cases, {first:%Y-%m} to {last:%Y-%m}: cases.csv, hidden.csv, moderated.csv, figures")


def _months(since: str, until: str, known: tuple[date, date]) -> tuple[date, date]:
    for name, given in (("--since", since), ("--until", until)):
        if given and not _MONTH.fullmatch(given):
            raise click.UsageError(f"{name} takes a month, as 2026-01; it was '{given}'")
    first = date.fromisoformat(f"{since}-01") if since else known[0]
    last = date.fromisoformat(f"{until}-01") if until else known[1]
    if first > last:
        raise click.UsageError(f"--since {first:%Y-%m} comes after --until {last:%Y-%m}")
    return first, last


@contextmanager
def _written(file: Path) -> Iterator[IO[bytes]]:
    """Yield a draft beside FILE that gets its name when it is whole; nobody else on the machine may read it."""
    place = file.expanduser().resolve()
    if place.exists():
        fail(f"{place} is there already: nothing is overwritten; choose another name")
    try:
        descriptor, draft = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError as error:
        raise Problem(f"{place} can't be written: {error.strerror or error}") from error
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target
        os.link(draft, place)
    except FileExistsError as error:
        raise Problem(f"{place} is there already: nothing is overwritten; choose another name") from error
    except OSError as error:
        raise Problem(f"{place} can't be written: {error.strerror or error}") from error
    finally:
        Path(draft).unlink(missing_ok=True)
