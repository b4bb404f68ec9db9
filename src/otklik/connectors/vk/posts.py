"""VK: posts on our wall, suggested ones, and reposts of ours."""

from __future__ import annotations

from otklik.common.text import storable
from otklik.connectors.events import Action, Event, EventKind, PostRef, Visibility
from otklik.connectors.vk.attachments import attachments_of, location_of
from otklik.connectors.vk.payloads import Post, read
from otklik.connectors.vk.reading import Callback, Doubts, read_instant, read_mentions, read_text


def post_event(callback: Callback) -> Event:
    """Return a new post: ours says where its comments will be; a resident's, also one only suggested, is a report.

    A suggested post is seen by the community's staff alone, so it is private.
    """
    post = read(callback.envelope.object, Post, "a post")
    ours = callback.is_ours(post.from_id)
    kind = EventKind.POST if ours else EventKind.REPORT
    seen_by = Visibility.PRIVATE if post.post_type == "suggest" else Visibility.PUBLIC
    return _event(callback, post, kind=kind, about=post if ours else None, visibility=seen_by)


def repost_event(callback: Callback) -> Event:
    """Return a repost: with words of one's own it mentions us, without them it only says that it happened."""
    post = read(callback.envelope.object, Post, "a repost")
    about = next((one for one in post.copy_history or [] if callback.is_ours(one.owner_id)), None)
    kind = EventKind.MENTION if post.text else EventKind.SYSTEM
    return _event(callback, post, kind=kind, about=about, visibility=Visibility.PUBLIC)


def _event(callback: Callback, post: Post, *, kind: EventKind, about: Post | None, visibility: Visibility) -> Event:
    doubts = Doubts([])
    owner = post.owner_id if post.owner_id is not None else callback.owner_id
    name = f"{owner}_{post.id}"
    files, understood = attachments_of(post.attachments)
    if not understood:
        doubts.add("an attachment not understood")
    author = callback.author(post.from_id)
    if author is None:
        doubts.add("no author")
    return Event(
        dedup_key=f"{callback.kind}:{name}:{storable(post.post_type)[:30]}",
        kind=kind,
        action=Action.CREATED,
        occurred_at=read_instant(post.date, callback.hook.received_at, doubts),
        container=f"wall{owner}",
        external_id=name,
        thread_key=f"wall{name}",
        visibility=visibility,
        author=author,
        text=read_text(post.text, doubts),
        post=_reference(callback, about),
        attachments=files,
        location=location_of(post.geo),
        permalink=f"https://vk.com/wall{name}",
        is_echo=callback.is_ours(post.from_id),
        parse_status=doubts.status,
        note=doubts.note,
        extra=read_mentions(post.text, callback.envelope.group_id),
    )


def _reference(callback: Callback, post: Post | None) -> PostRef | None:
    if post is None:
        return None
    name = f"{post.owner_id if post.owner_id is not None else callback.owner_id}_{post.id}"
    return PostRef(name, f"https://vk.com/wall{name}")
