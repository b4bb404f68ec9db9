"""Publishing a post: a row, its first revision, and one outgoing row for each channel, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from otklik.channels.enums import Network, OutgoingState
from otklik.channels.models import Channel, Outgoing
from otklik.channels.services.measuring import follow
from otklik.channels.services.queueing import channel_takes_photos
from otklik.common import bell
from otklik.common.text import latin
from otklik.connectors.events import DraftKind
from otklik.connectors.registry import CONNECTORS
from otklik.org.access import Access, Permission
from otklik.org.models import Official
from otklik.posts.models import Change, Post, Publication, Rubric
from otklik.posts.queries import outlets
from otklik.posts.services.picturing import Picture, take_along, tidy
from otklik.posts.services.propagating import note_changed, propagate
from otklik.posts.services.stating import add_revision
from otklik.posts.services.varying import OwnWords, tidied
from otklik.posts.services.wording import words_for


@dataclass(frozen=True, slots=True)
class Words:
    """What a post says and shows. `photos`, `own` None: what it has already stays as it is.

    `own`: words for single channels. `only`: the channels to which a new post goes, beside the site; None: to all.
    """

    title: str
    text: str
    rubric: Rubric = Rubric.TOWN
    photos: tuple[Picture, ...] | None = None
    own: tuple[OwnWords, ...] | None = None
    only: frozenset[int] | None = None


def publish(access: Access, words: Words, *, now: datetime, form_key: UUID | None = None) -> Post:
    """Publish a post on the site and on every channel that can take one.

    Raises Refused, ValueError, NotPossible (a photo lacks something), NoKey.

    A form's key publishes once: sent again by the same author, also at the same moment, it returns the post that it
    made, whatever the words are now.
    """
    access.require(Permission.POST_PUBLISH)
    if not words.title.strip() or not words.text.strip():
        raise ValueError("a post needs a title and a text")
    if form_key is None:
        return publish_as(access.official, words, now=now)
    made = Post.objects.filter(municipality=access.municipality_id, author=access.official, form_key=form_key)
    if (post := made.first()) is not None:
        return post
    try:
        return publish_as(access.official, words, now=now, form_key=form_key)
    except IntegrityError:
        if (post := made.first()) is not None:
            return post
        raise


@transaction.atomic
def publish_as(author: Official, words: Words, *, now: datetime, form_key: UUID | None = None) -> Post:
    """Publish in an official's name without asking for permission: for `publish` and for setting a city up."""
    title = words.title.strip()
    pictures = tidy(words.photos or (), author.municipality_id)
    post = Post.objects.create(
        municipality_id=author.municipality_id,
        slug=free_slug(author.municipality_id, title),
        rubric=words.rubric,
        title=title,
        text=words.text.strip(),
        author=author,
        form_key=form_key,
        published_at=now,
    )
    own = tidied(words.own or (), author.municipality_id)
    add_revision(post, Change.PUBLISHED, author, now=now, pictures=pictures, own=own)
    for channel in outlets(author.municipality_id):
        if channel.network == Network.SITE:
            Publication.objects.create(
                municipality_id=author.municipality_id, post=post, channel=channel, external_id=str(post.pk)
            )
        elif words.only is not None and channel.pk not in words.only:
            continue
        elif pictures or not CONNECTORS[channel.network].capabilities.posts_need_photo:
            _queue(post, channel, author, pictures, now)
    bell.ring("outgoing")
    return post


def _queue(post: Post, channel: Channel, author: Official, pictures: Sequence[Picture], now: datetime) -> None:
    """Queue a post for a network; its photos go along where the network and this account take them."""
    outgoing = Outgoing.objects.create(
        municipality_id=post.municipality_id,
        channel=channel,
        idempotency_key=f"post:{post.pk}:{channel.pk}",
        kind=DraftKind.POST,
        text=words_for(post, channel, with_photos=bool(pictures) and channel_takes_photos(channel, DraftKind.POST)),
        official=author,
        due_at=now,
        created_at=now,
    )
    take_along(outgoing, channel, pictures)
    Publication.objects.create(municipality_id=post.municipality_id, post=post, channel=channel, outgoing=outgoing)


def note_finished(rows: Sequence[Outgoing]) -> None:
    """Hear from the worker where posts appeared, so that their comments find them."""
    posts = [row for row in rows if row.kind == DraftKind.POST and row.receipts]
    if not posts:
        return
    done = [row for row in posts if row.state == OutgoingState.SENT]
    note_changed([row for row in done if row.changes_sent])
    by_id = {row.pk: row for row in posts if not row.changes_sent}
    publications = list(Publication.objects.filter(outgoing__in=by_id).select_related("post"))
    for publication in publications:
        receipt = by_id[publication.outgoing_id or 0].receipts[0]
        publication.external_id = receipt["post_external_id"]
        publication.permalink = receipt["permalink"]
    Publication.objects.bulk_update(publications, ["external_id", "permalink"])
    for publication in publications:
        follow(by_id[publication.outgoing_id or 0].channel, {publication.external_id: publication.post.published_at})
    _catch_up(publications, by_id)


def _catch_up(publications: Sequence[Publication], rows: Mapping[int, Outgoing]) -> None:
    """What was corrected or taken back while it was on its way is so there too, now that it has arrived."""
    for publication in publications:
        post, row = publication.post, rows[publication.outgoing_id or 0]
        if row.finished_at is not None and (post.version > publication.version or post.withdrawn_at is not None):
            propagate(post, row.official, now=row.finished_at)


def count_comments(channel_id: int, counts: Mapping[str, int]) -> None:
    """Add new public comments to the kept counts of the posts they hang on (one query a post)."""
    for external_id, count in counts.items():
        Post.objects.filter(publications__channel=channel_id, publications__external_id=external_id).update(
            comment_count=F("comment_count") + count
        )


def count_answers(posts: Mapping[int, int]) -> None:
    """Add official answers to the kept counts of posts."""
    for post_id, count in posts.items():
        Post.objects.filter(pk=post_id).update(answer_count=F("answer_count") + count)


def free_slug(municipality_id: int, title: str) -> str:
    """Return an address for a title that no post of the city has yet. One query."""
    base = latin(title)[:80].strip("-") or "post"
    taken = set(Post.objects.filter(municipality=municipality_id, slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(name for number in range(2, len(taken) + 3) if (name := f"{base}-{number}") not in taken)
