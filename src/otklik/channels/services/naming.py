"""Asking a network for the names of people whose messages came without them (VK's callbacks carry only numbers)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from django.db import transaction

from otklik.channels.connections import connector_of
from otklik.channels.models import Channel, Identity, Resident
from otklik.channels.services.indexing import follow_names
from otklik.common.text import storable
from otklik.common.vault import WrongKey
from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Author
from otklik.connectors.registry import CONNECTORS

log = logging.getLogger(__name__)


@runtime_checkable
class KnowsNames(Protocol):
    """A connector whose network tells people's names only when asked."""

    names_at_once: ClassVar[int]
    """How many people to ask for at once."""

    def fetch_names(self, ids: Sequence[int]) -> Mapping[str, Author]:
        """Return people by their id; whom the network doesn't know is missing. Raises SendFailed, SendUnknown."""
        ...


class Namer:
    """Remembers how far it asked, so that nobody is asked for twice; a network that fails is asked again later."""

    def __init__(self) -> None:
        self._asked_up_to: dict[int, int] = {}

    def name_strangers(self) -> int:
        """Ask for the names of people met lately and return how many got one. HTTP: not inside a transaction."""
        networks = [network for network, kind in CONNECTORS.items() if hasattr(kind, "fetch_names")]
        channels = Channel.objects.filter(network__in=networks, is_enabled=True).order_by("id")
        return sum(self._ask(channel) for channel in channels)

    def _ask(self, channel: Channel) -> int:
        try:
            connector = connector_of(channel)
        except (ValueError, WrongKey) as error:
            log.warning("channel %s: names can't be asked for now: %s", channel.name, error)
            return 0
        if not isinstance(connector, KnowsNames):
            return 0
        strangers = list(
            Identity.objects.filter(
                municipality=channel.municipality_id,
                network=channel.network,
                display_name="",
                pk__gt=self._asked_up_to.get(channel.pk, 0),
            ).order_by("pk")[: connector.names_at_once]
        )
        numbers = [int(one.external_id) for one in strangers if one.external_id.isdigit()]
        if not numbers:
            return 0
        try:
            found = connector.fetch_names(numbers)
        except (SendFailed, SendUnknown) as error:
            log.warning("channel %s: names can't be asked for now: %s", channel.name, error)
            return 0
        self._asked_up_to[channel.pk] = strangers[-1].pk
        return _keep([(one, found[one.external_id]) for one in strangers if one.external_id in found])


@transaction.atomic
def _keep(named: Sequence[tuple[Identity, Author]]) -> int:
    for identity, author in named:
        identity.display_name = storable(author.display_name)[:200]
        identity.handle, identity.url = author.handle[:120], author.url[:500]
    Identity.objects.bulk_update([identity for identity, _ in named], ["display_name", "handle", "url"])
    follow_names([identity for identity, _ in named])
    for identity, _ in named:
        Resident.objects.filter(pk=identity.resident_id, display_name="").update(display_name=identity.display_name)
    return len(named)
