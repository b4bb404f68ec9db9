"""Heavy letters without the bytes of their files: those stay in the mailbox and are fetched from there one by one."""

from __future__ import annotations

from email.errors import MessageError

from otklik.connectors.base import Malformed
from otklik.connectors.mail.letters import parse_letter

HEAVY = 4_000_000
"""Bytes of a letter from which on its files are left out of what is kept of it."""
_HEAD = 1_000_000


def lightened(raw: bytes) -> bytes:
    """Return a letter as it is, or, if it is heavy, its headers and words with every file emptied.

    The numbers of its leaves stay, so that each file is still found. A heavy letter that can't be taken apart is cut.
    """
    if len(raw) <= HEAVY:
        return raw
    try:
        letter = parse_letter(raw)
        for leaf in letter.leaves():
            if leaf.is_attached and not leaf.kind.startswith("message/"):
                leaf.part.set_payload("")
        light = letter.message.as_bytes()
    except (Malformed, MessageError, ValueError, LookupError, TypeError, AttributeError):
        return raw[:_HEAD]
    return light if len(light) <= HEAVY else raw[:_HEAD]
