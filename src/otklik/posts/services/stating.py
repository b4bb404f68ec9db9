"""Every revision of a post is a signed statement in the city's log, and can be found by any four words of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from otklik.org.models import Official
from otklik.posts.models import Change, Origin, Passage, Post, Revision
from otklik.posts.prose import as_plain
from otklik.posts.quoting import prints_of, words_of
from otklik.posts.services.picturing import Picture, add_photos, stated
from otklik.posts.services.varying import OwnWords, add_own_words, stated_words
from otklik.proof.services.signing import record


def add_revision(
    post: Post,
    change: Change,
    author: Official,
    *,
    now: datetime,
    reason: str = "",
    pictures: Sequence[Picture] = (),
    own: Sequence[OwnWords] = (),
) -> Revision:
    """Keep what the post says and shows now as its revision `post.version`, signed, with its `own` words for channels.

    Raises NoKey; the caller's transaction.
    """
    revision = Revision(
        municipality_id=post.municipality_id,
        post=post,
        number=post.version,
        title=post.title,
        text=post.text,
        author=author,
        created_at=now,
        change=change,
        reason=reason,
    )
    revision.save()
    add_photos(revision, pictures)
    add_own_words(revision, own)
    said_elsewhere = stated_words(own)
    statement = _statement(revision) | ({"elsewhere": said_elsewhere} if said_elsewhere else {})
    revision.entry = record(author.municipality, statement, now=now)
    revision.save(update_fields=["entry"])
    texts = (post.title, as_plain(post.text), *(as_plain(one.text) for one in own))
    prints = frozenset[int]().union(*(prints_of(words_of(text)) for text in texts))
    Passage.objects.bulk_create(
        Passage(municipality_id=post.municipality_id, revision=revision, print=one) for one in sorted(prints)
    )
    return revision


def _since(post: Post) -> dict[str, object]:
    """Return since when it is published here. Of what was brought in, the city vouches for that day alone: the day that
    the archive names is stated as its claim."""
    origin = Origin.objects.filter(post=post).first()
    if origin is None:
        return {"published_at": post.published_at.isoformat()}
    told = {"network": origin.network, "claimed_at": origin.claimed_at.isoformat()}
    return {"published_at": origin.imported_at.isoformat(), "imported": told}


def _statement(revision: Revision) -> dict[str, object]:
    post, author = revision.post, revision.author
    city = author.municipality
    return {
        "kind": "post",
        "address": f"{settings.ENVIRONMENT.public_url}/posts/{post.slug}/",
        "city": city.name,
        "head": city.head_name,
        "author": {"name": author.full_name, "position": author.position},
        "rubric": post.rubric,
        "revision": revision.number,
        "change": revision.change,
        "reason": revision.reason,
        "title": revision.title,
        "text": revision.text,
        "photos": stated(revision, settings.ENVIRONMENT.public_url),
        **_since(post),
        "at": revision.created_at.isoformat(),
    }
