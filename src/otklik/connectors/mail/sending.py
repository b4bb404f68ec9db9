"""Answers as letters, in the conversation that they answer.

Source: RFC 5322 (Message-ID, In-Reply-To, References), RFC 3834 (what automatic answers say of themselves), RFC 5321
(a refusal before the letter's end means that nothing was sent; silence after it means nothing at all).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from otklik.common.smtp import NotThere, open_smtp
from otklik.common.text import shorten, storable
from otklik.connectors.base import SendFailed, SendUnknown, WindowClosed
from otklik.connectors.events import Draft, Receipt
from otklik.connectors.mail.account import Account
from otklik.connectors.mail.letters import is_address
from otklik.connectors.mail.mailbox import opened
from otklik.connectors.mail.subjects import answering
from otklik.connectors.mail.threading import CONTAINER, own_id, reply_address
from otklik.connectors.said import said

TEXT_LIMIT = 20_000
_ABOUT_THE_READER = re.compile(rb"5\.(?:1\.(?:[0-69]|10)|2\.\d)(?!\d)")
"""Of the enhanced codes (RFC 3463, RFC 7505): the address isn't there, or its mailbox takes nothing. 5.1.7 and 5.1.8
are about who writes, that is us, though some servers say them when the reader is named; 5.7 may be about us."""


def send(account: Account, draft: Draft) -> Receipt:
    """Send one letter. Raises SendFailed, or SendUnknown if the server fell silent with the whole letter in hand."""
    letter = letter_of(account, draft)
    sender = "" if draft.automated else account.address
    with _session(account) as smtp:
        _announce(smtp, sender, draft.target.peer)
        _hand_over(smtp, letter)
    return receipt_of(account, draft)


def receipt_of(account: Account, draft: Draft) -> Receipt:
    """Return how a letter is known that was sent."""
    return Receipt(own_id(draft, account.domain), container=CONTAINER, thread_key=draft.target.thread_key)


def find(account: Account, draft: Draft) -> Receipt:
    """Return the receipt of a letter that lies among those sent. Raises SendUnknown if it doesn't.

    Many servers keep no copy of what comes by SMTP, so its absence proves nothing.
    """
    message_id = own_id(draft, account.domain)
    try:
        with opened(account) as mailbox:
            for folder in filter(None, (mailbox.sent_folder(), account.folder)):
                mailbox.open(folder)
                if mailbox.uids_named(message_id):
                    return receipt_of(account, draft)
    except SendFailed as error:
        raise SendUnknown(str(error)) from error
    raise SendUnknown(said("the mailbox has no copy of the letter, which proves nothing: ask the resident"))


def letter_of(account: Account, draft: Draft) -> bytes:
    """Return the letter as it goes out. Raises SendFailed where it can't be written; the network isn't asked."""
    if not draft.text.strip() and not draft.photos:
        raise SendFailed("there are no words to send", permanent=True)
    if len(draft.text) > TEXT_LIMIT:
        raise SendFailed("the text is too long for a letter", permanent=True)
    peer = draft.target.peer
    if not is_address(peer) or not peer.rpartition("@")[0].isascii():
        raise SendFailed(said("the letter had no address that can be answered"), permanent=True)
    letter = EmailMessage(policy=SMTP)
    local, _, domain = account.address.rpartition("@")
    letter["From"] = Address(account.name, local, domain)
    letter["To"] = _ascii(peer)
    letter["Subject"] = answering(storable(draft.target.subject)) or "Re:"
    letter["Date"] = formatdate(localtime=False)
    letter["Message-ID"] = f"<{own_id(draft, account.domain)}>"
    if account.tags:
        letter["Reply-To"] = reply_address(account.address, draft.target.thread_key)
    _name_answered(letter, draft.target.reply_to_external_id)
    if draft.automated:
        letter["Auto-Submitted"] = "auto-replied"
        letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(f"{draft.text.strip()}\n", charset="utf-8", cte="base64")
    for number, photo in enumerate(draft.photos, start=1):
        kind, _, subtype = photo.mime.partition("/")
        name = f"photo-{number}.{'jpg' if subtype == 'jpeg' else subtype}"
        letter.add_attachment(photo.content(), maintype=kind, subtype=subtype, filename=name)
    return letter.as_bytes()


def _name_answered(letter: EmailMessage, message_id: str) -> None:
    """Name the letter that is answered, where we know its name as it was (not only by a digest)."""
    if message_id and not message_id.startswith("sha256-") and message_id.isascii() and message_id.isprintable():
        letter["In-Reply-To"] = f"<{message_id}>"
        letter["References"] = f"<{message_id}>"


def _ascii(address: str) -> str:
    """Return an address with its domain as mail servers know it."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise SendFailed(said("the letter had no address that can be answered"), permanent=True) from error


@contextmanager
def _session(account: Account) -> Iterator[smtplib.SMTP]:
    server = account.smtp
    try:
        smtp = open_smtp(
            server.host,
            server.port,
            server.security,
            account.user,
            account.password,
            timeout_s=account.timeout_s,
            ca_bundle=account.ca_bundle,
        )
    except NotThere as error:
        raise SendFailed(str(error), permanent=True) from error
    except smtplib.SMTPAuthenticationError as error:
        raise SendFailed(
            said("the mail server doesn't let us in: check the name and the password (%(words)s)", words=_words(error)),
            permanent=True,
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error) from error
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        raise SendFailed(
            said("the mail server can't be reached: %(words)s", words=_words(error)), permanent=False
        ) from error
    try:
        yield smtp
    finally:
        smtp.close()


def _announce(smtp: smtplib.SMTP, sender: str, peer: str) -> None:
    """Say from whom and to whom, and ask to hand over; until here nothing can have been sent."""
    try:
        _expect(250, smtp.mail(sender))
        _name_the_reader(smtp, peer)
        _expect(354, smtp.docmd("DATA"))
    except smtplib.SMTPResponseException as error:
        raise _refused(error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendFailed(
            said("the mail server can't be reached: %(words)s", words=_words(error)), permanent=False
        ) from error


def _name_the_reader(smtp: smtplib.SMTP, peer: str) -> None:
    """Say to whom. Raises WindowClosed where their own server says that no letter reaches them."""
    code, words = smtp.rcpt(_ascii(peer))
    if 500 <= code < 600 and _ABOUT_THE_READER.match(words):
        told = _words(smtplib.SMTPResponseException(code, words))
        raise WindowClosed(said("no letter reaches this address: %(words)s", words=told))
    _expect(250, (code, words))


def _expect(wanted: int, reply: tuple[int, bytes]) -> None:
    code, words = reply
    if code not in {wanted, wanted + 1}:
        raise smtplib.SMTPResponseException(code, words)


def _hand_over(smtp: smtplib.SMTP, letter: bytes) -> None:
    try:
        smtp.send(_dotted(letter))
        code, words = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise SendUnknown(said("the mail server fell silent: %(words)s", words=_words(error))) from error
    if code == 250:
        return
    if 400 <= code < 600:
        raise _refused(smtplib.SMTPResponseException(code, words))
    raise SendUnknown(said("the mail server's answer can't be read"))


def _dotted(letter: bytes) -> bytes:
    """Return the letter as DATA wants it: dots at the beginning of a line doubled, a lone dot at the end."""
    body = letter.replace(b"\r\n.", b"\r\n..")
    return (b"." + body if body.startswith(b".") else body) + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _refused(error: smtplib.SMTPResponseException) -> SendFailed:
    """4xx may be tried again, 5xx may not. An answer that is none at all (-1) came before the letter."""
    code = error.smtp_code
    refusal = said("the mail server answered %(code)s: %(words)s", code=code, words=_words(error))
    return SendFailed(refusal, permanent=500 <= code < 600)


def _words(error: Exception) -> str:
    told = error.smtp_error if isinstance(error, smtplib.SMTPResponseException) else str(error)
    text = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    return shorten(storable(text), 200) or type(error).__name__


def knock(account: Account) -> None:
    """Sign in to the server of outgoing mail and leave. Raises SendFailed with what to mend."""
    with _session(account) as smtp:
        smtp.noop()
