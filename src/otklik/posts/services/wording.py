"""What each network shows of a post, in words: all of it, or its beginning and where the rest is.

One post is one part, so that its comments stay together: where a network takes less, the words are cut at a sentence,
and the address of the post on the city's site follows. Several parts are the other way, for authors who ask for it.
"""

from __future__ import annotations

from django.conf import settings

from otklik.channels.connections import connector_of
from otklik.channels.models import Channel
from otklik.common.vault import WrongKey
from otklik.connectors.base import Connector
from otklik.connectors.events import DraftKind
from otklik.posts.models import Post, Variant
from otklik.posts.prose import as_plain


def words_for(post: Post, channel: Channel, *, with_photos: bool) -> str:
    """Return what a channel's network shows of a post: its headline and its text without Markdown, as far as it fits.

    `with_photos`: some networks take fewer words beside photos.
    """
    own = Variant.objects.filter(
        municipality=post.municipality_id, revision__post=post, revision__number=post.version, channel=channel
    ).first()
    whole = as_plain(own.text) if own is not None and own.text else whole_words(post.title, post.text)
    if own is not None and own.in_parts:
        return whole
    try:
        connector = connector_of(channel)
    except (ValueError, WrongKey):
        return whole  # a channel that can't be used: sending says so itself
    return fitted(connector, whole, address_of(post.slug), with_photos=with_photos)


def whole_words(title: str, text: str) -> str:
    """Return a headline and a text as networks show them: without Markdown."""
    return f"{title}\n\n{as_plain(text)}"


def address_of(slug: str) -> str:
    """Return where a post stands on the city's site."""
    return f"{settings.ENVIRONMENT.public_url}/posts/{slug}/"


def room(connector: Connector, *, with_photos: bool) -> int:
    """Return how long a post of one part may be, in the network's own units."""
    capabilities = connector.capabilities
    beside = capabilities.caption_limit if with_photos else None
    return beside or capabilities.longest(DraftKind.POST)


def fitted(connector: Connector, words: str, address: str, *, with_photos: bool) -> str:
    """Return words that fit into one part, shortened where they must be: then the address of the rest follows."""
    most = room(connector, with_photos=with_photos)
    if len(connector.split(words, first=most)) <= 1:
        return words
    tail = f"…\n\n{address}"
    return connector.split(words, first=most - len(tail))[0].rstrip(" .,;:…") + tail
