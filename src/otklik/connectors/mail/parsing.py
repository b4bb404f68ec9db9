"""From one raw letter to its event. Pure: the same letter always gives the same event."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.common.text import storable
from otklik.connectors.base import MAX_TEXT_CHARS
from otklik.connectors.events import Action, Attachment, Author, Event, EventKind, ParseStatus, Visibility, Webhook
from otklik.connectors.mail.charsets import decoded
from otklik.connectors.mail.letters import Leaf, Letter, parse_letter
from otklik.connectors.mail.machines import is_automated, is_report, undelivered
from otklik.connectors.mail.markup import words_of
from otklik.connectors.mail.quoting import BLANK, own_words
from otklik.connectors.mail.subjects import is_answer
from otklik.connectors.mail.threading import CONTAINER, id_of, place_of
from otklik.connectors.splitting import cut_text

PLACE_HEADER = "x-otklik-place"
"""Where the letter lies in its mailbox, told by our own poll: `uidvalidity:uid`."""
FOLDER_HEADER = "x-otklik-folder"
SIZE_HEADER = "x-otklik-size"
"""The bytes of a letter that was too large to be fetched whole, told by our own poll: what came is its header."""
SENT = "sent"
"""Our poll's word for the folder of what was sent from this mailbox: only those who sign in to it write there."""
SUBJECT_CHARS = 200
_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


def key_of(raw: bytes) -> str:
    """Return how a letter is known, the same by whatever way and however often it comes. Raises Malformed."""
    return f"letter:{id_of(parse_letter(raw), raw)}"


def events_of(hook: Webhook, address: str) -> list[Event]:
    """Return what a letter says: a person's words, or that a letter of ours didn't arrive. Raises Malformed."""
    letter = parse_letter(hook.body)
    own = id_of(letter, hook.body)
    if is_report(letter):
        return [_report(letter, own, hook, address)]
    return [_words(letter, own, hook, address)]


def _report(letter: Letter, own: str, hook: Webhook, address: str) -> Event:
    found = undelivered(letter, address)
    return Event(
        dedup_key=f"letter:{own}",
        kind=EventKind.SYSTEM if found is None else EventKind.UNDELIVERED,
        action=Action.CREATED,
        occurred_at=hook.received_at,
        container=CONTAINER,
        external_id=own,
        visibility=Visibility.PRIVATE,
        text="" if found is None else found.why,
        parent_external_id="" if found is None else found.message_id,
        automated=True,
    )


def _words(letter: Letter, own: str, hook: Webhook, address: str) -> Event:
    notes: list[str] = []
    place = place_of(letter, own, address=address)
    leaves = letter.leaves()
    subject = letter.first("subject")[:SUBJECT_CHARS]
    text = _text(letter, leaves, subject, notes)
    files = tuple(_attachment(leaf, own, hook) for leaf in leaves if leaf.is_attached)
    if SIZE_HEADER in hook.headers:
        text, files = subject, (_left_there(hook.headers[SIZE_HEADER], notes),)
    if not text and not files:
        notes.append("no words")
    authors = letter.addresses("from")
    sent_at = letter.sent_at()
    if sent_at is not None and sent_at > hook.received_at:
        notes.append("date in the future")
    # In the inbox "From: us" proves nothing: whoever forges it must not speak for the city.
    by_us = hook.headers.get(FOLDER_HEADER) == SENT
    return Event(
        dedup_key=f"letter:{own}",
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.CREATED,
        occurred_at=hook.received_at if sent_at is None else min(sent_at, hook.received_at),
        container=CONTAINER,
        external_id=own,
        thread_key=place.thread_key,
        visibility=Visibility.PRIVATE,
        author=_author(authors, by_us=by_us),
        text=text,
        subject=subject,
        parent_external_id=place.parent,
        attachments=files,
        is_echo=by_us,
        automated=is_automated(letter, address),
        parse_status=ParseStatus.PARTIAL if notes else ParseStatus.OK,
        note="; ".join(notes),
    )


def _author(authors: list[tuple[str, str]], *, by_us: bool) -> Author | None:
    """Return who says to have written it: a letter proves nothing of that, so nothing but its own answers go by it."""
    if not authors:
        return None
    shown, address = authors[0]
    return Author(external_id=address, display_name=shown[:200], handle=address, is_self=by_us)


def _text(letter: Letter, leaves: Sequence[Leaf], subject: str, notes: list[str]) -> str:
    is_reply = is_answer(subject) or bool(letter.raw("in-reply-to") or letter.raw("references"))
    body = own_words(_plain(leaves), is_reply=is_reply) or _from_html(leaves, is_reply=is_reply)
    if any(_is_unreadable(leaf) for leaf in leaves):
        notes.append("a part is encoded in a way we don't know")
    body = storable(body)
    # The subject of a first letter is often the half of what is said; an answer's is the letter's that it answers.
    said = (
        body if not subject or is_answer(subject) or body.startswith(subject) else f"{subject}\n\n{body}".strip(BLANK)
    )
    if len(said) > MAX_TEXT_CHARS:
        notes.append(f"cut from {len(said)} characters")
    return cut_text(said, MAX_TEXT_CHARS)


def _plain(leaves: Sequence[Leaf]) -> str:
    found = [
        decoded(leaf.content(), leaf.charset) for leaf in leaves if leaf.kind == "text/plain" and not leaf.is_attached
    ]
    return "\n\n".join(part for text in found if (part := text.replace("\r\n", "\n").strip(BLANK)))


def _from_html(leaves: Sequence[Leaf], *, is_reply: bool) -> str:
    pages = [
        decoded(leaf.content(), leaf.charset) for leaf in leaves if leaf.kind == "text/html" and not leaf.is_attached
    ]
    own = "\n\n".join(words for page in pages if (words := words_of(page)))
    whole = own or "\n\n".join(words for page in pages if (words := words_of(page, with_quotes=True)))
    return own_words(whole, is_reply=is_reply)


def _is_unreadable(leaf: Leaf) -> bool:
    told = str(leaf.part.get("content-transfer-encoding", "")).strip().lower()
    known = {"", "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"}
    return not leaf.is_attached and told not in known


def _left_there(size: str, notes: list[str]) -> Attachment:
    """Return what stands for a letter that was too large to be fetched: people open it in the mailbox itself."""
    megabytes = int(size) // 1_000_000 if size.isdecimal() and len(size) <= 15 else 0
    notes.append(f"too large to be fetched: {megabytes} MB")
    return Attachment("document", mime="message/rfc822", filename=f"letter.eml, {megabytes} MB", may_store=False)


def _attachment(leaf: Leaf, own: str, hook: Webhook) -> Attachment:
    """Where it is fetched from: its place in the mailbox and its number; by the letter's name if it was moved since."""
    place = hook.headers.get(PLACE_HEADER, "")
    return Attachment(
        kind=_KINDS.get(leaf.kind.partition("/")[0], "document"),
        source_ref=f"{place}|{leaf.number}|{own}",
        mime=leaf.kind,
        filename=leaf.filename or ("letter.eml" if leaf.kind.startswith("message/") else ""),
    )
