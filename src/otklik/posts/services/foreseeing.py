"""What each network will show of a post that isn't published yet: by the same words as sending it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from otklik.channels.connections import connector_of
from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector
from otklik.connectors.events import DraftKind
from otklik.connectors.splitting import utf8_bytes, utf16_units
from otklik.posts.prose import as_plain
from otklik.posts.services.picturing import Picture
from otklik.posts.services.varying import OwnWords
from otklik.posts.services.wording import address_of, fitted, room, whole_words

_ADDRESS = "http"
SLACK = 0.01
_UNITS: Mapping[str, Callable[[str], int]] = {"bytes": utf8_bytes, "UTF-16 units": utf16_units}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one channel will show. `length` and `room` in the network's own units; `trouble`: why it can't go at all."""

    channel: Channel
    parts: tuple[str, ...] = ()
    length: int = 0
    room: int = 0
    is_shortened: bool = False
    photos: int = 0
    photos_left_out: int = 0
    has_dead_links: bool = False
    needs_photo: bool = False
    cannot_be_used: bool = False
    odd_photos: tuple[int, ...] = ()
    """The photos, from 1, whose sides the network doesn't take."""

    @property
    def goes(self) -> bool:
        """Whether the post can go there as it is."""
        return not (self.needs_photo or self.cannot_be_used or self.odd_photos)


def foresee(
    channels: Sequence[Channel], title: str, text: str, photos: Sequence[Picture], own: Sequence[OwnWords]
) -> list[Outlook]:
    """Return what these channels would show, in their order; the site, which shows all, is left out. Asks nobody."""
    spoken = {one.channel_id: one for one in own}
    looks = partial(_outlook, title=title, text=text, photos=photos)
    return [
        looks(channel, own=spoken.get(channel.pk, OwnWords(channel.pk)))
        for channel in channels
        if channel.network != Network.SITE
    ]


def _outlook(channel: Channel, *, title: str, text: str, photos: Sequence[Picture], own: OwnWords) -> Outlook:
    try:
        connector = connector_of(channel)
    except (ValueError, WrongKey):
        return Outlook(channel, cannot_be_used=True)
    capabilities = connector.capabilities
    shown = len(photos) if connector.takes_photos(DraftKind.POST) else 0
    whole = as_plain(own.text) if own.text else whole_words(title, text)
    most = room(connector, with_photos=shown > 0)
    words = whole if own.in_parts else fitted(connector, whole, address_of("…"), with_photos=shown > 0)
    return Outlook(
        channel=channel,
        parts=tuple(connector.split(words, first=most)),
        length=_measured(connector, whole),
        room=most,
        is_shortened=words != whole,
        photos=shown,
        photos_left_out=len(photos) - shown,
        has_dead_links=not capabilities.links_in_posts and _ADDRESS in words,
        needs_photo=capabilities.posts_need_photo and shown == 0,
        odd_photos=_odd(capabilities.post_photo_sides, photos),
    )


def _measured(connector: Connector, words: str) -> int:
    """A post's own limit counts characters; otherwise it is measured like any text of the network."""
    capabilities = connector.capabilities
    unit = "characters" if capabilities.post_limit is not None else capabilities.text_unit
    return _UNITS.get(unit, len)(words)


def _odd(sides: tuple[float, float] | None, photos: Sequence[Picture]) -> tuple[int, ...]:
    if sides is None:
        return ()
    tallest, widest = sides
    ratios = [one.file.width / max(one.file.height, 1) for one in photos]
    return tuple(number for number, ratio in enumerate(ratios, 1) if not tallest - SLACK <= ratio <= widest + SLACK)
