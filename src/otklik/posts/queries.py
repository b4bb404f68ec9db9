"""Reads of posts that more than one place needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce

from otklik.channels.comments import hidden_among
from otklik.channels.enums import Decision, MessageKind, Network, Visibility
from otklik.channels.legal import is_off
from otklik.channels.models import Channel, Message, Thread
from otklik.channels.queries import with_files
from otklik.connectors.registry import CONNECTORS
from otklik.org.law import Capability
from otklik.posts.models import Post, Publication, Revision

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FEED_PAGE = 12
TALK_PAGE = 40
"""Conversations on one page of a post; replies come whole."""


def feed(municipality_id: int, rubric: str = "") -> QuerySet[Post]:
    """Return the published posts, of one rubric or of all, newest first."""
    posts = Post.objects.filter(municipality=municipality_id, withdrawn_at=None)
    posts = posts.filter(rubric=rubric) if rubric else posts
    return posts.select_related("author").order_by("-published_at", "-id")


def newest_posts(municipality_id: int, rubric: str, limit: int) -> list[Any]:
    """Return the newest posts with `changed_at`, when each was corrected last (None: never). One query."""
    changed = Revision.objects.filter(post=OuterRef("pk"), number__gt=1).order_by("-number").values("created_at")[:1]
    return list(feed(municipality_id, rubric).annotate(changed_at=Subquery(changed))[:limit])


def addresses_of_posts(municipality_id: int, limit: int) -> list[tuple[str, datetime]]:
    """Return the slugs of the newest posts and when each changed last. One query."""
    changed = Revision.objects.filter(post=OuterRef("pk")).order_by("-number").values("created_at")[:1]
    rows = feed(municipality_id).select_related(None).annotate(changed_at=Coalesce(Subquery(changed), "published_at"))
    return list(rows.values_list("slug", "changed_at")[:limit])


def post_by_slug(municipality_id: int, slug: str) -> Post:
    """Return a published post. Raises Post.DoesNotExist."""
    return feed(municipality_id).get(slug=slug)


def revisions_of(post: Post) -> list[Revision]:
    """Return every revision of a post, newest first, with its author and its signed statement. One query."""
    return list(post.revisions.select_related("author", "entry__key").order_by("-number"))


def newest_revision(post: Post) -> Revision:
    """Return what a post says now. One query."""
    return post.revisions.get(number=post.version)


def address_in_fediverse(post: Post) -> str:
    """Return where servers of the fediverse read a post; empty where it isn't there. One query."""
    there = Publication.objects.filter(post=post, channel__network=Network.ACTIVITYPUB).exclude(external_id="")
    return there.values_list("external_id", flat=True).first() or ""


def texts_of_posts(channel_id: int, external_ids: Iterable[str]) -> dict[str, str]:
    """Return what the posts say that comments of a channel hang on, by the network's id (one query)."""
    rows = Publication.objects.filter(channel=channel_id, external_id__in=set(external_ids) - {""}).values_list(
        "external_id", "post__title", "post__text"
    )
    return {external_id: f"{title}\n{text}" for external_id, title, text in rows}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a keyset page starts: after the row with this instant and id, newest first."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Point | None:
        """Return the point that an address names, `microseconds-id`; None for anything else."""
        at, _, pk = text.partition("-")
        if not all(part.isdecimal() and part.isascii() for part in (at, pk)) or len(at) > 17 or len(pk) > 18:
            return None
        try:
            return cls(_EPOCH + timedelta(microseconds=int(at)), int(pk))
        except OverflowError:
            return None


def feed_page(municipality_id: int, after: Point | None = None, rubric: str = "") -> tuple[list[Post], Point | None]:
    """Return one page of the feed and where the next starts (None: this is the last). One query."""
    posts = feed(municipality_id, rubric)
    if after is not None:
        posts = posts.filter(Q(published_at__lt=after.at) | Q(published_at=after.at, pk__lt=after.pk))
    rows = list(posts[: FEED_PAGE + 1])
    last = rows[FEED_PAGE - 1] if len(rows) > FEED_PAGE else None
    return rows[:FEED_PAGE], Point(last.published_at, last.pk) if last is not None else None


def with_places(posts: Sequence[Post]) -> list[Post]:
    """Return posts with their `publications` read, each with its channel and outgoing row, by channel. One query."""
    rows = Publication.objects.select_related("channel", "outgoing", "change").order_by("channel__name")
    found = list(posts)
    prefetch_related_objects(found, Prefetch("publications", rows))
    return found


def not_gone_yet(municipality_id: int) -> list[Post]:
    """Return posts that were taken back and still stand in some network, as far as we know, newest first. One query."""
    left = Publication.objects.filter(post=OuterRef("pk"), removed_at=None, outgoing__isnull=False)
    posts = Post.objects.filter(Exists(left), municipality=municipality_id, withdrawn_at__isnull=False)
    return list(posts.select_related("author").order_by("-withdrawn_at", "-id")[:FEED_PAGE])


def outlets(municipality_id: int) -> list[Channel]:
    """Return where a new post goes: the enabled channels that take posts, and to which the law lets them. One query."""
    return [channel for channel in _publishing(municipality_id) if not is_off(channel, Capability.PUBLISH)]


def kept_from(municipality_id: int) -> list[Channel]:
    """Return the enabled channels to which the law keeps posts from going. One query."""
    return [channel for channel in _publishing(municipality_id) if is_off(channel, Capability.PUBLISH)]


def _publishing(municipality_id: int) -> list[Channel]:
    channels = Channel.objects.filter(municipality=municipality_id, is_enabled=True).select_related("municipality")
    return [channel for channel in channels if CONNECTORS[channel.network].capabilities.publish]


@dataclass(slots=True)
class Talk:
    """One conversation under a post: its first words and everything answered to them, oldest first."""

    first: Message
    replies: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A page of what is said under a post in all networks, newest conversations first, and what isn't shown."""

    talks: Sequence[Talk]
    next: Point | None
    spam_count: int


def conversation_of(post: Post, after: Point | None = None) -> Conversation:
    """Return a page of a post's conversation from every network. Seven queries at most, whatever the size.

    A reply whose first words never reached us stands on its own. Spam isn't shown, but counted; the post itself, which
    a network gives back as the first message of its thread, isn't part of what is said about it.
    """
    threads = _threads_of(post)
    said = Message.objects.filter(thread__in=threads, visibility=Visibility.PUBLIC).exclude(kind=MessageKind.POST)
    shown = said.exclude(decision=Decision.SPAM).select_related("identity", "channel", "official__department")
    known_root = Message.objects.filter(
        municipality=post.municipality_id, channel=OuterRef("channel"), object_key=OuterRef("root_key")
    ).exclude(kind=MessageKind.POST)
    roots = shown.filter(Q(root_key=F("object_key")) | ~Exists(known_root)).order_by("-occurred_at", "-id")
    if after is not None:
        roots = roots.filter(Q(occurred_at__lt=after.at) | Q(occurred_at=after.at, pk__lt=after.pk))
    page = list(roots[: TALK_PAGE + 1])
    talks = {(message.channel_id, message.object_key): Talk(message) for message in page[:TALK_PAGE]}
    replies = shown.filter(root_key__in={key for _, key in talks}).exclude(root_key=F("object_key"))
    for reply in replies.order_by("occurred_at", "id"):
        if talk := talks.get((reply.channel_id, reply.root_key)):
            talk.replies.append(reply)
    told = [one for talk in talks.values() for one in (talk.first, *talk.replies)]
    prefetch_related_objects(told, with_files())
    hidden = hidden_among(told)
    for one in told:
        one.hiding = hidden.get(one.pk)  # type: ignore[attr-defined]  # for one page
    last = page[TALK_PAGE - 1] if len(page) > TALK_PAGE else None
    return Conversation(
        talks=[talk for talk in talks.values() if talk.replies or talk.first.deleted_at is None],
        next=Point(last.occurred_at, last.pk) if last is not None else None,
        spam_count=said.filter(decision=Decision.SPAM).count(),
    )


def _threads_of(post: Post) -> list[int]:
    places = Publication.objects.filter(post=post).exclude(external_id="").values_list("channel_id", "external_id")
    where = Q()
    for channel_id, external_id in places:
        where |= Q(channel=channel_id, post_external_id=external_id)
    if not where:
        return []
    threads = Thread.objects.filter(where, municipality=post.municipality_id)
    return list(threads.values_list("pk", flat=True))


def post_of_thread(thread: Thread) -> Post | None:
    """Return our post that a thread of comments hangs on (one query); None for direct messages and others' posts."""
    if not thread.post_external_id:
        return None
    return Post.objects.filter(
        publications__channel=thread.channel_id, publications__external_id=thread.post_external_id
    ).first()


def titles_of_threads(thread_ids: Collection[int]) -> dict[int, str]:
    """Return the titles of our posts that these threads hang on (two queries; none for none)."""
    if not thread_ids:
        return {}
    threads = Thread.objects.filter(pk__in=thread_ids).exclude(post_external_id="")
    places = {(thread.channel_id, thread.post_external_id): thread.pk for thread in threads}
    rows = Publication.objects.filter(
        channel__in={channel for channel, _ in places}, external_id__in={post for _, post in places}
    ).values_list("channel_id", "external_id", "post__title")
    return {places[channel, post]: title for channel, post, title in rows if (channel, post) in places}
