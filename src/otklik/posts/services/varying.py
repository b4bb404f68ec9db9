"""Words of a post's own for one network, and whether they come whole: kept with each revision, and stated by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from otklik.channels.models import Channel
from otklik.common.text import storable
from otklik.org.errors import NotPossible
from otklik.posts.models import Revision, Variant

LONGEST = 15_000


@dataclass(frozen=True, slots=True)
class OwnWords:
    """How a post speaks in one channel. `in_parts`: whole, in several messages, instead of cut with a link."""

    channel_id: int
    text: str = ""
    in_parts: bool = False


def tidied(own: Sequence[OwnWords], municipality_id: int) -> tuple[OwnWords, ...]:
    """Return those that say something, one a channel of the city, by channel. Raises NotPossible. One query for any."""
    kept = {one.channel_id: OwnWords(one.channel_id, storable(one.text).strip(), one.in_parts) for one in own}
    found = [kept[pk] for pk in sorted(kept) if kept[pk].text or kept[pk].in_parts]
    if any(len(one.text) > LONGEST for one in found):
        raise NotPossible(_("The words for one network are too long: keep them within %(most)d.") % {"most": LONGEST})
    if not found:
        return ()
    ours = set(Channel.objects.filter(municipality=municipality_id, pk__in=kept).values_list("pk", flat=True))
    return tuple(one for one in found if one.channel_id in ours)


def own_words_of(revision: Revision) -> tuple[OwnWords, ...]:
    """Return what a revision says in which channel, by channel. One query."""
    rows = Variant.objects.filter(municipality=revision.municipality_id, revision=revision).order_by("channel")
    return tuple(OwnWords(row.channel_id, row.text, row.in_parts) for row in rows)


def add_own_words(revision: Revision, own: Sequence[OwnWords]) -> None:
    """Keep a revision's own words for channels, with it; the caller's transaction."""
    Variant.objects.bulk_create(
        Variant(
            municipality_id=revision.municipality_id,
            revision=revision,
            channel_id=one.channel_id,
            text=one.text,
            in_parts=one.in_parts,
        )
        for one in own
    )


def stated_words(own: Sequence[OwnWords]) -> list[Mapping[str, object]]:
    """Return what the signed statement says of words that were said in one network only. One query for any."""
    channels = Channel.objects.in_bulk([one.channel_id for one in own if one.text])
    return [
        {
            "network": channels[one.channel_id].network,
            "channel": channels[one.channel_id].title,
            "text": one.text,
        }
        for one in own
        if one.text
    ]
