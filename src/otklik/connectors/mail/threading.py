"""Which conversation a letter belongs to: by the letters it names, then by the address it came to; never by subject.

Letters of ours name themselves and their conversation in their Message-ID, so an answer to one finds its way with no
memory of ours: `otklik.<key>.<conversation>@domain`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from otklik.connectors.events import Draft
from otklik.connectors.mail.letters import Letter

CONTAINER = "mail"
_DIGITS = 24
_TOKEN = re.compile(r"[0-9a-f]{24}")
_OURS = re.compile(r"otklik\.[0-9a-f]{24}\.([0-9a-f]{24})@(.+)")
_TO_US = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_LONGEST_ID = 110


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation, and the letter in it that is answered ("" where none is named)."""

    thread_key: str
    parent: str = ""


def id_of(letter: Letter, raw: bytes) -> str:
    """Return a letter's own name: its Message-ID, or a digest where that is missing or longer than we keep."""
    named = letter.ids("message-id")
    return known_as(named[0]) if named else f"sha256-{hashlib.sha256(raw).hexdigest()}"


def known_as(message_id: str) -> str:
    """Return a Message-ID as we keep it."""
    if len(message_id) <= _LONGEST_ID:
        return message_id
    return f"sha256-{_digest(message_id, 64)}"


def own_id(draft: Draft, domain: str) -> str:
    """Return the Message-ID of a letter of ours: the same for the same draft, so that a repeat is recognised."""
    token = token_of(draft.target.thread_key) or "0" * _DIGITS
    return f"otklik.{_digest(draft.idempotency_key, _DIGITS)}.{token}@{domain}"


def token_of(thread_key: str) -> str:
    """Return the part of a conversation's key that letters carry; "" if it isn't a conversation by mail."""
    token = thread_key.removeprefix(f"{CONTAINER}:")
    return token if _TOKEN.fullmatch(token) else ""


def place_of(letter: Letter, own: str, *, address: str) -> Place:
    """Return where a letter belongs; one that names nothing begins a conversation of its own."""
    domain = address.rpartition("@")[2]
    answered = letter.ids("in-reply-to")
    references = letter.ids("references")
    named = [*answered, *reversed(references)]
    for one in named:
        if token := _token_in(one, domain):
            return Place(f"{CONTAINER}:{token}", known_as(one))
    if named:
        return Place(_begun_by(known_as(references[0] if references else named[0])), known_as(named[0]))
    return Place(_addressed(letter, address) or _begun_by(own))


def is_ours(message_id: str, address: str) -> bool:
    """Return whether a letter was written here."""
    return bool(_token_in(message_id, address.rpartition("@")[2]))


def reply_address(address: str, thread_key: str) -> str:
    """Return our address with the conversation in it, for programs that drop every other sign of what they answer."""
    local, _, domain = address.rpartition("@")
    token = token_of(thread_key)
    return f"{local}+{token}@{domain}" if token else address


def _begun_by(message_id: str) -> str:
    return f"{CONTAINER}:{_digest(message_id, _DIGITS)}"


def _token_in(message_id: str, domain: str) -> str:
    found = _OURS.fullmatch(message_id)
    return found[1] if found is not None and found[2].lower() == domain else ""


def _addressed(letter: Letter, address: str) -> str:
    local, _, domain = address.rpartition("@")
    for name in _TO_US:
        for _, one in letter.addresses(name):
            there, _, where = one.rpartition("@")
            start, plus, token = there.rpartition("+")
            if plus and (start, where) == (local, domain) and _TOKEN.fullmatch(token):
                return f"{CONTAINER}:{token}"
    return ""


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
