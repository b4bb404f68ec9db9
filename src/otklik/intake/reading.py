"""From raw deliveries to events: the connector's pure parsing, with what we couldn't understand said plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.channels.enums import DeliveryState
from otklik.channels.models import Delivery
from otklik.connectors.base import Connector, Malformed
from otklik.connectors.events import Event, EventKind, ParseStatus, Webhook


@dataclass(frozen=True, slots=True)
class Read:
    """One delivery, what it says, and how much of it was understood."""

    delivery: Delivery
    events: tuple[Event, ...]
    state: DeliveryState
    note: str = ""


def read(connector: Connector, deliveries: Sequence[Delivery]) -> list[Read]:
    """Parse deliveries in order; one that isn't the network's is marked, the others go on."""
    return [_read_one(connector, delivery) for delivery in deliveries]


def _read_one(connector: Connector, delivery: Delivery) -> Read:
    hook = Webhook(headers=delivery.headers, body=bytes(delivery.body), received_at=delivery.received_at)
    try:
        events = tuple(connector.parse(hook))
    except Malformed as error:
        return Read(delivery, (), DeliveryState.FAILED, str(error))
    notes = [_note(event) for event in events if _is_partial(event)]
    state = DeliveryState.PARTIAL if notes else DeliveryState.PARSED
    return Read(delivery, events, state, "; ".join(sorted(set(notes))))


def _is_partial(event: Event) -> bool:
    return event.kind is EventKind.UNKNOWN or event.parse_status is ParseStatus.PARTIAL


def _note(event: Event) -> str:
    return event.note or f"{event.kind}: not understood"
