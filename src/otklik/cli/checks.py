"""What can be wrong with an installation, each check with what to do; `doctor` shows all of them, `up` the first."""

from __future__ import annotations

import ipaddress
import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from otklik.common import ssrf
from otklik.config.environment import Environment
from otklik.connectors.base import Finding

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel

LEAST_DISK = 1_000_000_000
LATE = timedelta(minutes=2)
"""What is due longer than this waits for a worker that isn't there, or can't keep up."""
RECENT = timedelta(days=7)
OLDEST_POSTGRESQL = 15
_ANNOUNCED_BY_MONTH = 10
"""Governments announce next year's moved days in autumn; before October nobody can know them."""


def ok(what: str) -> Finding:
    """Return a line that needs nothing."""
    return Finding(what, ok=True)


def bad(what: str, advice: str) -> Finding:
    """Return a line that says what to do."""
    return Finding(what, ok=False, advice=advice)


def settings_that_suit(settings: Environment) -> Iterator[Finding]:
    """Check settings that are right by themselves but wrong for an installation that serves residents."""
    address = urlsplit(settings.public_url)
    if settings.demo:
        yield bad("OTKLIK_DEMO is set", "unset it: demo sign-ins must never work for a real city, `up` refuses it")
    if settings.allow_loopback and not is_loopback(address.hostname or ""):
        yield bad("OTKLIK_ALLOW_LOOPBACK is set", "unset it: connectors could be made to talk to this machine itself")
    if settings.broker_url:
        yield ok("OTKLIK_BROKER_URL: not used; the database itself rings, and no broker is needed")
    if is_loopback(address.hostname or ""):
        yield ok(f"OTKLIK_PUBLIC_URL {settings.public_url}: this machine only; set it before residents come")
    elif address.scheme != "https":
        yield bad(
            f"OTKLIK_PUBLIC_URL {settings.public_url}",
            "make it https: networks deliver and people sign in only there (deployment/Caddyfile in OTKLIK_DATA)",
        )
    else:
        yield ok(f"OTKLIK_PUBLIC_URL {settings.public_url}")


def data_folder(settings: Environment) -> Iterator[Finding]:
    """Check that the folder takes files and that no other user of the machine reads what residents wrote."""
    folder = settings.data
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield bad(
            f"OTKLIK_DATA {folder}", f"it can't be written ({error.strerror}): give it to the user that runs Otklik"
        )
        return
    if stat.S_IMODE(folder.stat().st_mode) & 0o007:
        yield bad(f"OTKLIK_DATA {folder}", f"other users of this machine can read it: chmod 750 {folder}")
    else:
        yield ok(f"OTKLIK_DATA {folder}: writable and private")
    free = shutil.disk_usage(folder).free
    if free < LEAST_DISK:
        yield bad(f"disk: {free / 1e9:.1f} GB free", "make room: without it nothing is stored and networks give up")
    else:
        yield ok(f"disk: {free / 1e9:.0f} GB free")


def key_files(settings: Environment) -> Iterator[Finding]:
    """Check that only their owner reads the keys."""
    open_ones = [
        path
        for path in (settings.keys, *sorted(settings.keys.glob("*.key")), *sorted(settings.keys.glob("*/*.pem")))
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    for path in open_ones:
        yield bad(f"OTKLIK_KEYS {path}", f"others can read it: chmod {'700' if path.is_dir() else '600'} {path}")
    if not open_ones:
        yield ok(f"OTKLIK_KEYS {settings.keys}: private")


def channel_key_problem(settings: Environment) -> str | None:
    """Return what is wrong with the file of the channel key itself; None also where it isn't made yet."""
    from otklik.common.vault import Vault

    file = settings.keys / "channels.key"
    if not file.exists():
        return None
    try:
        Vault(file)
    except (ValueError, OSError) as error:
        return f"OTKLIK_KEYS: {file} is not a channel key ({error}): bring the right file from where you keep the keys"
    return None


def closed_channels(settings: Environment) -> list[str]:
    """Return a sentence for each enabled channel whose secrets the key doesn't open: nothing comes or goes there."""
    from otklik.channels.connections import connector_of
    from otklik.channels.models import Channel
    from otklik.common.vault import WrongKey

    channels = list(Channel.objects.filter(is_enabled=True).order_by("name"))
    sealed = [channel for channel in channels if channel.sealed_secrets]
    file = settings.keys / "channels.key"
    if sealed and not file.exists():
        names = ", ".join(channel.name for channel in sealed)
        sentence = f"OTKLIK_KEYS: {file} is missing, so the secrets of {names} can't be opened"
        return [f"{sentence}: bring it from where you keep the keys (it is never in a backup)"]
    closed = []
    for channel in channels:
        try:
            connector_of(channel)
        except WrongKey:
            closed.append(
                f"OTKLIK_KEYS: {file} doesn't open the secrets of channel {channel.name}: bring the file that sealed "
                "them, or enter them anew (desk, Administration, Channels)"
            )
        except ValueError as error:
            closed.append(f"channel {channel.name}: {error}: correct it (desk, Administration, Channels)")
    return closed


def calendar_ahead(now: datetime) -> Iterator[Finding]:
    """Check that deadlines in the next year will know its holidays and moved days."""
    from otklik.org.calendar import country_knows
    from otklik.org.models import CalendarDay, Municipality

    next_year = now.year + 1
    for city in Municipality.objects.order_by("slug"):
        what = f"calendar of {city.slug} for {next_year}"
        own = CalendarDay.objects.filter(municipality=city, date__year=next_year).exists()
        if own or country_knows(city.country, next_year):
            yield ok(what)
        elif now.month < _ANNOUNCED_BY_MONTH:
            yield ok(f"{what}: moved days are not announced yet")
        else:
            yield bad(what, f"enter the days off and moved days of {city.country} (desk, Administration, Calendar)")


def channels_online() -> Iterator[Finding]:
    """Ask each network about our account."""
    from otklik.channels.connections import connector_of
    from otklik.channels.models import Channel
    from otklik.common.vault import WrongKey
    from otklik.connectors.base import SendFailed, SendUnknown

    for channel in Channel.objects.filter(is_enabled=True).order_by("name"):
        try:
            findings = connector_of(channel).check()
        except (ValueError, WrongKey, SendFailed, SendUnknown) as error:
            yield bad(f"channel {channel.name}", str(error))
            continue
        yield from (_of_channel(channel, finding) for finding in findings)


def _of_channel(channel: Channel, finding: Finding) -> Finding:
    return Finding(f"channel {channel.name}: {finding.what}", finding.ok, finding.advice)


def language_models(*, online: bool) -> Iterator[Finding]:
    """Name each city's language model where it is on, and ask it for a word; nothing of a resident goes along."""
    from django.utils import translation

    from otklik.assist.chat import ChatFailed, ask
    from otklik.assist.models import ModelSettings
    from otklik.assist.services.setting import endpoint_of
    from otklik.common.vault import WrongKey

    for row in ModelSettings.objects.filter(is_on=True).select_related("municipality").order_by("id"):
        what = f"language model of {row.municipality.slug}: {row.model} at {urlsplit(row.base_url).netloc}"
        if not online:
            yield ok(what)
            continue
        try:
            ask(endpoint_of(row), "You are checked for being there.", "Answer with the word OK.")
        except ChatFailed as failed:
            with translation.override("en"):
                yield bad(what, str(failed.trouble.label))
        except WrongKey as error:
            yield bad(what, str(error))
        else:
            yield ok(f"{what}: it answers")


def public_address(settings: Environment) -> Finding:
    """Fetch our own /healthz by the address that residents use; private addresses other than loopback are refused."""
    url = f"{settings.public_url}/healthz"
    what = f"public address {url}"
    try:
        with ssrf.client(allow_loopback=is_loopback(urlsplit(url).hostname or "")) as client:
            answer = client.get(url)
    except httpx.HTTPError as error:
        return bad(what, f"it doesn't answer ({error}): is `otklik up` running, and the web server before it?")
    if answer.status_code != 200 or answer.content != b"ok":
        return bad(
            what, f"somebody else answers there (status {answer.status_code}): check OTKLIK_PUBLIC_URL, OTKLIK_PORT"
        )
    return ok(what)


def is_loopback(host: str) -> bool:
    """Return whether a host name means this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def sqlite_file(settings: Environment) -> Path:
    """Return where the embedded database is."""
    return Path(settings.database_url.removeprefix("sqlite:///"))
