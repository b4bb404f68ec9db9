"""The networks that this build can connect."""

from __future__ import annotations

from otklik.connectors.base import ChannelConfig, Connector
from otklik.connectors.instagram.connector import Instagram
from otklik.connectors.mail.connector import Mail
from otklik.connectors.max.connector import Max
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.connectors.site.connector import Site
from otklik.connectors.telegram.connector import Telegram
from otklik.connectors.vk.connector import Vk

CONNECTORS: dict[str, type[Connector]] = {
    kind.network: kind
    for kind in (
        Site,
        Telegram,
        Vk,
        Max,
        Odnoklassniki,
        Instagram,
        Mail,
    )
}


def build(network: str, config: ChannelConfig) -> Connector:
    """Return the connector of a channel. Raises ValueError naming the network or the setting that is wrong."""
    kind = CONNECTORS.get(network)
    if kind is None:
        raise ValueError(f"network '{network}' is not known; known: {', '.join(sorted(CONNECTORS))}")
    return kind.from_config(config)
