"""A history: texts and what people decided about them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what people decided; None where the history doesn't say.

    `abuse` is "0" or "1", `kind` a verdict.Kind.
    """

    text: str
    topic: str | None = None
    topic_group: str | None = None
    department: str | None = None
    abuse: str | None = None
    kind: str | None = None


HEADS: Final = tuple(field.name for field in fields(Labelled) if field.name != "text")
"""The columns that can be learnt."""
