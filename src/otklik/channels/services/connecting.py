"""Connecting a network's account: checked by building its connector, its secrets sealed before they are stored.

The desk and the command line call the same functions; who may call them is decided at those doors.
"""

from __future__ import annotations

import re
import secrets as randomness
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.channels.connections import connector_of, hook_url, http_client, seal, secrets_of
from otklik.channels.models import Channel
from otklik.channels.networkwords import told
from otklik.common import ssrf
from otklik.common.codes import url_token
from otklik.connectors import registry
from otklik.connectors.base import ChannelConfig, SendFailed, SendUnknown, SettingField
from otklik.connectors.registry import CONNECTORS, build
from otklik.connectors.said import words_of
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality, Official

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_SWITCH = ("is_enabled", "off_reason", "off_at", "off_by")
_OURS_TO_MAKE = ("webhook_secret", "callback_secret")
GATE_RELOADS_S = 3.0
"""After this long the gate answers with a changed setting (it reads the channels again every two seconds)."""


@runtime_checkable
class GivesConfirmationCode(Protocol):
    """A connector whose network asks our address for a code that it only tells when asked."""

    def fetch_confirmation_code(self) -> str:
        """Return the code to save as `confirmation_code`. Raises SendFailed, SendUnknown."""
        ...


def connect(
    municipality: Municipality, network: str, name: str, title: str, values: Mapping[str, str], *, now: datetime
) -> Channel:
    """Connect an account; secrets that are ours to choose are made if left empty. Nothing is asked of the network.

    Raises NotPossible about the field that is wrong (`network`, `name` or a setting's own name).
    """
    fields = fields_of(network)
    if not _NAME.fullmatch(name):
        raise NotPossible(_("Use lower-case Latin letters, digits, - and _, such as city-vk."), field="name")
    plain, secret = _sorted(fields, values)
    for one in fields:
        if is_ours_to_make(one) and not secret.get(one.name):
            secret[one.name] = one.make() if one.make is not None else randomness.token_hex(16)
    _check(network, name, fields, plain, secret)
    try:
        with transaction.atomic():
            return Channel.objects.create(
                municipality=municipality,
                name=name,
                network=network,
                title=title.strip(),
                hook_token=url_token(),
                settings=plain,
                sealed_secrets=seal(secret),
                created_at=now,
            )
    except IntegrityError as error:
        raise NotPossible(_("A channel with this name is connected already."), field="name") from error


def reconfigure(channel: Channel, values: Mapping[str, str], *, title: str | None = None) -> list[str]:
    """Change an account's settings; returns the names of those that changed. An empty secret stays as it is.

    Settings that aren't named stay too. The gate and the worker take the change up within seconds. Raises NotPossible
    about the setting that is wrong, WrongKey if the kept secrets can't be opened.
    """
    fields = fields_of(channel.network)
    plain, secret = _sorted(fields, values)
    old_secrets = secrets_of(channel)
    new_plain = {**channel.settings, **plain}
    new_secrets = {**old_secrets, **{name: value for name, value in secret.items() if value}}
    _check(channel.network, channel.name, fields, new_plain, new_secrets)
    changed = [name for name, value in new_plain.items() if channel.settings.get(name, "") != value]
    changed += [name for name, value in new_secrets.items() if old_secrets.get(name) != value]
    stale = [field.name for field in fields if field.about in changed and field.name not in changed]
    new_plain |= {name: "" for name in stale if new_plain.get(name)}
    if title is not None and title.strip() != channel.title:
        channel.title = title.strip()
        changed.append("title")
    if changed:
        channel.settings, channel.sealed_secrets = new_plain, seal(new_secrets)
        note_change(channel, "title", "settings", "sealed_secrets")
    return changed


def disable(channel: Channel, reason: str = "", *, by: Official | None = None, now: datetime) -> None:
    """Call an account's network no more: nothing is sent or asked for. Safe to repeat; the newest reason stands.

    Nothing is lost meanwhile: what the network delivers is taken in as before, what is to be sent waits, and what was
    asked for is asked for from where it stood.
    """
    reason = reason.strip()[:300]
    if not channel.is_enabled and reason in ("", channel.off_reason):
        return
    channel.is_enabled, channel.off_reason, channel.off_at, channel.off_by = False, reason, now, by
    note_change(channel, *_SWITCH)


def enable(channel: Channel) -> None:
    """Send what waited and ask again. Safe to repeat. Raises NotPossible if its settings don't work."""
    try:
        connector_of(channel)
    except ValueError as error:
        raise NotPossible(str(error)) from error
    if not channel.is_enabled:
        channel.is_enabled, channel.off_reason, channel.off_at, channel.off_by = True, "", None, None
        note_change(channel, *_SWITCH)


def subscribe(channel: Channel, *, pause_s: float = GATE_RELOADS_S) -> None:
    """Have the network deliver to us. Safe to repeat. Uses HTTP: never call it inside a transaction.

    Where the network wants a code that only it knows, the code is fetched and saved, and `pause_s` seconds pass before
    the network asks our address for it. Raises NotPossible with the network's words.
    """
    try:
        connector = connector_of(channel)
        if isinstance(connector, GivesConfirmationCode):
            code = connector.fetch_confirmation_code()
            if channel.settings.get("confirmation_code") != code:
                reconfigure(channel, {"confirmation_code": code})
                time.sleep(pause_s)
                connector = connector_of(channel)
        connector.subscribe(hook_url(channel))
    except (SendFailed, SendUnknown, ValueError) as error:
        raise NotPossible(_("The network refused: %(words)s") % {"words": told(words_of(error))}) from error


def fields_of(network: str) -> tuple[SettingField, ...]:
    """Return what an administrator enters for a network. Raises NotPossible about `network`."""
    kind = CONNECTORS.get(network)
    if kind is None:
        known = ", ".join(sorted(CONNECTORS))
        raise NotPossible(
            _("We can't connect this network; these we can: %(known)s.") % {"known": known}, field="network"
        )
    return registry.fields_of(kind)


def is_ours_to_make(field: SettingField) -> bool:
    """Return whether a secret is ours to choose, and is made where it is left empty."""
    return field.secret and (field.make is not None or field.name.endswith(_OURS_TO_MAKE))


def label_of(field: SettingField) -> str:
    """Return a setting's name in the reader's language."""
    return field.label_en if get_language() == "en" else field.label_ru


def choices_of(field: SettingField) -> list[tuple[str, str]]:
    """Return what a setting may be, with what it is called in the reader's language."""
    english = get_language() == "en"
    return [(one.value, one.label_en if english else one.label_ru) for one in field.choices]


def help_of(field: SettingField) -> str:
    """Return what a setting's help says in the reader's language."""
    return field.help_en if get_language() == "en" else field.help_ru


def _sorted(fields: tuple[SettingField, ...], values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return (settings, secrets), stripped; an empty setting takes its default. Raises NotPossible."""
    by_name = {field.name: field for field in fields}
    plain: dict[str, str] = {}
    secret: dict[str, str] = {}
    for name, value in values.items():
        field = by_name.get(name)
        if field is None:
            known = ", ".join(by_name)
            raise NotPossible(_("There is no such setting; these there are: %(known)s.") % {"known": known}, field=name)
        if field.secret:
            secret[name] = value.strip()
        else:
            plain[name] = value.strip() or field.default
    return plain, secret


def _check(
    network: str, name: str, fields: tuple[SettingField, ...], plain: Mapping[str, str], secret: Mapping[str, str]
) -> None:
    """Raise NotPossible about the first setting that is missing or that the connector doesn't take."""
    for field in fields:
        if field.required and not (secret if field.secret else plain).get(field.name):
            raise NotPossible(_("Fill this in: the channel can't work without it."), field=field.name)
    _check_certificates(plain.get("ca_bundle", ""))
    _check_proxy(plain.get("proxy", ""))
    try:
        build(network, ChannelConfig(name=name, settings=plain, secrets=secret, http=http_client))
    except ValueError as error:
        words = str(error)
        # The connector names the setting in English; the field's own help says the same in the reader's language.
        guilty = next((one for one in fields if re.search(rf"\b{one.name}\b", words)), None)
        if guilty is None:
            raise NotPossible(words) from error
        sentence = _("This can't be right. %(help)s") % {"help": help_of(guilty) or words}
        raise NotPossible(sentence, field=guilty.name) from error


def _check_certificates(path: str) -> None:
    """Raise NotPossible unless the file holds certificates. Only here: one that goes later must not shut the door."""
    if not path:
        return
    try:
        ssrf.check_bundle(path)
    except ValueError as error:
        words = _(
            "%(path)s can't be used: name a file on the server, by its whole path, with certificates in PEM form."
        )
        raise NotPossible(words % {"path": path}, field="ca_bundle") from error


def _check_proxy(address: str) -> None:
    """Raise NotPossible unless it is a proxy's plain address: a password would lie open among the settings."""
    if not address:
        return
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) and not parts.path.strip("/")
    except ValueError:
        whole = False
    if not whole or "@" in address:
        raise NotPossible(_("Write the proxy's address like http://10.0.0.5:3128, without a password."), field="proxy")


def note_change(channel: Channel, *names: str) -> None:
    """Save these fields of a channel; the gate and the worker take the change up within seconds."""
    channel.save(update_fields=names)
    Channel.objects.filter(pk=channel.pk).update(revision=F("revision") + 1)
    channel.refresh_from_db(fields=["revision"])
