"""Posting real texts as a network would: each row a correctly signed webhook with a stable id, so that a second
replay, or two at once, add nothing."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import httpx

from otklik.cli.boot import fail, progress, with_django
from otklik.cli.channel import find_channel

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel

CLIENTS = 16
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 3.0

Hook = tuple[bytes, dict[str, str]]


@dataclass
class Tally:
    """How many webhooks were acknowledged, refused for good, or never got through."""

    acknowledged: int = 0
    refused: list[str] = field(default_factory=list)
    lost: int = 0
    repeats: int = 0


def _address(_: click.Context, __: click.Parameter, base: str) -> str:
    if base and not re.match(r"https?://[^/?#\s\[]", base):
        raise click.BadParameter(f"must be an address like http://127.0.0.1:8000; it is '{base}'")
    return base


@click.command(epilog="Example: otklik replay history.csv --channel site --rate 50")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--channel", "name", required=True, help="name of a connected channel")
@click.option("--rate", type=click.FloatRange(min=0.1), help="webhooks a second (default: as fast as it goes)")
@click.option("--text-column", default="text", show_default=True)
@click.option(
    "--base", default="", callback=_address, help="address of the running server (default: this installation's own)"
)
@click.option("--patience", type=click.FloatRange(min=0), default=120.0, show_default=True, help="seconds to repeat")
@click.option("--city", default="", help="slug of the city, where several share this installation")
@with_django
def replay(
    *, file: Path, name: str, rate: float | None, text_column: str, base: str, patience: float, city: str
) -> None:
    """Post each text of FILE as a signed webhook of the channel's network to a running server."""
    from django.conf import settings

    texts = read_texts(file, text_column)
    channel = find_channel(name, city)
    address = base.rstrip("/") or f"http://127.0.0.1:{settings.ENVIRONMENT.port}"
    maker = _maker(channel, file)
    hooks = [maker(row, text) for row, text in enumerate(texts)]
    started = time.monotonic()
    with progress("replay", len(hooks)) as advance:
        url = f"{address}/hooks/{channel.hook_token}"
        tally = asyncio.run(_post_all(url, hooks, rate, patience, advance))
    took = time.monotonic() - started
    click.echo(
        f"{len(hooks)} texts, {tally.acknowledged} acknowledged, {len(tally.refused)} refused, {tally.lost} not "
        f"delivered, {tally.repeats} repeated calls, {took:.1f} s, {tally.acknowledged / max(took, 0.001):.0f}/s"
    )
    if tally.refused:
        fail(f"the server refused {len(tally.refused)} webhooks, the first with: {tally.refused[0]}")
    if tally.lost:
        fail(f"{tally.lost} webhooks did not get through to {address}: is `otklik up` running there?")


def read_texts(file: Path, column: str) -> list[str]:
    """Return the column's texts; ends the command if the file isn't such a CSV."""
    csv.field_size_limit(sys.maxsize)
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if column not in (reader.fieldnames or []):
                there = ", ".join(reader.fieldnames or []) or "none"
                fail(f"{file.name} has no column '{column}'; its columns: {there}. Name one by --text-column")
            return [row[column] or "" for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        fail(f"{file.name} is not a CSV in UTF-8 ({error}): save it as UTF-8 and try again")


def _maker(channel: Channel, file: Path) -> Callable[[int, str], Hook]:
    """Return what turns a row into the network's own webhook. Ids depend on the file's content and the row."""
    from otklik.channels.connections import secrets_of

    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    # Telegram and VK count in whole numbers: a file's own range of a million, the row within it.
    first = (int(digest[:6], 16) + 1) * 1_000_000
    secrets, now = secrets_of(channel), int(time.time())
    makers: dict[str, Callable[[int, str], Hook]] = {
        "site": lambda row, text: _site_hook(secrets, f"replay-{digest[:16]}-{row}", text),
        "telegram": lambda row, text: _telegram_hook(channel, secrets, first + row, text, now),
        "vk": lambda row, text: _vk_hook(channel, secrets, first + row, text, now),
        "ok": lambda row, text: _ok_hook(first + row, text, now),
        "max": lambda row, text: _max_hook(channel, secrets, first + row, text, now),
        "instagram": lambda row, text: _instagram_hook(channel, secrets, first + row, text, now),
    }
    if channel.network not in makers:
        fail(f"replay doesn't speak {channel.network} yet")
    return makers[channel.network]


def _site_hook(secrets: dict[str, str], key: str, text: str) -> Hook:
    from otklik.simulators.site.payloads import comment_submission, headers

    body = comment_submission(key, text, name="", visitor=key)
    return body, headers(secrets["webhook_secret"], body)


def _telegram_hook(channel: Channel, secrets: dict[str, str], number: int, text: str, now: int) -> Hook:
    from otklik.simulators.telegram.payloads import comment_update, headers

    body = comment_update(
        update_id=number,
        message_id=number,
        text=text,
        user_id=number,
        user_name=f"Житель {number % 1_000_000}",
        chat_id=int(channel.settings["discussion_chat_id"]),
        thread_id=1,
        date=now,
    )
    return body, headers(secrets["webhook_secret"])


def _vk_hook(channel: Channel, secrets: dict[str, str], number: int, text: str, now: int) -> Hook:
    from otklik.simulators.vk.payloads import comment_callback

    body = comment_callback(
        event_id=hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest(),
        group_id=int(channel.settings["group_id"]),
        secret=secrets["callback_secret"],
        comment_id=number,
        post_id=1,
        from_id=number,
        text=text,
        date=now,
    )
    return body, {"content-type": "application/json"}


def _max_hook(channel: Channel, secrets: dict[str, str], number: int, text: str, now: int) -> Hook:
    from otklik.simulators.max.payloads import Person, comment_update, headers

    body = comment_update(
        mid=f"mid.{number:024x}",
        seq=number,
        text=text,
        post="mid.1",
        chat_id=int(channel.settings.get("channel_id") or -1),
        at_ms=now * 1000,
        who=Person(number, f"Житель {number % 1_000_000}"),
    )
    return body, headers(secrets["webhook_secret"])


def _instagram_hook(channel: Channel, secrets: dict[str, str], number: int, text: str, now: int) -> Hook:
    from otklik.simulators.instagram.payloads import comment_webhook, signature

    body = comment_webhook(
        account_id=channel.settings["account_id"],
        comment_id=str(number),
        text=text,
        user_id=str(number),
        username=f"resident{number % 1_000_000}",
        media_id="1",
        sent_at=now,
    )
    return body, signature(secrets["app_secret"], body)


def _ok_hook(number: int, text: str, now: int) -> Hook:
    """Odnoklassniki sign nothing, so the channel must take events from this machine (`source_networks`)."""
    from otklik.simulators.ok.payloads import HEADERS, Person, encode, message_hook

    who = Person(number, f"Житель {number % 1_000_000}")
    return encode(message_hook(who, text, number=number, at_ms=now * 1000)), dict(HEADERS)


async def _post_all(
    url: str, hooks: Sequence[Hook], rate: float | None, patience_s: float, advance: Callable[[int], None]
) -> Tally:
    tally, rows = Tally(), iter(enumerate(hooks))
    started = time.monotonic()
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(timeout=30.0, limits=limits, trust_env=False) as client:

        async def post_rows() -> None:
            for row, hook in rows:
                if rate is not None:
                    await asyncio.sleep(max(0.0, started + row / rate - time.monotonic()))
                await _post(client, url, hook, patience_s, tally)
                advance(1)

        await asyncio.gather(*(post_rows() for _ in range(CLIENTS)))
    return tally


async def _post(client: httpx.AsyncClient, url: str, hook: Hook, patience_s: float, tally: Tally) -> None:
    """Post one webhook as a network would: again and again until it hears 200 or a refusal for good."""
    until, wait_s = time.monotonic() + patience_s, _FIRST_WAIT_S
    body, headers = hook
    while True:
        try:
            answer = await client.post(url, content=body, headers=headers)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 200:
            tally.acknowledged += 1
            return
        if answer is not None and answer.status_code < 500:
            tally.refused.append(f"{answer.status_code} {answer.text[:200]}")
            return
        if time.monotonic() > until:
            tally.lost += 1
            return
        tally.repeats += 1
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 1.5, _LONGEST_WAIT_S)
