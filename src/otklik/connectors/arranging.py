"""Arranging words and photos into the parts that a network takes: the same parts however often it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.connectors.base import Connector
from otklik.connectors.events import DraftKind, Photo
from otklik.connectors.splitting import split_text


@dataclass(frozen=True, slots=True)
class Part:
    """One message or comment: words, photos, or both."""

    text: str
    photos: tuple[Photo, ...] = ()


def arrange(connector: Connector, kind: DraftKind, text: str, photos: Sequence[Photo] = ()) -> list[Part]:
    """Return the parts in which a text with photos is sent: the photos come first, with as much text as fits beside.

    By the network's declared limits, not by how the account is set up at this moment: a receipt is known by the number
    of its part, so the parts of a row must never change.
    """
    most = connector.capabilities.photos_in(kind)
    if not photos or most == 0:
        return [Part(words) for words in _words(connector, kind, text)]
    groups = [tuple(photos[start : start + most]) for start in range(0, len(photos), most)]
    words = _beside(connector, kind, text) or [""]
    beside = Part(words[0], groups[0])
    return [beside, *(Part(rest) for rest in words[1:]), *(Part("", group) for group in groups[1:])]


def _beside(connector: Connector, kind: DraftKind, text: str) -> list[str]:
    limit = connector.capabilities.caption_limit
    return _words(connector, kind, text) if limit is None else connector.split(text, first=limit)


def _words(connector: Connector, kind: DraftKind, text: str) -> list[str]:
    """Return the parts of a text; some networks take less in a comment than in a message, or more in a post."""
    capabilities = connector.capabilities
    own = {DraftKind.COMMENT_REPLY: capabilities.comment_limit, DraftKind.POST: capabilities.post_limit}.get(kind)
    return connector.split(text) if own is None else split_text(text, own)
