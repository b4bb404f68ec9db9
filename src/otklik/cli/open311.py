"""Keys of applications that report by Open311; whoever runs it owns the machine, so no role is asked."""

from __future__ import annotations

import click

from otklik.cli.boot import fail, with_django
from otklik.cli.city import only_city

_CITY = click.option("--city", "slug", default="", help="slug of the city, where several share this installation")


@click.group(epilog="Example: otklik open311 grant street-reports")
def open311() -> None:
    """Give and take the keys of applications that report by Open311."""


@open311.command("grant", epilog="Example: otklik open311 grant street-reports")
@click.argument("name")
@_CITY
@with_django
def grant(*, name: str, slug: str) -> None:
    """Let the application NAME report, and print its key: it is shown this once."""
    from otklik.channels.services import granting
    from otklik.common.clock import now
    from otklik.org.errors import NotPossible

    try:
        key = granting.grant(only_city(slug), name, now=now())
    except NotPossible as error:
        fail(str(error))
    click.echo(f"{name}: api_key={key}")


@open311.command("list", epilog="Example: otklik open311 list")
@with_django
def list_applications() -> None:
    """List the applications and since when each may report."""
    from otklik.channels.applications import Application

    for one in Application.objects.select_related("municipality").order_by("municipality__slug", "name"):
        until = f"taken away {one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else "may report"
        click.echo(f"{one.municipality.slug:16} {one.name:30} since {one.created_at:%Y-%m-%d %H:%M} {until}")


@open311.command("revoke", epilog="Example: otklik open311 revoke street-reports")
@click.argument("name")
@_CITY
@with_django
def revoke(*, name: str, slug: str) -> None:
    """Take the key of the application NAME away."""
    from otklik.channels.services import granting
    from otklik.common.clock import now
    from otklik.org.errors import NotPossible

    try:
        granting.revoke(only_city(slug), name, now=now())
    except NotPossible as error:
        fail(str(error))
    click.echo(f"{name}: may report no longer")
