"""How a network's messages reach us, where there is a choice: it delivers them to our address, or we ask for them."""

from __future__ import annotations

from collections.abc import Mapping

from otklik.connectors.base import Choice, SettingField

WEBHOOK, POLLING = "webhook", "polling"

DELIVERY_FIELD = SettingField(
    name="delivery",
    label_ru="Как приходят сообщения",
    label_en="How messages come",
    help_ru="Чтобы сеть доставляла сама, нужен публичный https-адрес.",
    help_en="For the network to deliver by itself, a public https address is needed.",
    required=False,
    default=WEBHOOK,
    choices=(
        Choice(WEBHOOK, "сеть доставляет сама", "the network delivers"),
        Choice(POLLING, "спрашиваем сами, адрес не нужен", "we ask, no address is needed"),
    ),
)


def is_polled(settings: Mapping[str, str]) -> bool:
    """Return whether we ask. Raises ValueError naming the setting."""
    told = settings.get(DELIVERY_FIELD.name, "").strip().lower() or WEBHOOK
    if told not in {WEBHOOK, POLLING}:
        raise ValueError(f"{DELIVERY_FIELD.name}: {WEBHOOK} or {POLLING}")
    return told == POLLING
