"""Reading an account's past: what it published and was told there before it was connected, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from otklik.connectors.base import Connector
from otklik.connectors.events import Webhook
from otklik.connectors.figures import Figure


@dataclass(frozen=True, slots=True)
class PastPost:
    """A post of the account as it stands there now. `external_id` is what `Event.post` would name it by."""

    external_id: str
    text: str
    at: datetime
    permalink: str = ""
    figures: Mapping[Figure, int] = field(default_factory=dict)
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class PastPage:
    """What one question brought: posts, and words as bodies such as the webhook would have carried them.

    `cursor` leads to the next page and counts once this one is stored; `more` is false where the past ends.
    """

    posts: tuple[PastPost, ...]
    hooks: tuple[Webhook, ...]
    cursor: str
    more: bool


@runtime_checkable
class TellsPast(Connector, Protocol):
    """A connector whose network lets the account's past be read. Its capabilities say `reads_past`."""

    past_pause_s: ClassVar[float]
    """Seconds between two questions, so that the network's rate is kept beside all that is asked meanwhile."""

    def past(self, since: datetime | None, cursor: str, *, now: datetime) -> PastPage:
        """Ask for a page behind `cursor` (empty: from the newest post back to `since`). One call, changes nothing.

        Asking again gives the same or, where something was added or deleted meanwhile, an overlap; never a hole that
        the overlap could have closed. Raises SendFailed, SendUnknown (asking again harms nobody).
        """
        ...
