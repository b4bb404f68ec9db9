"""Asking a mailbox what is new: by UID, and by day where the server has numbered its letters anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from otklik.connectors.events import Polled, Webhook
from otklik.connectors.mail.account import Account
from otklik.connectors.mail.lightening import lightened
from otklik.connectors.mail.mailbox import Mailbox, opened
from otklik.connectors.mail.parsing import FOLDER_HEADER, PLACE_HEADER, SIZE_HEADER

AT_ONCE = 25
BYTES_AT_ONCE = 24_000_000
LARGEST = 50_000_000
"""Larger letters are taken with their headers only: who wrote, about what and how much; the rest stays there."""
_MARGIN = timedelta(days=2)
"""IMAP searches by day, in the server's own zone."""


class Cursor(msgspec.Struct):
    """Up to where a folder was read. `came_at`: when the newest letter that we read had come."""

    validity: int = 0
    uid: int = 0
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    uids: list[int]
    cursor: Cursor


def ask(account: Account, folder: str, told: str, cursor: str, *, now: datetime) -> Polled:
    """Return the next letters of a folder, oldest first; `told` is how the connector calls it. Raises SendFailed."""
    with opened(account) as mailbox:
        if not (folder := folder or mailbox.sent_folder()):
            return Polled((), cursor)
        found = _look(account, mailbox, folder, _read(cursor), now)
        return _fetch(mailbox, found, told, now)


def _look(account: Account, mailbox: Mailbox, folder: str, known: Cursor | None, now: datetime) -> _Found:
    """Return which letters are to be read, and from where on."""
    validity, next_uid = mailbox.open(folder)
    if known is not None and known.validity == validity:
        return _Found(mailbox.uids_after(known.uid), known)
    if known is None and account.first_days == 0 and next_uid > 0:
        return _Found([], Cursor(validity, next_uid - 1, now))
    # The server has numbered anew: what came lately is read again, and known by its Message-ID.
    since = (
        now - timedelta(days=account.first_days) if known is None or known.came_at is None else known.came_at - _MARGIN
    )
    uids = mailbox.uids_since(since)
    return _Found(uids, Cursor(validity, (uids[0] if uids else max(next_uid, 1)) - 1, since))


def _fetch(mailbox: Mailbox, found: _Found, told: str, now: datetime) -> Polled:
    uids = found.uids[:AT_ONCE]
    facts = mailbox.facts(uids)
    hooks: list[Webhook] = []
    validity, done, came_at, taken = found.cursor.validity, found.cursor.uid, found.cursor.came_at, 0
    for uid in uids:
        size, arrived = facts.get(uid, (0, now))
        if taken and taken + size > BYTES_AT_ONCE:
            break
        headers = {PLACE_HEADER: f"{validity}:{uid}", FOLDER_HEADER: told}
        if size > LARGEST:
            raw, headers[SIZE_HEADER] = mailbox.head(uid), str(size)
        else:
            raw = mailbox.letter(uid) if uid in facts else None
        if raw is not None:
            hooks.append(Webhook(headers, lightened(raw), min(arrived, now)))
        taken += min(size, LARGEST)
        done, came_at = uid, max(came_at or arrived, min(arrived, now))
    more = bool(found.uids) and done < found.uids[-1]
    return Polled(tuple(hooks), _written(Cursor(validity, done, came_at)), more=more)


def _read(cursor: str) -> Cursor | None:
    if not cursor:
        return None
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except msgspec.MsgspecError:
        return None


def _written(cursor: Cursor) -> str:
    at = cursor.came_at.astimezone(UTC) if cursor.came_at is not None else None
    return msgspec.json.encode(Cursor(cursor.validity, cursor.uid, at)).decode()
