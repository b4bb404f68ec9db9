"""VK: from one callback to its event. Pure: the same callback always gives the same event."""

from __future__ import annotations

from collections.abc import Callable

from otklik.common.text import storable
from otklik.connectors.events import Action, Event, EventKind, ParseStatus, Visibility, Webhook
from otklik.connectors.vk.comments import comment_event, is_comment
from otklik.connectors.vk.messages import message_event, message_reaction_event
from otklik.connectors.vk.payloads import Envelope, Happening, Like, Unexpected, read
from otklik.connectors.vk.posts import post_event, repost_event
from otklik.connectors.vk.reading import Callback

SYSTEM = frozenset({
    "message_allow", "message_deny", "message_read", "message_event", "message_typing_state",
    "group_join", "group_leave", "group_officers_edit", "group_change_settings", "group_change_photo",
    "user_block", "user_unblock", "poll_vote_new", "photo_new", "audio_new", "video_new",
    "wall_schedule_post_new", "wall_schedule_post_delete",
})  # fmt: skip
"""Events about the community itself; nothing was said, but a new administrator or a ban is worth a line."""

_COMMENT_OF = {"comment": "wall", "photo_comment": "photo", "video_comment": "video", "topic_comment": "topic"}


def events_of(hook: Webhook) -> list[Event]:
    """Return what happened: one event, or none for the handshake. Raises Malformed if it isn't a callback at all.

    A type we don't know, and a known one with other fields than documented, is an unknown event, never a loss.
    """
    envelope = read(hook.body, Envelope, "a callback")
    if envelope.type == "confirmation":
        return []
    callback = Callback(hook, envelope)
    reader = comment_event if is_comment(envelope.type) else READERS.get(envelope.type)
    if reader is None:
        return [_unknown(callback, "a type we don't know")]
    try:
        return [reader(callback)]
    except Unexpected as error:
        return [_unknown(callback, str(error))]


def like_event(callback: Callback) -> Event:
    """Return a like, or its withdrawal, hung on what was liked."""
    like = read(callback.envelope.object, Like, "a like")
    under = like.object_type in _COMMENT_OF
    kind = storable(like.object_type)[:30]
    prefix = _COMMENT_OF.get(kind, "wall" if kind == "post" else kind)
    place = f"{prefix}{like.object_owner_id}_{(like.post_id or 0) if under else like.object_id}"
    return Event(
        dedup_key=callback.key,
        kind=EventKind.REACTION,
        action=Action.CREATED if callback.kind == "like_add" else Action.REMOVED_REACTION,
        occurred_at=callback.hook.received_at,
        container=place,
        external_id=f"like:{kind}:{like.object_id}:{like.liker_id}",
        external_version=callback.version,
        thread_key=place,
        author=callback.author(like.liker_id),
        parent_external_id=str(like.object_id) if under else "",
        permalink=f"https://vk.com/{place}",
        reaction="like",
    )


def system_event(callback: Callback) -> Event:
    """Return something that happened to the community: who joined, left, was banned or made an administrator."""
    happening = read(callback.envelope.object, Happening, "an event of the community")
    person = happening.user_id or happening.from_id
    peer = happening.peer_id or person
    about_messages = callback.kind.startswith("message_")
    extra = {"type": callback.kind}
    if happening.admin_id is not None:
        extra["admin_id"] = str(happening.admin_id)
    if happening.join_type is not None:
        extra["join_type"] = storable(happening.join_type)[:60]
    return Event(
        dedup_key=callback.key,
        kind=EventKind.SYSTEM,
        action=Action.CREATED,
        occurred_at=callback.hook.received_at,
        container=f"dm:{peer}" if about_messages and peer else f"club{callback.envelope.group_id}",
        external_id=callback.key,
        thread_key=f"dm:{peer}" if about_messages and peer else "",
        visibility=Visibility.PRIVATE,
        author=callback.author(person),
        extra=extra,
    )


def _unknown(callback: Callback, note: str) -> Event:
    return Event(
        dedup_key=callback.key,
        kind=EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=callback.hook.received_at,
        container=f"club{callback.envelope.group_id}",
        external_id=callback.key,
        visibility=Visibility.PRIVATE,
        parse_status=ParseStatus.PARTIAL,
        note=storable(note),
        extra={"type": storable(callback.kind)[:100]},
    )


READERS: dict[str, Callable[[Callback], Event]] = {
    "message_new": message_event,
    "message_reply": message_event,
    "message_edit": message_event,
    "message_reaction_event": message_reaction_event,
    "wall_post_new": post_event,
    "wall_repost": repost_event,
    "like_add": like_event,
    "like_remove": like_event,
    **dict.fromkeys(SYSTEM, system_event),
}
