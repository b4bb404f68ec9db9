"""How much may wait for its proof: a flood of forgeries is told to come again later, and costs little room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count

from otklik.channels.fediverse import Unproven

MOST_WAITING = 4_000
MOST_FROM_ONE = 1_000
"""Of one address: whoever floods fills a quarter of the room."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for its proof at one door, as it was counted last (every two seconds), by where it came from."""

    waiting: Mapping[str, int] = field(default_factory=dict)

    def is_full_for(self, remote: str) -> bool:
        """Return whether nothing more is kept of this address."""
        return self.waiting.get(remote, 0) >= MOST_FROM_ONE or sum(self.waiting.values()) >= MOST_WAITING


def queue_of(channel_id: int) -> Queue:
    """Return what waits at one door. One query."""
    rows = Unproven.objects.filter(channel=channel_id).order_by().values_list("remote").annotate(n=Count("id"))
    return Queue(dict(rows))
