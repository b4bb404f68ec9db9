"""Keeping a subscription that a network forgets when we were silent for hours: looked for and mended by polling."""

from __future__ import annotations

from typing import Protocol

from otklik.connectors.events import Polled

SUBSCRIPTION = "subscription"
"""The name of the round (connectors.base.Round)."""
SUBSCRIPTION_EVERY_S = 600.0


class Subscribes(Protocol):
    """A connector that can say whether its network delivers to an address."""

    def is_subscribed(self, hook_url: str) -> bool:
        """Return whether the network delivers there all that we want to hear. Raises SendFailed, SendUnknown."""
        ...

    def subscribe(self, hook_url: str) -> None:
        """Have the network deliver there. Raises SendFailed, SendUnknown."""
        ...


def keep_subscribed(connector: Subscribes, hook_url: str, cursor: str) -> Polled:
    """Subscribe again where the network has forgotten us. Safe to repeat. Raises SendFailed, SendUnknown.

    The cursor is the address that was seen subscribed: only that one is mended. Who has never subscribed is left alone,
    and so is a copy of the installation at another address: it would take over what the network tells the first.
    """
    if connector.is_subscribed(hook_url):
        return Polled((), hook_url)
    if cursor and cursor == hook_url:
        connector.subscribe(hook_url)
    return Polled((), cursor)
