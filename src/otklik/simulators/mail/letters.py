"""Letters as residents' programs write them, and reports as mail servers send them: from the standards' fields alone.

Source: RFC 5322, RFC 2045–2047 (words and files), RFC 3464 (delivery reports), RFC 3834 (automatic answers).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from zlib import crc32


def letter(
    text: str,
    *,
    sender: str = "ivan@mail.example",
    name: str = "Иван Заречный",
    to: str = "city@yasnogorye.example",
    subject: str = "Яма на дороге",
    message_id: str = "<m1@mail.example>",
    at: float = 1_772_443_800.0,
    charset: str = "utf-8",
    kind: str = "text/plain",
    headers: Mapping[str, str] | None = None,
    files: Sequence[tuple[str, str, bytes]] = (),
) -> bytes:
    """Return a letter; `files` are (name, type, bytes)."""
    told = {
        "Return-Path": f"<{sender}>",
        "From": f"{word(name, charset)} <{sender}>",
        "To": to,
        "Subject": word(subject, charset),
        "Date": formatdate(at),
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        **(headers or {}),
    }
    head = "".join(f"{key}: {value}\r\n" for key, value in told.items() if value)
    body = _part(f'{kind}; charset="{charset}"', text.encode(charset, "replace"))
    if not files:
        return f"{head}{body}".encode()
    parts = [body]
    for filename, mime, content in files:
        shown = word(filename, charset)
        parts.append(_part(f'{mime}; name="{shown}"', content, f'attachment; filename="{shown}"'))
    return f"{head}{_mixed(parts)}".encode()


def report(
    original: str,
    *,
    to: str = "city@yasnogorye.example",
    action: str = "failed",
    why: str = "550 5.1.1 no such user",
) -> bytes:
    """Return what a mail server writes about a letter with this Message-ID."""
    status = (
        "Reporting-MTA: dns; mx.mail.example\r\n\r\nFinal-Recipient: rfc822; ivan@mail.example\r\n"
        f"Action: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; {why}\r\n"
    )
    parts = [
        _part("text/plain; charset=us-ascii", b"Your message could not be delivered."),
        f"Content-Type: message/delivery-status\r\n\r\n{status}",
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nSubject: Re:\r\n",
    ]
    head = (
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.mail.example>\r\n"
        f"To: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <bounce-{crc32(original.encode())}@mx.mail.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    )
    return f"{head}{_mixed(parts, 'report; report-type=delivery-status')}".encode()


def word(text: str, charset: str = "utf-8") -> str:
    """Return words as a header carries them."""
    if text.isascii():
        return text
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset, 'replace')).decode()}?="


def _part(kind: str, content: bytes, disposition: str = "") -> str:
    shown = f"Content-Disposition: {disposition}\r\n" if disposition else ""
    body = base64.encodebytes(content).decode().replace("\n", "\r\n")
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{shown}\r\n{body}"


def _mixed(parts: Sequence[str], kind: str = "mixed") -> str:
    inner = "".join(f"--=_border\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="=_border"\r\n\r\n{inner}--=_border--\r\n'
