"""MAX: from one webhook to its event. Pure: the same webhook always gives the same event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import body_digest
from otklik.connectors.doubts import Doubts, read_millis, read_words
from otklik.connectors.events import (
    Action,
    Attachment,
    Author,
    Event,
    EventKind,
    Location,
    ParseStatus,
    PostRef,
    Visibility,
    Webhook,
)
from otklik.connectors.max.attachments import attachments_of
from otklik.connectors.max.payloads import Body, Message, Named, Unexpected, Update, User, is_mid, read

SPOKEN = {
    "message_created": Action.CREATED,
    "message_edited": Action.EDITED,
    "comment_created": Action.CREATED,
    "comment_edited": Action.EDITED,
}
REMOVED = frozenset({"message_removed", "comment_removed"})
SYSTEM = frozenset({
    "bot_started", "bot_stopped", "bot_added", "bot_removed", "user_added", "user_removed", "chat_title_changed",
    "message_callback", "dialog_muted", "dialog_unmuted", "dialog_cleared", "dialog_removed", "message_chat_created",
})  # fmt: skip
"""About the bot and the chat themselves; nothing was said."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said, in our terms."""

    kind: EventKind
    container: str
    thread_key: str
    visibility: Visibility
    post: PostRef | None = None


def delivery_key_of(hook: Webhook) -> str:
    """Return the update's type and message; with the instant, where it may happen again. Raises Malformed."""
    named = read(hook.body, Named, "an update")
    kind = storable(named.update_type)[:40]
    body = named.message.body if named.message is not None else None
    mid = body.mid if body is not None else named.message_id
    if mid is None or not is_mid(mid) or (kind not in SPOKEN and kind not in REMOVED):
        return body_digest(hook)
    if SPOKEN.get(kind) is not Action.EDITED:
        return f"{kind}:{mid}"
    return f"{kind}:{mid}:{named.timestamp}" if named.timestamp else body_digest(hook)


def events_of(hook: Webhook, channel_id: int) -> list[Event]:
    """Return what happened: one event. Raises Malformed if it isn't an update at all.

    A kind we don't know, and a known one with other fields than documented, is an unknown event, never a loss: MAX
    itself sends `message_created` without a message at times.
    """
    try:
        update = read(hook.body, Update, "an update")
    except Unexpected:
        kind = read(hook.body, _Kind, "an update").update_type
        return [_unknown(hook, kind, "fields of other types than documented")]
    try:
        return [_event(hook, update, channel_id)]
    except Unexpected as error:
        return [_unknown(hook, update.update_type, str(error))]


class _Kind(msgspec.Struct):
    update_type: str


def _event(hook: Webhook, update: Update, channel_id: int) -> Event:
    if update.update_type in SPOKEN:
        return _spoken(hook, update, read(update.message, Message, "a message"))
    if update.update_type in REMOVED:
        return _removed(hook, update, channel_id)
    if update.update_type in SYSTEM:
        return _system(hook, update)
    raise Unexpected("a kind we don't know")


def _spoken(hook: Webhook, update: Update, message: Message) -> Event:
    body = message.body or Body()
    if body.mid is None or not is_mid(body.mid):
        raise Unexpected("a message without an id")
    action, doubts = SPOKEN[update.update_type], Doubts()
    place = _place(update, message, body.mid)
    said_at = read_millis(message.timestamp or update.timestamp, hook.received_at, doubts)
    edited = action is Action.EDITED
    at = read_millis(update.timestamp, hook.received_at, doubts) if edited else said_at
    text, files, point = _content(message, body, doubts)
    author = _author(message.sender)
    if author is None and place.kind is EventKind.DIRECT_MESSAGE:
        doubts.add("no author")
    return Event(
        dedup_key=delivery_key_of(hook),
        kind=place.kind,
        action=action,
        occurred_at=at,
        container=place.container,
        external_id=body.mid,
        external_version=_version(at) if edited else 0,
        thread_key=place.thread_key,
        visibility=place.visibility,
        author=author,
        text=text,
        post=place.post,
        parent_external_id=_answered(message),
        attachments=files,
        location=point,
        permalink=_page(message),
        # Only the city publishes in its channel, whoever of its people pressed the button.
        is_echo=place.kind is EventKind.POST,
        automated=author is not None and author.is_bot,
        parse_status=doubts.status,
        note=doubts.note,
        extra=_extra(body),
    )


def _place(update: Update, message: Message, mid: str) -> Place:
    where = message.recipient
    if update.update_type.startswith("comment_"):
        return _under_post(where.post_id)
    if where.chat_id is None:
        raise Unexpected("a message of no chat")
    if where.chat_type == "channel":
        post = PostRef(mid, _page(message))
        return Place(EventKind.POST, f"chat:{where.chat_id}", f"post:{mid}", Visibility.PUBLIC, post)
    return _in_chat(where.chat_id, mid, is_dialog=where.chat_type == "dialog")


def _under_post(post_id: str | None) -> Place:
    if post_id is None or not is_mid(post_id):
        raise Unexpected("a comment of no post")
    name = f"post:{post_id}"
    return Place(EventKind.COMMENT, name, name, Visibility.PUBLIC, PostRef(post_id))


def _in_chat(chat_id: int, mid: str, *, is_dialog: bool) -> Place:
    """Who can read a group isn't told, so what is written there counts as private; its words begin threads."""
    container = f"chat:{chat_id}"
    if is_dialog:
        return Place(EventKind.DIRECT_MESSAGE, container, f"dm:{chat_id}", Visibility.PRIVATE)
    return Place(EventKind.COMMENT, container, f"chat:{chat_id}:{mid}", Visibility.PRIVATE)


def _removed(hook: Webhook, update: Update, channel_id: int) -> Event:
    """Return a deletion. It names the chat by its number alone: those of people are positive."""
    mid, doubts = update.message_id, Doubts()
    if mid is None or not is_mid(mid):
        raise Unexpected("a removal of no message")
    if update.update_type == "comment_removed":
        place = _under_post(update.post_id)
    elif update.chat_id is None:
        raise Unexpected("a removal in no chat")
    elif update.chat_id == channel_id:
        place = Place(EventKind.POST, f"chat:{channel_id}", f"post:{mid}", Visibility.PUBLIC, PostRef(mid))
    else:
        place = _in_chat(update.chat_id, mid, is_dialog=update.chat_id > 0)
    at = read_millis(update.timestamp, hook.received_at, doubts)
    return Event(
        dedup_key=delivery_key_of(hook),
        kind=place.kind,
        action=Action.DELETED,
        occurred_at=at,
        container=place.container,
        external_id=mid,
        external_version=_version(at),
        thread_key=place.thread_key,
        visibility=place.visibility,
        post=place.post,
        is_echo=place.kind is EventKind.POST,
        parse_status=doubts.status,
        note=doubts.note,
        extra={"deleter_id": str(update.user_id)} if update.user_id is not None else {},
    )


def _system(hook: Webhook, update: Update) -> Event:
    key = body_digest(hook)
    return Event(
        dedup_key=key,
        kind=EventKind.SYSTEM,
        action=Action.CREATED,
        occurred_at=read_millis(update.timestamp, hook.received_at, Doubts()),
        container=f"chat:{update.chat_id}" if update.chat_id is not None else "max",
        external_id=key,
        visibility=Visibility.PRIVATE,
        author=_author(update.user),
        extra={"type": update.update_type},
    )


def _unknown(hook: Webhook, kind: str, note: str) -> Event:
    key = body_digest(hook)
    return Event(
        dedup_key=key,
        kind=EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=hook.received_at,
        container="max",
        external_id=key,
        visibility=Visibility.PRIVATE,
        parse_status=ParseStatus.PARTIAL,
        note=storable(note),
        extra={"type": storable(kind)[:100]},
    )


def _content(message: Message, body: Body, doubts: Doubts) -> tuple[str, tuple[Attachment, ...], Location | None]:
    """Return the words and what came along. Passed-on words stand for one's own where there are none."""
    passed_on = message.link.message if message.link is not None and message.link.type == "forward" else None
    raws = [*(body.attachments or []), *((passed_on.attachments or []) if passed_on is not None else [])]
    files, point, understood = attachments_of(raws)
    if not understood:
        doubts.add("an attachment not understood")
    words = body.text or (passed_on.text if passed_on is not None else "")
    return read_words(words, doubts), files, point


def _author(sender: User | None) -> Author | None:
    if sender is None or sender.user_id is None:
        return None
    name = " ".join(part for part in (sender.first_name, sender.last_name) if part) or sender.name or ""
    handle = storable(sender.username or "")[:120]
    return Author(
        external_id=str(sender.user_id),
        display_name=storable(name)[:200],
        handle=handle,
        url=f"https://max.ru/{handle}" if handle.isascii() and handle.replace("_", "").isalnum() else "",
        is_bot=sender.is_bot,
    )


def _answered(message: Message) -> str:
    link = message.link
    if link is None or link.type != "reply" or link.message is None or not is_mid(link.message.mid):
        return ""
    return link.message.mid or ""


def _page(message: Message) -> str:
    url = storable(message.url or "")[:500]
    return url if url.startswith("https://") else ""


def _extra(body: Body) -> dict[str, str]:
    seq = bytes(body.seq).decode(errors="replace").strip('"')
    return {"seq": seq} if seq.lstrip("-").isdigit() and len(seq) <= 40 else {}


def _version(at: datetime) -> int:
    return round(at.timestamp() * 1000)
