"""How a network's messages reach us, where there is a choice: it delivers them to our address, or we ask for them."""

from __future__ import annotations

from collections.abc import Mapping

from otklik.connectors.base import SettingField

WEBHOOK, POLLING = "webhook", "polling"

DELIVERY_FIELD = SettingField(
    name="delivery",
    label_ru="Как приходят сообщения",
    label_en="How messages come",
    help_ru="webhook — сеть доставляет сама, нужен публичный https-адрес; polling — спрашиваем сами, адрес не нужен",
    help_en="webhook: the network delivers, a public https address is needed; polling: we ask, no address is needed",
    required=False,
    default=WEBHOOK,
)


def is_polled(settings: Mapping[str, str]) -> bool:
    """Return whether we ask. Raises ValueError naming the setting."""
    told = settings.get(DELIVERY_FIELD.name, "").strip().lower() or WEBHOOK
    if told not in {WEBHOOK, POLLING}:
        raise ValueError(f"{DELIVERY_FIELD.name}: {WEBHOOK} or {POLLING}")
    return told == POLLING
