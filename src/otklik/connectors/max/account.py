"""MAX: whose account it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from otklik.connectors.max.api import Api


@dataclass(frozen=True, slots=True)
class Account:
    """A bot and the channel it publishes in (`channel_id`; 0: none); MAX is to deliver to `hook_url`.

    `pause` waits for MAX to take in a file.
    """

    api: Api
    channel_id: int
    hook_url: str = field(default="", repr=False)
    pause: Callable[[float], object] = field(default=time.sleep, repr=False)
