"""The networks that this build can connect."""

from __future__ import annotations

from otklik.connectors.activitypub.connector import ActivityPub
from otklik.connectors.base import ChannelConfig, Connector, SettingField
from otklik.connectors.instagram.connector import Instagram
from otklik.connectors.mail.connector import Mail
from otklik.connectors.max.connector import Max
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.connectors.reception.connector import Reception
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
        Reception,
        ActivityPub,
    )
}

WAYS = (
    SettingField(
        "proxy",
        "Прокси",
        "Proxy",
        help_ru="Только если иначе до сети не добраться, например http://10.0.0.5:3128, без пароля.",
        help_en="Only where the network can't be reached otherwise, such as http://10.0.0.5:3128, without a password.",
        required=False,
        rare=True,
    ),
    SettingField(
        "ca_bundle",
        "Файл сертификатов",
        "File of certificates",
        help_ru="Полный путь к файлу PEM: этим сертификатам доверяют здесь в придачу к системным.",
        help_en="Whole path of a PEM file: its certificates are trusted here besides the system's.",
        required=False,
        rare=True,
    ),
)
"""How a network is reached, the same for all that are called by HTTP."""
_NOT_CALLED_BY_HTTP = frozenset({"site", "email", "reception"})


def fields_of(kind: type[Connector]) -> tuple[SettingField, ...]:
    """Return what an administrator enters for a network: the connector's own, then how the network is reached."""
    if kind.network in _NOT_CALLED_BY_HTTP:
        return kind.fields
    own = {field.name for field in kind.fields}
    return (*kind.fields, *(field for field in WAYS if field.name not in own))


def build(network: str, config: ChannelConfig) -> Connector:
    """Return the connector of a channel. Raises ValueError naming the network or the setting that is wrong."""
    kind = CONNECTORS.get(network)
    if kind is None:
        raise ValueError(f"network '{network}' is not known; known: {', '.join(sorted(CONNECTORS))}")
    return kind.from_config(config)
