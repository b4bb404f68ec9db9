"""A letter taken apart: its headers as they were sent, and its leaves (words, files), each with a number of its own.

Python's old policy of parsing (compat32) is used on purpose: it takes any bytes, where the new one raises on headers
that broken programs send.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from otklik.common.text import storable
from otklik.connectors.base import Malformed
from otklik.connectors.mail.charsets import header_words

MOST_LEAVES = 100
_MOST_MULTIPARTS = 60
"""Letters nest a few levels deep; the parser calls itself for each."""
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[\w-]+(?:\.[\w-]+)*", re.UNICODE)
_ID = re.compile(r"<([^<>\s]{1,900})>")
_MULTIPART = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_HEADERS_OF_LETTERS = ("from", "date", "message-id", "subject", "to", "received", "return-path")

Part = Message


@dataclass(frozen=True, slots=True)
class Leaf:
    """One piece of a letter that isn't made of others."""

    number: int
    part: Part = field(repr=False)
    kind: str
    filename: str
    is_attached: bool

    def content(self) -> bytes:
        """Return its bytes, as far as they can be decoded. Raises ValueError, LookupError: a broken letter within."""
        if self.kind.startswith("message/"):
            return b"".join(one.as_bytes() for one in inner_of(self.part)[:1])
        found = self.part.get_payload(decode=True)
        return found if isinstance(found, bytes) else b""

    @property
    def charset(self) -> str:
        """The charset that it names."""
        named = self.part.get_param("charset", "")
        return str(named[2] if isinstance(named, tuple) else named)


@dataclass(frozen=True, slots=True)
class Letter:
    """A parsed letter."""

    message: Part = field(repr=False)

    def raw(self, name: str) -> list[str]:
        """Return every header of this name as the parser has it; bytes beyond ASCII are surrogates."""
        return [str(value) for key, value in self.message.raw_items() if key.lower() == name]

    def first(self, name: str) -> str:
        """Return the first header of this name in readable words; "" where there is none."""
        return next((header_words(value) for value in self.raw(name)), "")

    def ids(self, name: str) -> list[str]:
        """Return the letters that a header names, without the angle brackets."""
        return [
            storable(one.encode("ascii", "replace").decode()) for value in self.raw(name) for one in _ID.findall(value)
        ]

    def addresses(self, name: str) -> list[tuple[str, str]]:
        """Return (display name, address in lower case) of a header; what is no address is left out."""
        pairs = getaddresses([value.replace("\r", "").replace("\n", " ")[:20_000] for value in self.raw(name)[:10]])
        found = [(header_words(shown), header_words(address).lower()) for shown, address in pairs]
        return [(shown, address) for shown, address in found if is_address(address)]

    def sent_at(self) -> datetime | None:
        """Return when its sender says it was written; None where that can't be read."""
        try:
            told = parsedate_to_datetime(self.first("date"))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        try:
            return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def leaves(self) -> Sequence[Leaf]:
        """Return its leaves in order. The numbers are stable: a file is fetched by its own later."""
        found = []
        for number, part in enumerate(_walk(self.message)):
            if number >= MOST_LEAVES:
                break
            found.append(_leaf(number, part))
        return found


def is_address(text: str) -> bool:
    """Return whether this can be written to."""
    return len(text) <= 120 and _ADDRESS.fullmatch(text) is not None


def parse_letter(raw: bytes) -> Letter:
    """Return a letter. Raises Malformed if it has no header of a letter, or is nested as no person's letter is."""
    if len(_MULTIPART.findall(raw)) > _MOST_MULTIPARTS:
        raise Malformed("mail: nested too deeply")
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise Malformed("mail: not a letter") from error
    names = {name.lower() for name, _ in message.raw_items()}
    if names.isdisjoint(_HEADERS_OF_LETTERS):
        raise Malformed("mail: no header of a letter")
    return Letter(message)


def _walk(part: Part) -> Iterator[Part]:
    """Yield the leaves; a letter within a letter is one: what is in it was not said here."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for one in inner_of(part):
            yield from _walk(one)
    else:
        yield part


def inner_of(part: Part) -> list[Part]:
    """Return the letters or parts within a part; none where it has words. Asked for those, the parser would decode them
    by whatever codec they name."""
    inner = part.get_payload() if part.is_multipart() else []
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def headers_of(part: Part) -> str:
    """Return a part's headers as one text, as they were sent."""
    return "\n".join(f"{name}: {value}" for name, value in part.raw_items())


def _leaf(number: int, part: Part) -> Leaf:
    kind = storable(part.get_content_type())[:100]
    disposition = header_words(str(part.get("content-disposition", ""))).partition(";")[0].strip().lower()
    filename = _filename(part)
    is_words = kind in {"text/plain", "text/html"} and disposition != "attachment" and not filename
    return Leaf(number, part, kind, filename, is_attached=not is_words)


def _filename(part: Part) -> str:
    try:
        named = part.get_filename("")
    except (LookupError, ValueError, TypeError):
        return ""
    return header_words(str(named)).replace("/", "_").replace("\\", "_")[:200]
