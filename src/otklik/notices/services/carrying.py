"""How a city sends to its officials: kept with its secret sealed, tried before it is believed, linked to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from otklik.common import ssrf
from otklik.common.vault import Vault, WrongKey
from otklik.notices.carriers.mail import Mail
from otklik.notices.carriers.outcome import NotSent, PerhapsSent
from otklik.notices.carriers.telegram import Bot
from otklik.notices.enums import Way
from otklik.notices.letters import TELEGRAM, Carrier
from otklik.notices.services.choosing import codes_wait, use_code
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.services.auditing import audit


@dataclass(frozen=True, slots=True)
class MailServer:
    """What an administrator says of the mail server. An empty password keeps the one that is there."""

    is_on: bool
    host: str
    port: int
    security: str
    user: str
    sender: str
    password: str = ""


def carrier_of(municipality_id: int, way: Way) -> Carrier:
    """Return a city's carrier; unsaved and off where none was set."""
    found = Carrier.objects.filter(municipality=municipality_id, way=way).first()
    return found or Carrier(municipality_id=municipality_id, way=way)


@transaction.atomic
def save_mail(access: Access, wish: MailServer) -> Carrier:
    """Keep the mail server; another host forgets the password. Audited without it. Raises Refused, NotPossible."""
    access.require(Permission.CITY_MANAGE)
    if wish.is_on and not wish.host.strip():
        raise NotPossible(_("Name the mail server."), field="host")
    if wish.is_on and not wish.sender.strip():
        raise NotPossible(_("Letters need a sender's address."), field="sender")
    row = carrier_of(access.municipality_id, Way.EMAIL)
    if row.host != wish.host.strip() and not wish.password:
        row.sealed_secret = b""  # a password is one server's: it is never shown to another
    row.is_on, row.host, row.port, row.security = wish.is_on, wish.host.strip(), wish.port, wish.security
    row.user, row.sender = wish.user.strip(), wish.sender.strip()
    if wish.password:
        row.sealed_secret = vault().seal({"password": wish.password})
    row.save()
    audit(access, "mail.changed", row.host, is_on=row.is_on, port=row.port, security=row.security, user=row.user)
    return row


def save_bot(access: Access, *, is_on: bool, token: str, base: str = TELEGRAM) -> Carrier:
    """Keep the bot for officials after asking it for its name. Audited without the token. Raises Refused, NotPossible.

    Network first, then one transaction.
    """
    access.require(Permission.CITY_MANAGE)
    row = carrier_of(access.municipality_id, Way.TELEGRAM)
    row.host, row.is_on = base, is_on
    if token:
        row.sealed_secret, row.offset = vault().seal({"token": token.strip()}), 0
    if is_on and not bytes(row.sealed_secret):
        raise NotPossible(_("Give the bot's token."), field="token")
    if is_on:
        try:
            row.bot_name = bot_of(row).name()
        except (NotSent, WrongKey) as error:
            raise NotPossible(str(error), field="token") from error
    with transaction.atomic():
        row.save()
        audit(access, "bot.changed", row.bot_name, is_on=row.is_on)
    return row


def try_mail(access: Access, *, now: datetime) -> None:
    """Send oneself a letter through the mail server as it is kept. Raises Refused, NotPossible saying what is wrong."""
    access.require(Permission.CITY_MANAGE)
    row = carrier_of(access.municipality_id, Way.EMAIL)
    message_id = f"<try-{access.official.pk}-{now:%Y%m%d%H%M%S%f}@{host_of_links()}>"
    try:
        subject, text = _("A letter to try it"), _("The mail server works: letters of the city reach you.")
        mail_of(row).send(access.official.email, subject, text, message_id)
    except (NotSent, PerhapsSent, WrongKey) as error:
        raise NotPossible(str(error)) from error


def mail_of(row: Carrier) -> Mail:
    """Return the mail server of a row. Raises WrongKey."""
    password = vault().unseal(bytes(row.sealed_secret)).get("password", "")
    return Mail(row.host, row.port, row.security, row.user, row.sender, password)


def bot_of(row: Carrier) -> Bot:
    """Return the bot of a row, behind the guard of outgoing HTTP. Raises WrongKey."""
    return Bot(row.host or TELEGRAM, _http, vault().unseal(bytes(row.sealed_secret)).get("token", ""))


def link_chats(*, now: datetime) -> int:
    """Read the bots of cities where a code waits, and link whoever wrote one; returns how many. Network, then rows."""
    waiting = codes_wait(now=now)
    bots = Carrier.objects.filter(municipality__in=waiting, way=Way.TELEGRAM, is_on=True).select_related("municipality")
    return sum(_link_chats(row, now) for row in bots) if waiting else 0


def _link_chats(row: Carrier, now: datetime) -> int:
    try:
        bot = bot_of(row)
        started, offset = bot.started(row.offset)
    except (NotSent, WrongKey):
        return 0  # the doctor says why; the next look asks again
    linked = 0
    for one in started:
        done = use_code(row.municipality_id, one.code, one.chat, now=now)
        linked += done
        with translation.override(row.municipality.language):
            words = _("Linked: the city's notices come here.") if done else _("This code is old or was used already.")
        try:
            bot.send(one.chat, words)
        except (NotSent, PerhapsSent):
            continue  # the screen says that it is linked
    if offset != row.offset:
        Carrier.objects.filter(pk=row.pk, offset=row.offset).update(offset=offset)
    return linked


def host_of_links() -> str:
    """Return the host that our letters are from, for their ids."""
    return str(settings.ENVIRONMENT.public_url).split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]


def vault() -> Vault:
    """Return this installation's vault, the one that channels' secrets are in."""
    return _vault(Path(settings.CHANNEL_KEY_FILE))


@lru_cache(maxsize=4)
def _vault(key_file: Path) -> Vault:
    return Vault(key_file)


def _http() -> httpx.Client:
    return ssrf.client(allow_loopback=settings.ENVIRONMENT.allow_loopback)
