"""Letters that no person wrote, and reports that one of ours didn't arrive.

Source: RFC 3834 (automatic answers), RFC 3464 and RFC 6522 (delivery reports), RFC 2919 (List-Id).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from otklik.common.text import shorten, storable
from otklik.connectors.mail.charsets import header_words
from otklik.connectors.mail.letters import Leaf, Letter, headers_of, inner_of
from otklik.connectors.mail.threading import is_ours

_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_ID = re.compile(rb"otklik\.[0-9a-f]{24}\.[0-9a-f]{24}@[\w.-]{1,200}")
_FIELD = re.compile(r"^([A-Za-z-]{1,40}):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster)@", re.IGNORECASE)
_LOOKED_THROUGH = 200_000


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A letter of ours that didn't arrive for good, and why in the server's words."""

    message_id: str
    why: str


def is_automated(letter: Letter, address: str) -> bool:
    """Return whether a machine wrote it (or we did): it is taken in and marked, and never answered automatically."""
    told = letter.first("auto-submitted").partition(";")[0].strip().lower()
    if told not in {"", "no"} or letter.first("precedence").strip().lower() in _BULK:
        return True
    if letter.raw("list-id") or letter.raw("x-auto-response-suppress") or letter.raw("x-autoreply"):
        return True
    if letter.first("return-path").strip() == "<>":
        return True
    return any(one == address for _, one in letter.addresses("from"))


def is_report(letter: Letter) -> bool:
    """Return whether it tells what became of a letter, in the standard's form or by a server's hand."""
    if letter.message.get_content_type() == "multipart/report":
        told = header_words(str(letter.message.get_param("report-type", ""))).lower()
        return told in {"delivery-status", ""} or told.startswith("('")
    by_daemon = any(_DAEMON.match(one) for _, one in letter.addresses("from"))
    return by_daemon and letter.first("return-path").strip() in {"<>", ""}


def undelivered(letter: Letter, address: str) -> Undelivered | None:
    """Return which letter of ours didn't arrive; None for a report of anything else (delays, receipts)."""
    leaves = letter.leaves()
    status = next((leaf for leaf in leaves if leaf.kind == "message/delivery-status"), None)
    told = _fields(status) if status is not None else {}
    if status is not None and told.get("action", "failed").lower() != "failed":
        return None
    found = _named(leaves, address)
    if not found:
        return None
    why = told.get("diagnostic-code") or told.get("status") or letter.first("subject")
    return Undelivered(found, shorten(storable(why.partition(";")[2].strip() or why), 300))


def _fields(leaf: Leaf) -> dict[str, str]:
    """Return the fields of a delivery status, those of the recipients over those of the message."""
    blocks = [headers_of(one) for one in inner_of(leaf.part)]
    found: dict[str, str] = {}
    for block in blocks[:20]:
        found |= {name.lower(): " ".join(value.split())[:1000] for name, value in _FIELD.findall(block[:20_000])}
    return found


def _named(leaves: Sequence[Leaf], address: str) -> str:
    """Return the Message-ID of ours that the report carries: in what it returns, or anywhere in its words."""
    for leaf in reversed(leaves):
        for one in _ID.findall(_searched(leaf)[:_LOOKED_THROUGH]):
            message_id: str = one.decode().rstrip(".")
            if is_ours(message_id, address):
                return message_id
    return ""


def _searched(leaf: Leaf) -> bytes:
    if leaf.kind.startswith("message/"):
        return "\n".join(headers_of(one) for one in inner_of(leaf.part)).encode("ascii", "replace")
    return leaf.content()
