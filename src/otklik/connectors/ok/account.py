"""Odnoklassniki: whose account it is, with which keys, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field

from otklik.connectors.ok.api import Graph, Rest


@dataclass(frozen=True, slots=True)
class Account:
    """A group. `rest` publishes and reads comments as a person who runs it; None: only messages work."""

    group_id: str
    graph: Graph
    rest: Rest | None
    answers_comments: bool
    tells_statistics: bool = False
    hook_url: str = field(default="", repr=False)
