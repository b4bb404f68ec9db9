"""What every command shares: Django started once, and mistakes told in one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn

import click

from otklik.config.environment import Environment, WrongSetting, read


class Problem(click.ClickException):
    """Something the person can mend; shown as one sentence, exit code 1."""

    def show(self, file: Any = None) -> None:
        """Print the sentence on stderr."""
        click.echo(f"otklik: {self.format_message()}", err=True, file=file)


def fail(sentence: str) -> NoReturn:
    """End the command with one sentence and exit code 1."""
    raise Problem(sentence)


def environment(**given: str) -> Environment:
    """Return the checked settings, those given first, or end the command with what is wrong with them."""
    try:
        return read({**os.environ, **given})
    except WrongSetting as error:
        raise Problem(str(error)) from error


def start_django() -> Environment:
    """Start Django with these settings; ends the command if a setting can't be used."""
    settings = environment()
    try:
        # What residents wrote is nobody else's on this machine.
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as error:
        raise Problem(f"OTKLIK_DATA: cannot make the folder {settings.data}: {error.strerror}") from error
    os.environ["DJANGO_SETTINGS_MODULE"] = "otklik.config.settings"
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Problem(f"the settings can't be used: {error} (OTKLIK_KEYS is {settings.keys})") from error
    except OSError as error:
        place = f"{error.filename}: {error.strerror}"
        raise Problem(f"OTKLIK_DATA, OTKLIK_KEYS: {place}; the user that runs Otklik must own it") from error
    return settings


def migrate() -> None:
    """Bring the database to this version; ends the command if it doesn't answer."""
    from django.core.management import call_command
    from django.db import Error

    if sys.stderr.isatty():
        click.echo("preparing the database ...", err=True)
    try:
        call_command("migrate", verbosity=0)
    except Error as error:
        raise Problem(_unusable(error)) from error


def database_problem() -> str | None:
    """Return what keeps the database from being used as it is: it doesn't answer, or isn't of this version."""
    from django.db import Error, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return _unusable(error)
    if waiting:
        return (
            "OTKLIK_DATABASE_URL: the database isn't of this version yet: run `otklik up`, or `otklik init` for a city"
        )
    return None


def _unusable(error: Exception) -> str:
    first = str(error).strip().splitlines()[0]
    return f"OTKLIK_DATABASE_URL: the database can't be used: {first}; run `otklik doctor`"


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal and nothing elsewhere; yields a function that adds to it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update


def with_django(command: Callable[..., Any]) -> Callable[..., Any]:
    """Start Django before a command runs; it speaks English, as all commands do, whatever the city speaks."""

    @wraps(command)
    def started(*args: Any, **kwargs: Any) -> Any:
        start_django()
        from django.db import Error
        from django.utils import translation

        try:
            with translation.override("en"):
                return command(*args, **kwargs)
        except Error as error:
            raise Problem(database_problem() or _unusable(error)) from error

    return started
