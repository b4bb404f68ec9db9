"""Bringing in what was published before: posts at their own days, said to be brought in, sent to no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.common.text import shorten
from otklik.org.models import Official
from otklik.posts.models import Change, Origin, Post, Publication, Rubric
from otklik.posts.prose import escaped
from otklik.posts.services.picturing import Picture, tidy
from otklik.posts.services.publishing import free_slug
from otklik.posts.services.stating import add_revision


@dataclass(frozen=True, slots=True)
class Earlier:
    """A post as an archive tells it. `key` is the same in every archive of the account; `text` is plain."""

    network: Network
    key: str
    title: str
    text: str
    at: datetime
    likes: int | None = None
    comments: int | None = None
    views: int | None = None
    pictures: Callable[[], Sequence[Picture]] = field(default=tuple)


def post_there(municipality_id: int, earlier: Earlier) -> Post | None:
    """Return the post if it was brought in already: by this key, or another way (an account's archive names a post by
    its file, the network's API by its number), known by the network, the second and the words. One query."""
    same = Q(origin__key=earlier.key) | Q(origin__claimed_at=earlier.at, text=escaped(earlier.text))
    return Post.objects.filter(same, municipality=municipality_id, origin__network=earlier.network).first()


def bring_in(author: Official, earlier: Earlier, site: Channel | None, *, now: datetime) -> Post | None:
    """Make a post of it; None if it is there already, also when two bring in the same archive at once.

    It stands at the day that the archive names, and its page and its signed statement say that it was brought in and
    when. Nobody is told of it and no network gets it. Raises NoKey, NotPossible (a photo that can't be shown).
    """
    city = author.municipality_id
    if post_there(city, earlier) is not None:
        return None
    pictures = tidy(earlier.pictures(), city)
    title = shorten(" ".join(earlier.title.split()), 200)
    try:
        with transaction.atomic():
            post = Post.objects.create(
                municipality_id=city,
                slug=free_slug(city, title),
                rubric=Rubric.TOWN,
                title=title,
                text=escaped(earlier.text),
                author=author,
                published_at=earlier.at,
            )
            counts = {"likes": earlier.likes, "comments": earlier.comments, "views": earlier.views}
            kept = {"network": earlier.network, "key": earlier.key, "claimed_at": earlier.at, "imported_at": now}
            Origin.objects.create(municipality_id=city, post=post, **kept, **counts)
            add_revision(post, Change.PUBLISHED, author, now=now, pictures=pictures)
            if site is not None:
                Publication.objects.create(municipality_id=city, post=post, channel=site, external_id=str(post.pk))
    except IntegrityError:
        if post_there(city, earlier) is not None:
            return None
        raise
    return post
