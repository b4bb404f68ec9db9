"""Letting texts leave for a language model: an administrator's own decision, told in full, and noted."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings as installation
from django.db import transaction
from django.utils.translation import gettext as _

from otklik.assist.chat import Endpoint
from otklik.assist.models import ModelSettings
from otklik.assist.queries import settings_of
from otklik.channels.connections import seal, vault
from otklik.common import ssrf
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.services.auditing import audit

TOLD = ("is_on", "base_url", "model", "for_drafts", "for_summaries", "for_translation", "masks")
"""What the administrator agrees to. Any change asks again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an administrator chose. An empty key keeps the one that is there."""

    is_on: bool
    base_url: str
    model: str
    key: str = ""
    for_drafts: bool = False
    for_summaries: bool = False
    for_translation: bool = False
    masks: bool = True
    timeout_s: int = 60
    summary_from: int = 12
    understood: bool = False


@transaction.atomic
def save_model_settings(access: Access, choice: Choice, *, now: datetime) -> ModelSettings:
    """Keep where the model is and what it may be used for. Audited without the key.

    Turning it on, or changing what leaves or whereto, needs `understood`. Raises Refused, NotPossible about a field.
    """
    access.require(Permission.CITY_MANAGE)
    row = settings_of(access.municipality_id)
    before = {name: getattr(row, name) for name in TOLD}
    _check(choice)
    for name in (*TOLD, "timeout_s", "summary_from"):
        value = getattr(choice, name)
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    told = {name: getattr(row, name) for name in TOLD}
    if choice.is_on and (told != before or row.agreed_at is None):
        if not choice.understood:
            raise NotPossible(_("Tick that you know which texts leave, and where they go."), field="understood")
        row.agreed_by, row.agreed_at = access.official, now
    if before["base_url"] != row.base_url and not choice.key:
        row.sealed_key = b""  # a key is one server's: it is never shown to another
    if choice.key:
        row.sealed_key = seal({"key": choice.key.strip()})
    row.save()
    audit(access, "language_model.changed", urlsplit(row.base_url).netloc, before=str(before), after=str(told))
    return row


def endpoint_of(row: ModelSettings) -> Endpoint:
    """Return the model's server with its key unsealed. Raises WrongKey."""
    key = vault().unseal(bytes(row.sealed_key)).get("key", "")
    return Endpoint(base_url=row.base_url, model=row.model, key=key, timeout_s=row.timeout_s)


def _check(choice: Choice) -> None:
    if not 5 <= choice.timeout_s <= 300:
        raise NotPossible(_("Choose a number from %(from)s to %(to)s.") % {"from": 5, "to": 300}, field="timeout_s")
    if not 3 <= choice.summary_from <= 500:
        raise NotPossible(_("Choose a number from %(from)s to %(to)s.") % {"from": 3, "to": 500}, field="summary_from")
    if not choice.is_on and not choice.base_url.strip():
        return
    _check_address(choice.base_url.strip())
    if not choice.model.strip():
        raise NotPossible(_("Name the model, as its server calls it."), field="model")


def _check_address(base_url: str) -> None:
    """Raise NotPossible unless it is http(s) to a plain host that isn't ours nor a cloud's store of keys."""
    try:
        address = urlsplit(base_url)
        host, port = (address.hostname or "").lower(), address.port
    except ValueError:
        host, port = "", None
    extras = "@" in base_url or "?" in base_url or "#" in base_url
    if not host or extras or address.scheme not in ("http", "https"):
        raise NotPossible(_("Write an address such as http://10.0.0.5:8080/v1."), field="base_url")
    try:
        literal = str(ipaddress.ip_address(host))
    except ValueError:
        literal = ""
    if (literal and not ssrf.is_neighbour(literal)) or host.startswith("metadata."):
        raise NotPossible(_("This address never belongs to a language model: we don't go there."), field="base_url")
    ours = {installation.ENVIRONMENT.port, installation.ENVIRONMENT.web_port}
    here = host == "localhost" or (literal and ipaddress.ip_address(literal).is_loopback)
    if here and (port or 80) in ours:
        raise NotPossible(_("That is this installation itself."), field="base_url")
