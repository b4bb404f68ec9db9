"""From one Telegram message to an event: a comment, a post, direct words, or Telegram's own note."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import MAX_TEXT_CHARS
from otklik.connectors.events import (
    Action,
    Attachment,
    Event,
    EventKind,
    Location,
    ParseStatus,
    PostRef,
    Visibility,
    Webhook,
)
from otklik.connectors.splitting import cut_text
from otklik.connectors.telegram.account import Account, clean, message_url, profile_url
from otklik.connectors.telegram.moments import moment
from otklik.connectors.telegram.updates import SERVICE_FIELDS, File, Message

FILES = {
    "video": "video/mp4",
    "animation": "video/mp4",
    "audio": "",
    "voice": "audio/ogg",
    "video_note": "video/mp4",
    "document": "",
    "sticker": "image/webp",
}
"""Kinds of attached files with the type they have where Telegram names none."""


@dataclass(frozen=True, slots=True)
class _Content:
    text: str
    attachments: tuple[Attachment, ...]
    location: Location | None
    notes: tuple[str, ...]


def event_of_message(
    message: Message, *, raw: msgspec.Raw, is_edit: bool, update_id: int, hook: Webhook, account: Account
) -> Event:
    """Return what a message is to us. Words in a chat that isn't ours are UNKNOWN, Telegram's own notes SYSTEM."""
    content = _content(message)
    occurred_at, when_note = moment(message.date, hook.received_at)
    notes = [*content.notes, *filter(None, [when_note])]
    author = account.author(message.from_, message.sender_chat, is_private=message.chat.type == "private")
    event = Event(
        dedup_key=f"message:{message.chat.id}:{message.message_id}",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=occurred_at,
        container=str(message.chat.id),
        external_id=str(message.message_id),
        author=author,
        text=content.text,
        attachments=content.attachments,
        location=content.location,
        permalink=message_url(message.chat, message.message_id),
        is_echo=message.from_ is not None and message.from_.id == account.bot_id,
        automated=author is not None and author.is_bot,
        extra=_extra(message),
    )
    if is_edit:
        event = _as_edit(event, message, update_id, hook)
    event = _placed(event, message, account)
    if not (content.text or content.attachments or content.location):
        event, note = _without_content(event, raw)
        notes += filter(None, [note])
    if event.kind is EventKind.UNKNOWN:
        notes.append(f"chat {message.chat.id} is neither our channel nor its discussion group")
    if notes:
        return replace(event, parse_status=ParseStatus.PARTIAL, note="; ".join(notes))
    return event


def _as_edit(event: Event, message: Message, update_id: int, hook: Webhook) -> Event:
    """Edits within one second are ordered by the update's number, which grows."""
    edited_at, _ = moment(message.edit_date or message.date, hook.received_at)
    return replace(
        event,
        dedup_key=f"edit:{message.chat.id}:{message.message_id}:{update_id}",
        action=Action.EDITED,
        occurred_at=edited_at,
        external_version=int(edited_at.timestamp()) * 1_000_000 + update_id % 1_000_000,
    )


def _placed(event: Event, message: Message, account: Account) -> Event:
    """Set the kind and the place by the chat it was written in."""
    chat = message.chat
    if chat.type == "private":
        event = replace(
            event,
            kind=EventKind.DIRECT_MESSAGE,
            visibility=Visibility.PRIVATE,
            thread_key=f"dm:{chat.id}",
            parent_external_id=_id_of(message.reply_to_message),
        )
        return _as_command(event)
    if chat.id == account.channel:
        post = PostRef(f"{chat.id}:{message.message_id}", event.permalink)
        return replace(event, kind=EventKind.POST, post=post)
    if chat.id != account.discussion:
        return replace(event, kind=EventKind.UNKNOWN)
    if message.is_automatic_forward:
        thread_key = f"{chat.id}:{message.message_id}"
        return replace(event, kind=EventKind.POST, post=_forwarded_post(message), thread_key=thread_key)
    return _as_comment(event, message)


def _as_comment(event: Event, message: Message) -> Event:
    """A comment hangs on the automatic forward of its post; words outside any thread begin one of their own."""
    answered = message.reply_to_message
    thread = message.message_thread_id
    if thread is None and answered is not None:
        thread = answered.message_thread_id or answered.message_id
    answers_post = answered is not None and _is_post(answered, thread)
    return replace(
        event,
        thread_key=f"{message.chat.id}:{thread or message.message_id}",
        parent_external_id="" if answers_post else _id_of(answered),
        post=_forwarded_post(answered),
        permalink=_comment_url(answered, message.message_id) or event.permalink,
    )


def _is_post(answered: Message, thread: int | None) -> bool:
    """Tell the automatic forward, also where the quoted message came without its sender (then the thread's root)."""
    is_bare = answered.from_ is None and answered.sender_chat is None
    return bool(answered.is_automatic_forward) or (is_bare and answered.message_id == thread)


def _forwarded_post(message: Message | None) -> PostRef | None:
    """Return the channel's post that an automatic forward shows in the discussion group."""
    origin = message.forward_origin if message is not None and message.is_automatic_forward else None
    if origin is None or origin.chat is None or origin.message_id is None:
        return None
    return PostRef(f"{origin.chat.id}:{origin.message_id}", message_url(origin.chat, origin.message_id))


def _comment_url(answered: Message | None, message_id: int) -> str:
    """Return the link that opens a comment under its post, where the channel has a public name."""
    post = _forwarded_post(answered)
    if post is None or answered is None or answered.forward_origin is None or answered.forward_origin.chat is None:
        return ""
    return f"{post.permalink}?comment={message_id}" if profile_url(answered.forward_origin.chat.username) else ""


def _as_command(event: Event) -> Event:
    """Opening a chat with the bot sends "/start" for the person: it isn't something a resident said."""
    command, _, argument = event.text.partition(" ")
    if command != "/start":
        return event
    return replace(event, kind=EventKind.SYSTEM, extra={**event.extra, "kind": "start", "argument": argument[:64]})


def _without_content(event: Event, raw: msgspec.Raw) -> tuple[Event, str]:
    """Tell Telegram's own note from content of a kind that is newer than this code."""
    names = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).keys()
    service = sorted(names & SERVICE_FIELDS)
    if not service:
        unread = sorted(clean(name, 40) for name in names - READ)
        return event, f"content of a kind that is not known: {', '.join(unread[:8]) or 'none'}"
    if event.kind is EventKind.UNKNOWN:
        return event, ""
    return replace(event, kind=EventKind.SYSTEM, extra={**event.extra, "kind": service[0]}), ""


def _content(message: Message) -> _Content:
    said = message.text or message.caption or (message.poll.question if message.poll else "")
    said = storable(said or (message.dice.emoji if message.dice else ""))
    notes = []
    if len(said) > MAX_TEXT_CHARS:
        notes.append(f"the text of {len(said)} characters was cut")
    location = _location(message)
    if location is not None and not (abs(location.lat or 0) <= 90 and abs(location.lon or 0) <= 180):
        notes.append("the place is not on Earth")
        location = None
    return _Content(cut_text(said, MAX_TEXT_CHARS), _attachments(message), location, tuple(notes))


def _attachments(message: Message) -> tuple[Attachment, ...]:
    """Return what came along. No address: a link to a file holds the bot's token, so it is fetched by its id."""
    found = []
    if message.photo:
        largest = max(message.photo, key=lambda size: size.file_size or 0)
        found.append(
            Attachment("photo", source_ref=storable(largest.file_id), mime="image/jpeg", size=largest.file_size)
        )
    for kind, mime in FILES.items():
        file: File | None = getattr(message, kind)
        # An animation comes with a copy of itself as a document, for old applications.
        if file is not None and not (kind == "document" and message.animation is not None):
            found.append(
                Attachment(
                    kind,
                    source_ref=storable(file.file_id),
                    mime=clean(file.mime_type, 100) or mime,
                    size=file.file_size,
                    filename=clean(file.file_name, 200),
                )
            )
    found += [Attachment(kind) for kind in ("contact", "poll", "dice") if getattr(message, kind) is not None]
    return tuple(found)


def _location(message: Message) -> Location | None:
    if message.venue is not None:
        point = message.venue.location
        address = ", ".join(filter(None, (clean(message.venue.title, 200), clean(message.venue.address, 300))))
        return Location(point.latitude, point.longitude, address)
    if message.location is not None:
        return Location(message.location.latitude, message.location.longitude)
    return None


def _extra(message: Message) -> dict[str, str]:
    known = {
        "media_group_id": message.media_group_id,
        "signature": message.author_signature,
        "date": str(message.date) if message.date is not None else None,
        "chat_title": message.chat.title,
    }
    return {name: clean(value, 200) for name, value in known.items() if value}


def _id_of(message: Message | None) -> str:
    return str(message.message_id) if message is not None else ""


READ = frozenset(field.encode_name for field in msgspec.structs.fields(Message))
"""The fields of a message that this code understands."""
