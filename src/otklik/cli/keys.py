"""The city's keys for signing posts, from the command line; whoever runs it owns the machine, so no role is asked."""

from __future__ import annotations

import click

from otklik.cli.boot import with_django
from otklik.cli.city import only_city


@click.group(epilog="Example: otklik keys list")
def keys() -> None:
    """Make and list the keys that posts are signed with."""


@keys.command("make", epilog="Example: otklik keys make")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def make(*, city: str) -> None:
    """Make a new key and retire the one in use. What was signed before stays valid."""
    from otklik.common.clock import now
    from otklik.proof.services.signing import folder, make_key

    made = make_key(only_city(city), now=now())
    file = folder() / f"{made.fingerprint}.pem"
    click.echo(f"Key {made.fingerprint} signs from now on.")
    click.echo(f"Keep a copy of {file} where nobody else can read it: it is in no backup.")


@keys.command("list", epilog="Example: otklik keys list")
@with_django
def list_keys() -> None:
    """List the keys of every city: since when, until when, and whether the private half is here."""
    from otklik.proof.models import Key
    from otklik.proof.services.signing import private_key
    from otklik.proof.signatures import NoKey

    for key in Key.objects.select_related("municipality").order_by("municipality__slug", "id"):
        until = f"until {key.until:%Y-%m-%d %H:%M}" if key.until else "in use"
        try:
            private_key(key)
            here = "private half here"
        except NoKey:
            here = "private half not here"
        click.echo(f"{key.municipality.slug:16} {key.fingerprint} since {key.since:%Y-%m-%d %H:%M} {until}, {here}")
