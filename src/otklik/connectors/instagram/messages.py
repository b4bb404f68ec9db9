"""Instagram: direct messages, theirs and ours, answers to stories and mentions in them, changes and reactions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from otklik.connectors.base import Malformed
from otklik.connectors.events import Action, Attachment, Author, Event, EventKind, Visibility
from otklik.connectors.instagram.payloads import Answered, Attached, Edit, Exchange, Message, Reaction, read
from otklik.connectors.instagram.reading import Doubts, Page, clean, number_of, web, words_of

FILES = {"image": "photo", "video": "video", "audio": "voice", "file": "document"}
"""Instagram's words for what may be kept, and ours."""

LINKS = frozenset({"share", "ig_post", "ig_reel", "reel", "ig_story"})
STORY_MENTION = "story_mention"


def exchange_event(page: Page, raw: msgspec.Raw, *, standby: bool = False) -> Event | None:
    """Return what passed between a person and the account; None for what says only that somebody has read.

    Raises Unexpected where it is none of what Meta documents.
    """
    exchange = read(raw, Exchange, "a message")
    if exchange.message is not None:
        return _message(page, exchange, exchange.message, standby=standby)
    if exchange.message_edit is not None:
        return _edit(page, exchange, exchange.message_edit)
    if exchange.reaction is not None:
        return _reaction(page, exchange, exchange.reaction)
    if bytes(exchange.read) != b"null":
        return None
    doubts = Doubts(["a kind of message we don't know"])
    at = page.when(exchange.timestamp, doubts)
    return Event(
        dedup_key=page.key("exchange"),
        kind=EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=at,
        container=f"dm:{_peer(page, exchange)[0]}",
        external_id=page.key("exchange"),
        visibility=Visibility.PRIVATE,
        parse_status=doubts.status,
        note=doubts.note,
    )


def _message(page: Page, exchange: Exchange, message: Message, *, standby: bool) -> Event:
    doubts = Doubts()
    peer, ours = _peer(page, exchange, is_ours=message.is_echo or message.is_self)
    number = number_of(message.mid)
    if not number:
        doubts.add("no number of the message")
        number = page.key("message")
    files, understood = attachments_of(message.attachments)
    if not understood:
        doubts.add("an attachment not understood")
    if message.is_unsupported:
        doubts.add("Instagram doesn't show messages of this kind to programs")
    return Event(
        dedup_key=f"{number}:deleted" if message.is_deleted else number,
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.DELETED if message.is_deleted else Action.CREATED,
        occurred_at=page.when(exchange.timestamp, doubts),
        container=f"dm:{peer}",
        external_id=number,
        thread_key=f"dm:{peer}",
        visibility=Visibility.PRIVATE,
        author=_author(page, peer, doubts, ours=ours),
        text=words_of(message.text, doubts),
        parent_external_id=number_of(message.reply_to.mid) if message.reply_to is not None else "",
        attachments=(*files, *_story_of(message.reply_to)),
        is_echo=ours,
        parse_status=doubts.status,
        note=doubts.note,
        extra=_extra(files, message, standby=standby),
    )


def _edit(page: Page, exchange: Exchange, edit: Edit) -> Event:
    doubts = Doubts()
    peer, ours = _peer(page, exchange)
    number = number_of(edit.mid)
    if not number:
        doubts.add("no number of the message")
        number = page.key("edit")
    return Event(
        dedup_key=f"{number}:edit:{edit.num_edit}",
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.EDITED,
        occurred_at=page.when(exchange.timestamp, doubts),
        container=f"dm:{peer}",
        external_id=number,
        external_version=edit.num_edit,
        thread_key=f"dm:{peer}",
        visibility=Visibility.PRIVATE,
        author=_author(page, peer, doubts, ours=ours),
        text=words_of(edit.text, doubts),
        is_echo=ours,
        parse_status=doubts.status,
        note=doubts.note,
    )


def _reaction(page: Page, exchange: Exchange, reaction: Reaction) -> Event:
    doubts = Doubts()
    peer, ours = _peer(page, exchange)
    at = page.when(exchange.timestamp, doubts)
    number, moment = number_of(reaction.mid), int(at.timestamp() * 1000)
    who = "us" if ours else peer
    withdrawn = reaction.action == "unreact"
    return Event(
        dedup_key=f"{number}:{'unreact' if withdrawn else 'react'}:{number_of(who)}:{moment}"[:200],
        kind=EventKind.REACTION,
        action=Action.REMOVED_REACTION if withdrawn else Action.CREATED,
        occurred_at=at,
        container=f"dm:{peer}",
        external_id=f"reaction:{number}"[:120],
        external_version=moment,
        thread_key=f"dm:{peer}",
        visibility=Visibility.PRIVATE,
        author=_author(page, peer, doubts, ours=ours),
        parent_external_id=number,
        is_echo=ours,
        reaction="" if withdrawn else clean(reaction.emoji or reaction.reaction, 40),
        parse_status=doubts.status,
        note=doubts.note,
    )


def attachments_of(raws: Iterable[msgspec.Raw] | None) -> tuple[tuple[Attachment, ...], bool]:
    """Return the attachments, and whether all of them were understood. One we can't read never loses the message."""
    found, understood = [], True
    for raw in raws or ():
        try:
            attached = read(raw, Attached, "an attachment")
        except Malformed:
            attached = Attached()
        shown = _attachment(attached)
        understood = understood and shown.kind != "other"
        found.append(shown)
    return tuple(found), understood


def _attachment(attached: Attached) -> Attachment:
    url = web(attached.payload.url) if attached.payload is not None else ""
    title = clean(attached.payload.title, 200) if attached.payload is not None else ""
    if attached.type in FILES:
        return Attachment(kind=FILES[attached.type], url=url, filename=title)
    if attached.type == STORY_MENTION:
        # Meta forbids keeping the story; its address dies with it, after a day at the latest.
        return Attachment(kind=STORY_MENTION, url=url, may_store=False)
    if attached.type in LINKS:
        return Attachment(kind="link", url=url, filename=title, may_store=False)
    return Attachment(kind="other", source_ref=clean(attached.type, 60), filename=title, may_store=False)


def _story_of(answered: Answered | None) -> tuple[Attachment, ...]:
    if answered is None or answered.story is None:
        return ()
    return (Attachment(kind="story", source_ref="", url=web(answered.story.url), may_store=False),)


def _peer(page: Page, exchange: Exchange, *, is_ours: bool = False) -> tuple[str, bool]:
    """Return the person's number, and whether the account itself did it."""
    sender = number_of(exchange.sender.id) if exchange.sender is not None else ""
    recipient = number_of(exchange.recipient.id) if exchange.recipient is not None else ""
    ours = is_ours or (sender != "" and sender == page.account_id)
    return (recipient if ours else sender), ours


def _author(page: Page, peer: str, doubts: Doubts, *, ours: bool) -> Author | None:
    author = page.author(page.account_id if ours else peer)
    if author is None:
        doubts.add("no author")
    return author


def _extra(files: Iterable[Attachment], message: Message, *, standby: bool) -> dict[str, str]:
    extra = {"standby": "yes"} if standby else {}
    if any(file.kind == STORY_MENTION for file in files):
        extra["story_mention"] = "yes"
    if message.reply_to is not None and message.reply_to.story is not None:
        extra["story"] = number_of(message.reply_to.story.id)
    return extra
