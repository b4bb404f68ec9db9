"""ActivityPub: from one proven activity to its event. Pure: the same delivery always gives the same event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from otklik.common.text import storable
from otklik.connectors.activitypub.addresses import CONTAINER, Home, is_address, is_everybody, short
from otklik.connectors.activitypub.markup import words_of
from otklik.connectors.activitypub.reading import (
    Activity,
    Json,
    audience_of,
    ids_in,
    mentions_in,
    read,
    words_in,
)
from otklik.connectors.doubts import CLOCK_SKEW, Doubts, read_words
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

AUTHOR_HEADER = "otklik-author"
"""Beside a proven activity: who its signer says to be (`Profile`), for activities name their actor by address only."""
WORDS = frozenset({"Note", "Article", "Question", "Page", "Event", "Image", "Video", "Audio"})
_REACTIONS = {"Like": "like", "Dislike": "dislike", "Announce": "announce", "EmojiReact": "emoji"}
_SYSTEM = frozenset({"Accept", "Reject", "Add", "Remove", "Block", "Flag", "Move", "TentativeAccept", "View"})
_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


class Profile(msgspec.Struct):
    """Who speaks, as their own document says."""

    name: str = ""
    handle: str = ""
    url: str = ""
    is_bot: bool = False


def events_of(home: Home, hook: Webhook) -> list[Event]:
    """Return what happened: one event. Raises Malformed if the body is no activity."""
    return [_event(home, read(hook))]


def _event(home: Home, activity: Activity) -> Event:
    match activity.kind:
        case "Create" | "Update" if activity.about_kind in WORDS:
            return _said(home, activity)
        case "Delete" if activity.about_id and activity.about_id != activity.actor:
            return _gone(activity)
        case "Follow":
            return _follow(home, activity, Action.CREATED)
        case "Undo" if activity.about_kind in _REACTIONS or activity.about_kind == "Follow":
            return _undone(home, activity)
        case "Undo" if activity.about_id and not activity.about:
            return _bond(activity, activity.about_id, Action.DELETED)
        case kind if kind in _REACTIONS:
            return _reaction(home, activity, activity.fields, Action.CREATED)
        case "Delete" | "Update" if activity.about_id:
            return _system(activity)  # the person's account itself
        case kind if kind in _SYSTEM:
            return _system(activity)
    return _unknown(activity, f"an activity '{activity.kind}' about '{activity.about_kind or 'nothing'}'")


def _said(home: Home, activity: Activity) -> Event:
    about, address = activity.about, activity.about_id
    if not address:
        return _unknown(activity, "words without an id")
    doubts = Doubts()
    to = audience_of(activity)
    parent = next(iter(ids_in(about.get("inReplyTo"))), "")
    to_us = home.actor in to or home.actor in mentions_in(about)
    is_public = any(is_everybody(one) for one in to)
    if not (to_us or (is_public and home.is_ours(parent))):
        return _system(activity)  # not for us: somebody's words that reached a shared inbox
    edited = activity.kind == "Update"
    at = _instant(about.get("published"), activity.hook.received_at, doubts)
    changed = about.get("updated") is not None
    version_at = _instant(about.get("updated"), activity.hook.received_at, doubts) if changed else at
    on_post = home.is_post(parent)
    return Event(
        dedup_key=activity.key,
        kind=_kind(home, parent, is_public=is_public),
        action=Action.EDITED if edited else Action.CREATED,
        occurred_at=(activity.hook.received_at if not changed else version_at) if edited else at,
        container=CONTAINER,
        external_id=short(address),
        external_version=_version(activity, version_at, changed=changed),
        thread_key=_thread(activity, parent, is_public=is_public, on_post=on_post),
        visibility=Visibility.PUBLIC if is_public else Visibility.PRIVATE,
        author=author_of(activity),
        text=_words(home, about, doubts),
        post=PostRef(short(parent), parent) if on_post and is_public else None,
        parent_external_id=short(parent) if parent and not on_post else "",
        attachments=tuple(_attachments(about)),
        permalink=_permalink(about, address),
        parse_status=doubts.status,
        note=doubts.note,
    )


def _kind(home: Home, parent: str, *, is_public: bool) -> EventKind:
    if not is_public:
        return EventKind.DIRECT_MESSAGE
    return EventKind.COMMENT if home.is_ours(parent) else EventKind.MENTION


def _thread(activity: Activity, parent: str, *, is_public: bool, on_post: bool) -> str:
    if not is_public:
        return f"dm:{short(activity.actor)}"
    if on_post:
        return f"post:{short(parent)}"
    return f"talk:{short(parent or activity.about_id)}"


def _version(activity: Activity, at: datetime, *, changed: bool) -> int:
    """Return what orders edits: milliseconds. An Update that names no instant is as new as its arrival."""
    when = activity.hook.received_at if activity.kind == "Update" and not changed else at
    return int(when.timestamp() * 1000)


def _words(home: Home, about: Json, doubts: Doubts) -> str:
    content = about.get("content")
    if content is None and isinstance(about.get("contentMap"), dict):
        content = next((one for one in about["contentMap"].values() if isinstance(one, str)), None)
    if content is not None and not isinstance(content, str):
        doubts.add("content that is no text")
    parts = [words_in(about.get("name")), words_of(words_in(about.get("summary")))]
    parts.append(words_of(words_in(content), without_mention_of=home.actor))
    return read_words("\n\n".join(part for part in parts if part.strip()), doubts)


def _attachments(about: Json) -> Iterator[Attachment]:
    told = about.get("attachment")
    for one in (told if isinstance(told, list) else [told])[:20]:
        if not isinstance(one, dict):
            continue
        url = _address_in(one.get("url"))
        mime = storable(words_in(one.get("mediaType")))[:100]
        if url:
            yield Attachment(_KINDS.get(mime.partition("/")[0], "document"), url=url, mime=mime)


def _address_in(told: object) -> str:
    listed = told if isinstance(told, list) else [told]
    for one in listed[:5]:
        value = one.get("href") if isinstance(one, dict) else one
        if isinstance(value, str) and is_address(value):
            return value
    return ""


def _permalink(about: Json, address: str) -> str:
    return _address_in(about.get("url")) or address


def author_of(activity: Activity) -> Author:
    """Return who signed it, with the name that came beside it."""
    try:
        profile = msgspec.json.decode(activity.hook.headers.get(AUTHOR_HEADER, "{}"), type=Profile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        profile = Profile()
    return Author(
        external_id=short(activity.actor) if activity.actor else None,
        display_name=storable(profile.name)[:200],
        handle=storable(profile.handle)[:120],
        url=profile.url if is_address(profile.url) else activity.actor,
        is_bot=profile.is_bot,
    )


def _gone(activity: Activity) -> Event:
    return Event(
        dedup_key=activity.key,
        kind=EventKind.COMMENT,
        action=Action.DELETED,
        occurred_at=activity.hook.received_at,
        container=CONTAINER,
        external_id=short(activity.about_id),
        external_version=int(activity.hook.received_at.timestamp() * 1000),
        thread_key=f"gone:{short(activity.about_id)}",
        visibility=Visibility.PRIVATE,
        author=author_of(activity),
    )


def _follow(home: Home, activity: Activity, action: Action) -> Event:
    if activity.about_id != home.actor or not activity.actor:
        return _unknown(activity, "a request to follow somebody else")
    return _bond(activity, activity.id, action)


def _bond(activity: Activity, named: str, action: Action) -> Event:
    return Event(
        dedup_key=activity.key,
        kind=EventKind.FOLLOW,
        action=action,
        occurred_at=activity.hook.received_at,
        container="follow",
        external_id=short(named),
        author=author_of(activity),
        extra={"request": named},
    )


def _undone(home: Home, activity: Activity) -> Event:
    undone = activity.about
    if activity.about_kind == "Follow":
        return _bond(activity, "", Action.DELETED)  # whichever request: one person follows once
    return _reaction(home, activity, undone, Action.REMOVED_REACTION)


def _reaction(home: Home, activity: Activity, told: Json, action: Action) -> Event:
    """Return a sign given to something, or taken back: one of a sort for each person and thing."""
    thing = next(iter(ids_in(told.get("object"))), "")
    kind = words_in(told.get("type"))
    sign = _REACTIONS.get(kind, "like")
    emoji = storable(words_in(told.get("content")))[:20]
    return Event(
        dedup_key=activity.key,
        kind=EventKind.REACTION,
        action=action,
        occurred_at=activity.hook.received_at,
        container=CONTAINER,
        external_id=short(f"{sign}:{activity.actor}:{thing}")[:120],
        thread_key=f"post:{short(thing)}" if home.is_post(thing) else "",
        author=author_of(activity),
        post=PostRef(short(thing), thing) if home.is_post(thing) else None,
        parent_external_id=short(thing) if thing and not home.is_post(thing) else "",
        reaction=emoji if sign == "emoji" and emoji else sign,
    )


def _system(activity: Activity) -> Event:
    return _bare(activity, EventKind.SYSTEM)


def _unknown(activity: Activity, why: str) -> Event:
    return _bare(activity, EventKind.UNKNOWN, f"activitypub: {why}"[:300])


def _bare(activity: Activity, kind: EventKind, note: str = "") -> Event:
    return Event(
        dedup_key=activity.key,
        kind=kind,
        action=Action.CREATED,
        occurred_at=activity.hook.received_at,
        container="activity",
        external_id=short(activity.id) if activity.id else "",
        author=author_of(activity),
        parse_status=ParseStatus.PARTIAL if note else ParseStatus.OK,
        note=note,
    )


def _instant(told: object, received_at: datetime, doubts: Doubts) -> datetime:
    """Return an instant; one that is missing, absurd or to come is when it reached us."""
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
        at = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
        at = at.astimezone(UTC) if at is not None else None
    except (ValueError, OverflowError):
        at = None
    if at is None or at.year < 1990:
        doubts.add("no instant" if told is None else "an absurd instant")
        return received_at
    if at > received_at + CLOCK_SKEW:
        doubts.add("an instant in the future")
        return received_at
    return min(at, received_at)
