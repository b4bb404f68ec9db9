"""Setting a city up: by questions, or unattended by flags."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from otklik.cli.boot import Problem, fail, migrate, start_django

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.org.models import Municipality


@click.command(epilog='Example: otklik init --yes --name "Ясногорье" --head "Анна Берестова" --admin it@town.example')
@click.option("--yes", "-y", is_flag=True, help="ask nothing; needs --name, --head and --admin")
@click.option("--name", help="name of the city")
@click.option("--head", help="full name of the city's head")
@click.option("--admin", help="e-mail address of the administrator; gets a link to set a password")
@click.option("--admin-name", default="", help="full name of the administrator")
@click.option("--slug", default="", help="short Latin name, made from the city's name if left out")
@click.option("--timezone", default="Europe/Moscow", show_default=True)
@click.option("--country", default="RU", show_default=True, help="whose holidays the calendar takes")
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True)
def init(
    *,
    yes: bool,
    name: str | None,
    head: str | None,
    admin: str | None,
    admin_name: str,
    slug: str,
    timezone: str,
    country: str,
    language: str,
) -> None:
    """Set a city up: database, departments, topics, working hours, the own-site channel, a first administrator."""
    if not yes:
        name, head, admin = _asked(name, head, admin)
    name, head, admin = ((value or "").strip() for value in (name, head, admin))
    if not name or not head or not admin:
        raise click.UsageError("--yes needs --name, --head and --admin")
    _check(admin, timezone)
    settings = start_django()
    migrate()
    from otklik.org.services.founding import AlreadyFounded, CityPlan

    plan = CityPlan(
        slug=slug or _slug(name),
        name=name,
        head_name=head,
        timezone=timezone,
        country=country.upper(),
        language=language,
    )
    check_plan(plan)
    try:
        link = _found(plan, admin.lower(), admin_name or admin)
    except AlreadyFounded as error:
        raise Problem(f"{error}; `otklik up` serves it") from error
    from otklik.cli.deployment import write_deployment_files

    files = write_deployment_files(settings)
    click.echo(f"{name}: set up in {settings.data}")
    click.echo(f"Administrator's link (works once, 7 days): {settings.public_url}{link}")
    click.echo("For a server: " + ", ".join(str(file) for file in files))
    click.echo("Next: otklik up")


def _asked(name: str | None, head: str | None, admin: str | None) -> tuple[str, str, str]:
    try:
        return (
            name or click.prompt("Name of the city / Название города"),
            head or click.prompt("Full name of its head / Глава города"),
            admin or click.prompt("E-mail of the administrator / Почта администратора"),
        )
    except click.Abort:
        click.echo(err=True)
        raise click.UsageError("nobody answered; without questions: --yes --name … --head … --admin …") from None


def check_plan(plan: object) -> None:
    """End the command over what the city's row can't hold: PostgreSQL would refuse it, SQLite would not."""
    from django.core.exceptions import ValidationError
    from django.utils import translation

    from otklik.common.clock import now
    from otklik.org.calendar import country_knows
    from otklik.org.models import Municipality
    from otklik.org.services.founding import CityPlan

    assert isinstance(plan, CityPlan)  # noqa: S101 - the type is only importable after Django starts
    with translation.override("en"):
        try:
            Municipality(**asdict(plan)).clean_fields()
        except ValidationError as error:
            field, words = next(iter(error.message_dict.items()))
            fail(f"--{field.removesuffix('_name')}: {words[0]}")
    if not country_knows(plan.country, now().year):
        fail(f"--country must be a country's two letters, like RU; the holidays of '{plan.country}' are not known")


def _found(plan: object, admin: str, admin_name: str) -> str:
    from django.db import transaction

    from otklik.channels.services.connecting import connect
    from otklik.common.clock import now
    from otklik.org.access import access_of
    from otklik.org.enums import Role
    from otklik.org.models import Official
    from otklik.org.services.founding import CityPlan, add_official, found_city
    from otklik.org.services.inviting import invite_again
    from otklik.proof.services.signing import make_key

    assert isinstance(plan, CityPlan)  # noqa: S101 - the type is only importable after Django starts
    with transaction.atomic():
        if Official.objects.filter(email=admin).exists():
            fail(f"{admin} works in another city of this installation: use another address")
        city = found_city(plan)
        connect(city, "site", "site", "", {}, now=now())
        make_key(city, now=now())
        official = add_official(city, email=admin, full_name=admin_name, roles=[(Role.ADMIN, None)])
        _, token = invite_again(access_of(official), official, now=now())
    return f"/desk/join/{token}/"


def _check(admin: str, timezone: str) -> None:
    if len(admin) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", admin):
        fail(f"--admin must be an e-mail address; it is '{admin}'")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        fail(f"--timezone must be a name like Europe/Moscow; '{timezone}' is not known")


def _slug(name: str) -> str:
    from otklik.common.text import latin

    return latin(name)[:40] or "city"


def only_city(slug: str) -> Municipality:
    """Return the city with this slug, or the only one there is; ends the command where that is nobody or not clear."""
    from otklik.org.models import Municipality

    cities = list(Municipality.objects.filter(slug=slug) if slug else Municipality.objects.all()[:2])
    if len(cities) == 1:
        return cities[0]
    fail("no such city: run `otklik init` first" if not cities else "several cities are here: add --city SLUG")
