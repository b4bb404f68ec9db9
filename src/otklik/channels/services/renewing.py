"""Renewing access tokens before they end (Instagram's live for sixty days): asked for, then saved, while nobody looks.

Whoever dies in between loses nothing: the old token is good until its own end, and the next look asks again.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Protocol, runtime_checkable

from django.db import transaction

from otklik.channels.connections import connector_of, secrets_of
from otklik.channels.models import Channel
from otklik.channels.services.connecting import reconfigure
from otklik.common.vault import WrongKey
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import RenewedToken
from otklik.connectors.registry import CONNECTORS

log = logging.getLogger(__name__)

AGAIN_S = 3600.0
"""After this long a token that could not be renewed is tried again: there are days to do it in."""


@runtime_checkable
class RenewsToken(Protocol):
    """A connector whose token ends, and can be given a new end before it does."""

    def token_is_due(self, now: datetime) -> bool:
        """Return whether the token should be renewed by now. Pure."""
        ...

    def renew_token(self, *, now: datetime) -> RenewedToken:
        """Return a token with a later end; the old one stays good until its own. Raises SendFailed, SendUnknown."""
        ...


class Renewer:
    """Remembers when each channel was tried last, so that a refusal is no storm of questions."""

    def __init__(self) -> None:
        self._not_before: dict[int, float] = {}

    def renew_due(self, *, now: datetime) -> int:
        """Renew the tokens that end soon and return how many were. HTTP: never call it inside a transaction."""
        networks = [network for network, kind in CONNECTORS.items() if hasattr(kind, "renew_token")]
        channels = Channel.objects.filter(network__in=networks, is_enabled=True).select_related("municipality")
        return sum(self._renew(channel, now) for channel in channels.order_by("id"))

    def _renew(self, channel: Channel, now: datetime) -> bool:
        if self._not_before.get(channel.pk, 0.0) > time.monotonic():
            return False
        try:
            connector = connector_of(channel)
            if not isinstance(connector, RenewsToken) or not connector.token_is_due(now):
                return False
            self._not_before[channel.pk] = time.monotonic() + AGAIN_S
            old = secrets_of(channel)["token"]
            return keep(channel, old, connector.renew_token(now=now))
        except (SendFailed, SendUnknown, ValueError, WrongKey) as error:
            log.warning("channel %s: its token can't be renewed now: %s", channel.name, error)
            return False


@transaction.atomic
def keep(channel: Channel, old: str, renewed: RenewedToken) -> bool:
    """Save a renewed token, unless somebody saved another one meanwhile: then theirs stays."""
    held = Channel.objects.select_for_update().select_related("municipality").get(pk=channel.pk)
    if secrets_of(held).get("token") != old:
        return False
    reconfigure(held, {"token": renewed.token, "token_ends_at": renewed.ends_at.isoformat()})
    return True
