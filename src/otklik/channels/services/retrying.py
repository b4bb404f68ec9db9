"""Giving a delivery that was not understood another chance, after its cause was mended."""

from __future__ import annotations

from django.db import transaction

from otklik.channels.enums import DeliveryState
from otklik.channels.models import Delivery
from otklik.common import bell


@transaction.atomic
def receive_again(delivery: Delivery) -> bool:
    """Put a failed or partly understood delivery back in line; returns whether it was in trouble.

    Safe to repeat and to press twice: what was understood the first time is not doubled, parsing is idempotent.
    """
    troubled = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.FAILED, DeliveryState.PARTIAL])
    if not troubled.update(state=DeliveryState.RECEIVED, note="", parsed_at=None):
        return False
    bell.ring("delivery")
    return True
