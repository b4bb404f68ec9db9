"""VK: direct messages, theirs and ours."""

from __future__ import annotations

from otklik.common.text import storable
from otklik.connectors.events import Action, Author, Event, EventKind, Visibility
from otklik.connectors.vk.attachments import attachments_of, location_of
from otklik.connectors.vk.payloads import Message, MessageReaction, NewMessage, Unexpected, read
from otklik.connectors.vk.reading import Callback, Doubts, read_instant, read_mentions, read_text

GROUP_CHATS_FROM = 2_000_000_000
"""Peers from here on are conversations of several people."""


def message_event(callback: Callback) -> Event:
    """Return a message that was written to us, that we wrote (an echo), or that was changed.

    Forwarded words stand for the writer's own where there are none: "look at this" is said by forwarding.
    """
    message = _read(callback)
    doubts = Doubts([])
    edited = callback.kind == "message_edit"
    ours = callback.kind == "message_reply" or callback.is_ours(message.from_id)
    said_at = read_instant(message.date, callback.hook.received_at, doubts)
    changed_at = read_instant(message.update_time, callback.hook.received_at, doubts) if message.update_time else None
    at = (changed_at or callback.hook.received_at) if edited else said_at
    author_id = callback.owner_id if ours else message.from_id
    forwarded = message.fwd_messages or []
    raws = [*(message.attachments or []), *(raw for one in forwarded for raw in one.attachments or [])]
    files, understood = attachments_of(raws)
    if not understood:
        doubts.add("an attachment not understood")
    external_id = _external_id(message, doubts)
    return Event(
        dedup_key=callback.key if edited else f"{callback.kind}:{message.peer_id}:{external_id}",
        kind=EventKind.SYSTEM if message.action else EventKind.DIRECT_MESSAGE,
        action=Action.EDITED if edited else Action.CREATED,
        occurred_at=at,
        container=f"dm:{message.peer_id}",
        external_id=external_id,
        external_version=int(at.timestamp() * 1000) if edited else 0,
        thread_key=f"dm:{message.peer_id}",
        visibility=Visibility.PRIVATE,
        author=_author(callback, author_id, doubts),
        text=read_text(message.text or "\n\n".join(one.text for one in forwarded if one.text), doubts),
        parent_external_id=_parent(message),
        attachments=files,
        location=location_of(message.geo),
        is_echo=ours,
        parse_status=doubts.status,
        note=doubts.note,
        extra=_extra(callback, message),
    )


def message_reaction_event(callback: Callback) -> Event:
    """Return an emoji put on a message, or taken back. VK gives the number of the emoji, not the emoji."""
    reaction = read(callback.envelope.object, MessageReaction, "a reaction")
    taken_back = reaction.reaction_id is None
    return Event(
        dedup_key=callback.key,
        kind=EventKind.REACTION,
        action=Action.REMOVED_REACTION if taken_back else Action.CREATED,
        occurred_at=callback.hook.received_at,
        container=f"dm:{reaction.peer_id}",
        external_id=f"reaction:{reaction.cmid}:{reaction.reacted_id}",
        external_version=callback.version,
        thread_key=f"dm:{reaction.peer_id}",
        visibility=Visibility.PRIVATE,
        author=callback.author(reaction.reacted_id),
        parent_external_id=str(reaction.cmid),
        is_echo=callback.is_ours(reaction.reacted_id),
        reaction="" if taken_back else str(reaction.reaction_id),
    )


def _read(callback: Callback) -> Message:
    if callback.kind != "message_new":
        return read(callback.envelope.object, Message, "a message")
    try:
        return read(callback.envelope.object, NewMessage, "a message").message
    except Unexpected:
        return read(callback.envelope.object, Message, "a message")  # before 5.103 the object was the message


def _external_id(message: Message, doubts: Doubts) -> str:
    if message.conversation_message_id:
        return str(message.conversation_message_id)
    doubts.add("no number in the conversation")
    return f"id{message.id}"


def _parent(message: Message) -> str:
    answered = message.reply_message
    return str(answered.conversation_message_id) if answered and answered.conversation_message_id else ""


def _author(callback: Callback, vk_id: int | None, doubts: Doubts) -> Author | None:
    author = callback.author(vk_id)
    if author is None:
        doubts.add("no author")
    return author


def _extra(callback: Callback, message: Message) -> dict[str, str]:
    extra = read_mentions(message.text, callback.envelope.group_id)
    if message.random_id:
        extra["random_id"] = str(message.random_id)
    if message.admin_author_id:
        extra["admin_author_id"] = str(message.admin_author_id)
    if message.fwd_messages:
        extra["forwarded"] = str(len(message.fwd_messages))
    if message.peer_id >= GROUP_CHATS_FROM:
        extra["group_chat"] = "yes"
    if message.action:
        extra["action"] = storable(str(message.action.get("type", "")))[:60]
    return extra
