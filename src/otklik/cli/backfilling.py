"""Bringing in what a connected account published and heard before, by its network's API."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import click

from otklik.cli.boot import Problem, fail, progress, with_django

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.backfills import Backfill
    from otklik.channels.models import Channel
    from otklik.connectors.past import TellsPast
    from otklik.posts.services.backfilling import Preview

INSTEAD = {
    "telegram": "Telegram shows its bots nothing of what was said before they came, so nothing can be brought in",
}

NOT_THERE = "what was there before it was connected can't be read in this network"


@click.command("backfill", epilog="Example: otklik channel backfill city-vk --since 2024-01-01 --dry-run")
@click.argument("name")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="how far back; without it, to the first post")
@click.option(
    "--cases-since", "days", type=click.IntRange(1, 90), help="words of the last DAYS are due an answer as if new"
)
@click.option("--dry-run", is_flag=True, help="only read, and say what the network holds")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def backfill(*, name: str, since: datetime | None, days: int | None, dry_run: bool, city: str) -> None:
    """Bring in the posts of an account, the comments under them and their numbers from before.

    Posts come to the city's site at their own days, said to be brought in; nothing goes to any network. Comments become
    history and open no cases. Stopped half-way, the same command goes on; run again, it adds only what is new.
    """
    from otklik.channels.connections import connector_of
    from otklik.cli.channel import find_channel
    from otklik.common.vault import WrongKey
    from otklik.connectors.base import SendFailed, SendUnknown
    from otklik.connectors.registry import CONNECTORS
    from otklik.posts.services.backfilling import TakenOver
    from otklik.proof.signatures import NoKey

    one = find_channel(name, city)
    if not one.is_enabled:
        fail(f"channel {name} is off, so its network isn't called: otklik channel on {name}")
    back_to = since.replace(tzinfo=UTC) if since is not None else None
    if not CONNECTORS[one.network].capabilities.reads_past:
        fail(f"channel {name}: {INSTEAD.get(one.network, NOT_THERE)}")
    try:
        connector = cast("TellsPast", connector_of(one))
        if dry_run:
            _tell_preview(_look(connector, back_to))
        else:
            _tell(_bring(one, connector, back_to, days or 0))
    except TakenOver as error:
        raise Problem(f"channel {name}: its past is being brought in by another command already") from error
    except (SendFailed, SendUnknown) as error:
        kept = "" if dry_run else "; what was read is kept, the same command goes on from there"
        raise Problem(f"channel {name}: {error}{kept}") from error
    except (ValueError, WrongKey, NoKey) as error:
        raise Problem(f"channel {name}: {error}") from error


def _look(connector: TellsPast, since: datetime | None) -> Preview:
    from otklik.posts.services.backfilling import Preview, pages, preview

    seen = Preview()
    with progress("pages", 0) as step:
        for page in pages(connector, since, "", wait=time.sleep):
            preview(connector, page, seen)
            step(1)
    return seen


def _bring(one: Channel, connector: TellsPast, since: datetime | None, days: int) -> Backfill:
    from otklik.common.clock import now
    from otklik.org.queries import heads_of
    from otklik.posts.services.backfilling import begin, keep, pages

    head = next(iter(heads_of(one.municipality)), None)
    if head is None:
        fail("the city has no head yet, so nobody whose posts these are: give somebody that role first")
    row, goes_on = begin(one, since, days, now=now())
    if goes_on:
        click.echo(f"Going on where it was stopped; pages stored before: {row.pages}.")
    with progress("pages", 0) as step:
        for page in pages(connector, since, row.cursor, wait=time.sleep):
            keep(row, page, connector, head, now=now())
            step(1)
    return row


def _tell(row: Backfill) -> None:
    click.echo(f"Posts: {row.posts} came in{_before(row.posts_before)}.")
    click.echo(f"Comments: {row.words} came in{_before(row.words_before)}; they open no cases.")
    if row.words_fresh:
        click.echo(f"Said lately: {row.words_fresh}; they go to the inbox as if they had just arrived.")
    if row.files_left:
        click.echo(f"Posts with photos or videos: {row.files_left}; their words came, the files stayed there.")


def _tell_preview(seen: Preview) -> None:
    click.echo(f"Posts there: {seen.posts}. Comments and other words there: {seen.words}. Nothing was kept.")
    if seen.files_left:
        click.echo(f"Posts with photos or videos: {seen.files_left}; their words would come, the files not.")


def _before(count: int) -> str:
    return f", {count} were here already" if count else ""
