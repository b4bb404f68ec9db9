"""Network accounts from the command line; whoever runs it owns the machine, so no role is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from otklik.cli.backfilling import backfill
from otklik.cli.boot import Problem, fail, with_django
from otklik.cli.city import only_city

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.org.access import Access


@click.group(epilog="Example: otklik channel check city-vk --subscribe")
def channel() -> None:
    """Connect, list and check network accounts."""


channel.add_command(backfill)


@channel.command(
    "add",
    epilog="Example: otklik channel add telegram city-tg -s bot_token=… -s channel_chat_id=-1001",
)
@click.argument("kind")
@click.argument("name")
@click.option("--set", "-s", "pairs", multiple=True, metavar="FIELD=VALUE", help="a setting; repeat for each")
@click.option("--title", default="", help="how people see it")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@click.option("--fields", is_flag=True, help="only list the settings of this kind")
@with_django
def add(*, kind: str, name: str, pairs: tuple[str, ...], title: str, city: str, fields: bool) -> None:
    """Connect an account of KIND (such as telegram) under NAME. `add KIND - --fields` lists its settings."""
    from otklik.channels.connections import hook_url
    from otklik.channels.services.connecting import connect, fields_of
    from otklik.common.clock import now
    from otklik.org.errors import NotPossible

    try:
        if fields:
            for field in fields_of(kind):
                need = "secret" if field.secret else "required" if field.required else f"default {field.default!r}"
                values = f" ({' | '.join(one.value for one in field.choices)})" if field.choices else ""
                click.echo(f"{field.name:20} {need:12} {field.label_en}{values}")
            return
        made = connect(only_city(city), kind, name, title, _values(pairs), now=now())
    except NotPossible as error:
        fail(f"{error.field}: {error}" if error.field else str(error))
    click.echo(f"{made.name}: connected. Webhook address: {hook_url(made)}")
    click.echo(f"Next: otklik channel check {made.name}")
    _tell_restrictions(made)


@channel.command("list", epilog="Example: otklik channel list")
@with_django
def list_channels() -> None:
    """List the connected accounts with their state."""
    from otklik.channels.legal import restrictions_of
    from otklik.channels.models import Channel

    for one in Channel.objects.select_related("municipality").order_by("municipality__slug", "name"):
        state = "on" if one.is_enabled else "off"
        heard = f"{one.last_delivery_at:%Y-%m-%d %H:%M}" if one.last_delivery_at else "never"
        held = ", ".join(row.capability for row in restrictions_of(one) if row.is_off)
        law = f"; off by law: {held}" if held else ""
        click.echo(f"{one.municipality.slug:16} {one.name:20} {one.network:10} {state:4} last heard {heard}{law}")


@channel.command("check", epilog="Example: otklik channel check city-vk --subscribe")
@click.argument("name")
@click.option("--subscribe", is_flag=True, help="tell the network our webhook address first")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def check(*, name: str, subscribe: bool, city: str) -> None:
    """Look at an account as it is now: credentials, rights, subscription."""
    from otklik.channels.connections import connector_of
    from otklik.channels.services import connecting
    from otklik.common.vault import WrongKey
    from otklik.connectors.base import SendFailed, SendUnknown
    from otklik.org.errors import NotPossible

    one = find_channel(name, city)
    try:
        if subscribe:
            connecting.subscribe(one)
        findings = connector_of(one).check()
    except (NotPossible, ValueError, WrongKey, SendFailed, SendUnknown) as error:
        raise Problem(f"channel {name}: {error}") from error
    for finding in findings:
        click.echo(f"{'ok ' if finding.ok else 'NO '} {finding.what}{': ' + finding.advice if finding.advice else ''}")
    _tell_restrictions(one)
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


@channel.command("off", epilog='Example: otklik channel off city-vk --reason "The password leaked"')
@click.argument("name")
@click.option("--reason", default="", help="why, for colleagues")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def off(*, name: str, reason: str, city: str) -> None:
    """Call this account's network no more. What comes in is kept, what is to be sent waits."""
    from django.db import transaction

    from otklik.channels.services import connecting
    from otklik.common.clock import now
    from otklik.org.services.auditing import audit_by

    one = find_channel(name, city)
    with transaction.atomic():
        connecting.disable(one, reason, now=now())
        audit_by(one.municipality_id, None, "channel.switched_off", one.name, reason=one.off_reason, by="command line")
    click.echo(f"{name}: off. What it delivers is kept; what is to be sent waits for: otklik channel on {name}")


@channel.command("on", epilog="Example: otklik channel on city-vk")
@click.argument("name")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def on(*, name: str, city: str) -> None:
    """Send what waited, and ask the network again."""
    from django.db import transaction

    from otklik.channels.services import connecting
    from otklik.common.vault import WrongKey
    from otklik.org.errors import NotPossible
    from otklik.org.services.auditing import audit_by

    one = find_channel(name, city)
    try:
        with transaction.atomic():
            connecting.enable(one)
            audit_by(one.municipality_id, None, "channel.switched_on", one.name, by="command line")
    except (NotPossible, WrongKey) as error:
        raise Problem(f"channel {name}: {error}") from error
    click.echo(f"{name}: on")
    _tell_restrictions(one)


@channel.command(
    "acknowledge", epilog="Example: otklik channel acknowledge city-tg comments --official admin@town.example"
)
@click.argument("name")
@click.argument("capability", type=click.Choice(["publish", "comments", "direct_messages", "all"]))
@click.option("--official", required=True, help="e-mail of the administrator who answers for it")
@click.option("--take-back", is_flag=True, help="turn it off again")
@click.option("--yes", is_flag=True, help="the words have been read: don't ask")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def acknowledge(*, name: str, capability: str, official: str, take_back: bool, yes: bool, city: str) -> None:
    """Turn on what the law restricts in an account, after reading what it says; or off again."""
    from otklik.channels.legal import restrictions_of
    from otklik.channels.services import accepting
    from otklik.common.clock import now
    from otklik.org.access import Refused
    from otklik.org.errors import NotPossible

    one = find_channel(name, city)
    access = _administrator(official, one)
    chosen = [row for row in restrictions_of(one) if capability in ("all", row.capability)]
    if not chosen:
        fail(f"{name}: the law restricts nothing of the kind here")
    if not take_back and not yes:
        click.echo(f"{chosen[0].law_name}\n{chosen[0].words}\n{chosen[0].law.source}")
        click.confirm(f"Turn on {', '.join(row.capability for row in chosen)}?", abort=True)
    try:
        for row in chosen:
            if take_back:
                accepting.take_back(access, one, row.capability, now=now())
            else:
                accepting.accept(access, one, row.capability, seal=row.law.seal, now=now())
    except (NotPossible, Refused) as error:
        raise Problem(f"channel {name}: {error}") from error
    _tell_restrictions(one)


def _administrator(email: str, of: Channel) -> Access:
    from otklik.org.access import Permission, access_of
    from otklik.org.models import Official

    found = Official.objects.filter(municipality=of.municipality_id, email__iexact=email, is_active=True).first()
    access = access_of(found) if found is not None else None
    if access is None or not access.allows(Permission.CHANNEL_MANAGE):
        fail(f"{email} is no administrator of this city")
    return access


def _tell_restrictions(one: Channel) -> None:
    """Say what the law restricts in an account, and how it is turned on."""
    from otklik.channels.legal import restrictions_of

    for row in restrictions_of(one):
        state = "OFF by law" if row.is_off else "on, acknowledged"
        click.echo(f"{row.capability:16} {state}: {row.law_name}")
    if any(row.is_off for row in restrictions_of(one)):
        click.echo(f"To turn it on: otklik channel acknowledge {one.name} all --official E-MAIL")


@channel.command("rotate-key", epilog="Example: otklik channel rotate-key city-fediverse")
@click.argument("name")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def rotate_key(*, name: str, city: str) -> None:
    """Sign by a new key from now on (the fediverse); followers' servers are told."""
    from otklik.channels.services.rekeying import rotate
    from otklik.common.clock import now
    from otklik.org.errors import NotPossible

    try:
        told = rotate(find_channel(name, city), now=now())
    except NotPossible as error:
        fail(str(error))
    click.echo(f"{name}: signs by a new key; {told} servers are being told")


def find_channel(name: str, city: str = "") -> Channel:
    """Return a channel by its name; ends the command naming those there are."""
    from otklik.channels.models import Channel

    rows = Channel.objects.select_related("municipality").filter(name=name)
    found = list(rows.filter(municipality__slug=city) if city else rows)
    if len(found) == 1:
        return found[0]
    if found:
        fail(f"several cities have a channel '{name}': add --city SLUG")
    known = ", ".join(Channel.objects.values_list("name", flat=True)[:20]) or "none yet"
    where = f" in the city '{city}'" if city else ""
    fail(f"there is no channel '{name}'{where}; connected: {known}")


def _values(pairs: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--set takes FIELD=VALUE; it was '{name}'")
        values[name.strip()] = value
    return values
