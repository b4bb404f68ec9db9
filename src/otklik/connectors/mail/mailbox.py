"""Reading a mailbox by IMAP: nothing in it is ever changed, not even marked as read.

Source: RFC 9051 (UIDVALIDITY, UID, BODY.PEEK), RFC 6154 (the folder of sent letters). IMAPClient speaks the protocol;
the address is resolved and checked by us before it connects.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import imapclient
from imapclient.exceptions import IMAPClientError, LoginError

from otklik.common.smtp import NotThere, address_of
from otklik.common.ssrf import trusting
from otklik.common.text import shorten, storable
from otklik.connectors.base import SendFailed
from otklik.connectors.mail.account import Account
from otklik.connectors.said import said

T = TypeVar("T")
_SENT_FLAG = imapclient.imapclient.SENT


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # the library has no types
    """Connects to the address that was checked; the certificate is checked by the name that was asked for."""

    def __init__(self, account: Account) -> None:
        self._address = address_of(account.imap.host, account.imap.port)
        self._account = account
        super().__init__(
            account.imap.host,
            account.imap.port,
            ssl=account.imap.security == "tls",
            ssl_context=trusting(account.ca_bundle),
            timeout=account.timeout_s,
        )
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name
        return _Connection(self._address, self._account)


class _Connection(imaplib.IMAP4):
    def __init__(self, address: str, account: Account) -> None:
        self._address, self._account = address, account
        super().__init__(account.imap.host, account.imap.port, timeout=account.timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._address, self._account.imap.port), timeout)
        if self._account.imap.security != "tls":
            return plain
        return trusting(self._account.ca_bundle).wrap_socket(plain, server_hostname=self._account.imap.host)


class Mailbox:
    """An open mailbox."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def open(self, folder: str) -> tuple[int, int]:
        """Open a folder to read; returns its UIDVALIDITY and the uid that the next letter will have."""
        told = self._client.select_folder(folder, readonly=True)
        return int(told[b"UIDVALIDITY"]), int(told.get(b"UIDNEXT", 0))

    def sent_folder(self) -> str:
        """Return the folder of sent letters; "" if the mailbox has none."""
        return str(self._client.find_special_folder(_SENT_FLAG) or "")

    def uids_after(self, uid: int) -> list[int]:
        """Return the uids of letters behind this one, oldest first."""
        # "n:*" names the last letter even if its uid is smaller than n.
        found = self._client.search(["UID", f"{uid + 1}:*"])
        return sorted(one for one in found if one > uid)

    def uids_since(self, day: datetime) -> list[int]:
        """Return the uids of letters that came on this day or later, oldest first."""
        return sorted(self._client.search(["SINCE", day.date()]))

    def uids_named(self, message_id: str) -> list[int]:
        """Return the uids of letters with this Message-ID."""
        return sorted(self._client.search(["HEADER", "Message-ID", f"<{message_id}>"]))

    def facts(self, uids: list[int]) -> dict[int, tuple[int, datetime]]:
        """Return each letter's size in bytes, and when it came; a letter that is gone by now is missing."""
        rows = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"]) if uids else {}
        return {
            uid: (int(row[b"RFC822.SIZE"]), row[b"INTERNALDATE"].astimezone(UTC))
            for uid, row in rows.items()
            if b"RFC822.SIZE" in row and b"INTERNALDATE" in row
        }

    def letter(self, uid: int) -> bytes | None:
        """Return one letter as it is; None if it is gone by now."""
        return self._fetched(uid, "")

    def head(self, uid: int) -> bytes | None:
        """Return one letter's header alone; None if it is gone by now."""
        return self._fetched(uid, "HEADER")

    def _fetched(self, uid: int, section: str) -> bytes | None:
        row = self._client.fetch([uid], [f"BODY.PEEK[{section}]"]).get(uid, {})
        found = row.get(f"BODY[{section}]".encode())
        return bytes(found) if found is not None else None


@contextmanager
def opened(account: Account) -> Iterator[Mailbox]:
    """Sign in for as long as the block; raises SendFailed (permanent: people must mend something), also for what goes
    wrong inside."""
    with _failures():
        client = _Client(account)
        try:
            if account.imap.security == "starttls":
                client.starttls(trusting(account.ca_bundle))
            client.login(account.user, account.password)
            yield Mailbox(client)
            client.logout()
        finally:
            _hang_up(client)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except NotThere as error:
        raise SendFailed(str(error), permanent=True) from error
    except LoginError as error:
        raise SendFailed(
            said("the mailbox doesn't let us in: check the name and the password (%(words)s)", words=_first(error)),
            permanent=True,
        ) from error
    except ssl.SSLError as error:
        raise SendFailed(
            said("the connection isn't safe: check the port and the security (%(words)s)", words=_first(error)),
            permanent=False,
        ) from error
    except (IMAPClientError, OSError, ValueError, KeyError, TypeError, IndexError, AssertionError) as error:
        # What isn't IMAP makes the library stumble in many ways; reading harms nobody, so it may be tried again.
        raise SendFailed(
            said("the mailbox can't be read now: %(words)s", words=_first(error)), permanent=False
        ) from error


def _hang_up(client: _Client) -> None:
    try:
        client.shutdown()
    except (IMAPClientError, OSError):
        return


def _first(error: Exception) -> str:
    words = storable(str(error)).strip().strip("b'\"")
    return shorten(words, 200) or type(error).__name__


Reading = Callable[[Mailbox], T]


def read(account: Account, reading: Reading[T]) -> T:
    """Return what a function reads in an open mailbox. Raises SendFailed."""
    with opened(account) as mailbox:
        return reading(mailbox)
