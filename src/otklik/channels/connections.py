"""From a channel's row to a working connector: unsealed secrets, guarded HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import httpx
from django.conf import settings

from otklik.channels.models import Channel
from otklik.common import ssrf
from otklik.common.vault import Vault
from otklik.connectors.base import ChannelConfig, Connector
from otklik.connectors.registry import build


@lru_cache(maxsize=4)
def _vault(key_file: Path) -> Vault:
    return Vault(key_file)


def vault() -> Vault:
    """Return this installation's vault; makes the key file on first use."""
    return _vault(Path(settings.CHANNEL_KEY_FILE))


def seal(secrets: Mapping[str, str]) -> bytes:
    """Return secrets as a channel's row keeps them."""
    return vault().seal(secrets)


def secrets_of(channel: Channel) -> dict[str, str]:
    """Return a channel's secrets. Raises WrongKey if the key file is another installation's."""
    return vault().unseal(bytes(channel.sealed_secrets))


def http_client(ca_bundle: str = "", proxy: str = "") -> httpx.Client:
    """Return a client behind the SSRF guard, open to simulators on loopback only where the settings say so."""
    return ssrf.client(allow_loopback=settings.ENVIRONMENT.allow_loopback, ca_bundle=ca_bundle, proxy=proxy)


def hook_url(channel: Channel) -> str:
    """Return the address to which the network delivers."""
    return f"{settings.ENVIRONMENT.public_url}/hooks/{channel.hook_token}"


def connector_of(channel: Channel) -> Connector:
    """Return the channel's connector. Raises ValueError naming a wrong setting, WrongKey."""
    own = {str(name): str(value) for name, value in channel.settings.items()}
    config = ChannelConfig(
        name=channel.name,
        settings=own,
        secrets=secrets_of(channel),
        http=lambda: http_client(own.get("ca_bundle", ""), own.get("proxy", "")),
        hook_url=hook_url(channel),
    )
    return build(channel.network, config)
