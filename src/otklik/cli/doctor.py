"""Looking an installation over: every line says `ok`, or `NO` and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import click

from otklik.cli import checks
from otklik.cli.boot import Problem, environment, fail, start_django
from otklik.config.environment import Environment, unknown_variables
from otklik.connectors.base import Finding


@click.command(epilog="Example: otklik doctor --online")
@click.option("--online", is_flag=True, help="also ask each network about our account")
def doctor(*, online: bool) -> None:
    """Check settings, folders, keys, database, calendar, worker and the public address; exit code 1 if one is wrong."""
    try:
        settings = environment()
    except Problem as error:
        _show([checks.bad("settings", error.message)])
        raise
    wrong = _show(_before_django(settings))
    try:
        start_django()
    except Problem as error:
        _show([checks.bad("settings", error.message)])
        raise
    wrong += _show(_with_django(settings, online=online))
    if wrong:
        fail(f"{wrong} of the checks above need you")


def _before_django(settings: Environment) -> Iterator[Finding]:
    for sentence in unknown_variables(os.environ):
        yield checks.bad("settings", sentence)
    yield from checks.settings_that_suit(settings)


def _with_django(settings: Environment, *, online: bool) -> Iterator[Finding]:
    from otklik.cli import database_checks, letter_checks, proof_checks
    from otklik.common.clock import now

    yield from checks.data_folder(settings)
    yield from checks.key_files(settings)
    reached = list(database_checks.database(settings))
    yield from reached
    if not all(finding.ok for finding in reached[:1]):
        return
    yield from _channels(settings, online=online)
    yield from database_checks.files(settings)
    yield from checks.language_models(online=online)
    yield from letter_checks.letters_to_officials(online=online)
    yield from proof_checks.proof_of_posts()
    yield from checks.calendar_ahead(now())
    yield from database_checks.work(settings, now())
    yield checks.public_address(settings)


def _channels(settings: Environment, *, online: bool) -> Iterator[Finding]:
    problem = checks.channel_key_problem(settings)
    closed = [problem] if problem is not None else checks.closed_channels(settings)
    yield from (checks.bad("channels", sentence) for sentence in closed)
    if not closed:
        yield checks.ok("channels: the key opens all of them")
    if online and not closed:
        yield from checks.channels_online()


def _show(findings: Iterable[Finding]) -> int:
    """Print the lines as they come and return how many are bad."""
    wrong = 0
    for finding in findings:
        wrong += not finding.ok
        click.echo(f"{'ok' if finding.ok else 'NO'}  {finding.what}{': ' + finding.advice if finding.advice else ''}")
    return wrong
