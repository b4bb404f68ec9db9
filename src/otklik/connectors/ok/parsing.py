"""Odnoklassniki: from one delivery to its event. Pure: the same delivery always gives the same event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import Malformed, body_digest
from otklik.connectors.doubts import Doubts, read_millis, read_words
from otklik.connectors.events import (
    Action,
    Attachment,
    Author,
    Event,
    EventKind,
    ParseStatus,
    PostRef,
    Visibility,
    Webhook,
)
from otklik.connectors.ok.payloads import (
    Attached,
    Comment,
    Hooked,
    Kind,
    Payload,
    Polled,
    Said,
    Sender,
    Topic,
    Unexpected,
    named,
    read,
)

MOSCOW = timezone(timedelta(hours=3))
SYSTEM = frozenset({"MESSAGE_CALLBACK", "CHAT_SYSTEM"})
"""A press of a button, somebody who joined a chat: nothing was said."""
_KINDS = {"IMAGE": "photo", "VIDEO": "video", "AUDIO": "voice", "FILE": "document"}


def delivery_key_of(hook: Webhook) -> str:
    """Return what names a delivery: the message; of a polled thing its id and a digest of its words.

    So a comment that was changed is a new delivery, and one that wasn't is none. Raises Malformed.
    """
    kind = read(hook.body, Kind, "a webhook")
    if kind.polled:
        polled = read(hook.body, Polled, "what was polled")
        thing = read(polled.thing, _Worded, "what was polled")
        return f"{polled.polled}:{named(polled.topic_id, 'topic')}:{thing.id}:{digest_of(thing.text or '')}"[:200]
    mid = read(hook.body, _Keyed, "a webhook").message.mid
    return f"message:{mid}" if mid and len(mid) <= 180 else body_digest(hook)


def digest_of(words: str) -> str:
    """Return a short digest: whether words are the same as before."""
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()[:12]


def events_of(hook: Webhook) -> list[Event]:
    """Return what happened: one event. Raises Malformed if it isn't Odnoklassniki's at all.

    A kind we don't know, and a known one with other fields than documented, is an unknown event, never a loss.
    """
    kind = read(hook.body, Kind, "a webhook")
    if not (kind.webhookType is not None or kind.polled or bytes(kind.recipient) or bytes(kind.message)):
        raise Malformed("ok: not a webhook: it names no kind, no recipient and no message")
    try:
        if kind.polled:
            return [_polled(hook, read(hook.body, Polled, "what was polled"))]
        return [_hooked(hook, read(hook.body, Hooked, "a webhook"))]
    except Unexpected as error:
        return [_unknown(hook, str(kind.webhookType or kind.polled or ""), str(error))]


class _Keyed(msgspec.Struct):
    message: Said


class _Worded(msgspec.Struct):
    id: str | int
    text: str | None = None


def _hooked(hook: Webhook, said: Hooked) -> Event:
    if said.webhookType in SYSTEM:
        return _system(hook, said)
    if said.webhookType not in (None, "MESSAGE_CREATED"):
        raise Unexpected("a kind we don't know")
    message = said.message
    chat = named(said.recipient.chat_id if said.recipient is not None else None, "chat")
    mid = named(message.mid if message is not None else None, "mid")
    if message is None or not chat or not mid:
        raise Unexpected("a message without its conversation or id")
    doubts = Doubts()
    files, understood = _attachments(message.attachments)
    if not understood:
        doubts.add("an attachment not understood")
    author = _author(said.sender)
    if author is None:
        doubts.add("no author")
    return Event(
        dedup_key=f"message:{mid}",
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.CREATED,
        occurred_at=read_millis(said.timestamp, hook.received_at, doubts),
        container=f"chat:{chat}",
        external_id=_id(mid),
        thread_key=f"dm:{chat}",
        visibility=Visibility.PRIVATE,
        author=author,
        text=read_words(message.text, doubts),
        parent_external_id=_id(named(message.reply_to, "mid")),
        attachments=files,
        parse_status=doubts.status,
        note=doubts.note,
        extra=_extra(message),
    )


def _system(hook: Webhook, said: Hooked) -> Event:
    key = body_digest(hook)
    chat = named(said.recipient.chat_id if said.recipient is not None else None, "chat")
    return Event(
        dedup_key=key,
        kind=EventKind.SYSTEM,
        action=Action.CREATED,
        occurred_at=read_millis(said.timestamp, hook.received_at, Doubts()),
        container=f"chat:{chat}" if chat else "ok",
        external_id=key,
        visibility=Visibility.PRIVATE,
        author=_author(said.sender),
        extra={"type": said.webhookType or ""},
    )


def _polled(hook: Webhook, polled: Polled) -> Event:
    topic, group = named(polled.topic_id, "topic"), named(polled.group_id, "group")
    if not topic or not group:
        raise Unexpected("polled from no topic")
    if polled.polled == "topic":
        return _topic(hook, group, topic, read(polled.thing, Topic, "a topic"))
    if polled.polled == "comment":
        return _comment(hook, group, topic, read(polled.thing, Comment, "a comment"))
    raise Unexpected("polled as a kind we don't know")


def _topic(hook: Webhook, group: str, topic: str, thing: Topic) -> Event:
    doubts = Doubts()
    words = "\n\n".join(one.text for one in thing.media or [] if one.text)
    page = page_of(group, topic)
    return Event(
        dedup_key=f"topic:{topic}",
        kind=EventKind.POST,
        action=Action.CREATED,
        occurred_at=read_millis(thing.created_ms, hook.received_at, doubts),
        container=f"group:{group}",
        external_id=topic,
        thread_key=f"topic:{topic}",
        text=read_words(words, doubts),
        post=PostRef(topic, page),
        permalink=page,
        is_echo=True,
    )


def _comment(hook: Webhook, group: str, topic: str, thing: Comment) -> Event:
    """A changed comment comes again under its id: the later reading is the newer version."""
    doubts, number = Doubts(), named(thing.id, "comment")
    if not number:
        raise Unexpected("a comment without an id")
    author_id = named(thing.author_id, "user")
    author = Author(author_id, _clean(thing.author_name), url=_profile(author_id)) if author_id else None
    files, understood = _attachments(thing.attachments)
    if not understood:
        doubts.add("an attachment not understood")
    page = page_of(group, topic)
    return Event(
        dedup_key=f"comment:{topic}:{number}",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=_said_at(thing, hook.received_at, doubts),
        container=f"topic:{topic}",
        external_id=_id(number),
        external_version=round(hook.received_at.timestamp() * 1000),
        thread_key=f"topic:{topic}",
        author=author,
        text=read_words(thing.text, doubts),
        post=PostRef(topic, page),
        parent_external_id=_id(named(thing.reply_to_comment_id, "comment")),
        attachments=files,
        permalink=page,
        is_echo=author_id == group,
        parse_status=doubts.status,
        note=doubts.note,
    )


def page_of(group: str, topic: str) -> str:
    """Return the address of a topic."""
    return f"https://ok.ru/group/{group}/topic/{topic}"


def _said_at(thing: Comment, received_at: datetime, doubts: Doubts) -> datetime:
    stamp = thing.date_ms if thing.date_ms is not None else thing.date
    if isinstance(stamp, str):
        try:
            at = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOSCOW)
        except ValueError:
            doubts.add("an instant not understood")
            return received_at
        stamp = round(at.astimezone(UTC).timestamp() * 1000)
    return read_millis(stamp, received_at, doubts)


def _author(sender: Sender | None) -> Author | None:
    number = named(sender.user_id, "user") if sender is not None else ""
    if sender is None or not number:
        return None
    return Author(number, _clean(sender.name), url=_profile(number))


def _profile(number: str) -> str:
    return f"https://ok.ru/profile/{number}" if number.isdigit() else ""


def _attachments(raws: Iterable[msgspec.Raw] | None) -> tuple[tuple[Attachment, ...], bool]:
    found, understood = [], True
    for raw in raws or ():
        try:
            one = read(raw, Attached, "an attachment")
        except Malformed:
            found.append(Attachment(kind="other", may_store=False))
            understood = False
            continue
        url = (one.payload or Payload()).url or ""
        address = storable(url)[:2000] if url.startswith(("https://", "http://")) else ""
        kind = _KINDS.get(one.type.upper(), "other")
        mime = "image/jpeg" if kind == "photo" else ""
        is_file = bool(address) and kind != "other"
        found.append(Attachment(kind, source_ref=_clean(one.type)[:60], url=address, mime=mime, may_store=is_file))
    return tuple(found), understood


def _extra(message: Said) -> dict[str, str]:
    seq = bytes(message.seq).decode(errors="replace").strip('"')
    return {"seq": seq} if seq.isdigit() and len(seq) <= 40 else {}


def _id(name: str) -> str:
    """Our keys end at the last colon, so an id holds none: Odnoklassniki's own don't, without their kind."""
    return name.replace(":", "=")


def _unknown(hook: Webhook, kind: str, note: str) -> Event:
    key = body_digest(hook)
    return Event(
        dedup_key=key,
        kind=EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=hook.received_at,
        container="ok",
        external_id=key,
        visibility=Visibility.PRIVATE,
        parse_status=ParseStatus.PARTIAL,
        note=storable(note),
        extra={"type": storable(kind)[:100]},
    )


def _clean(text: str | None) -> str:
    return storable(text or "")[:200]
