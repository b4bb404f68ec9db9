"""Files of letters: fetched from the mailbox, where the letter lies or was moved to within its folder."""

from __future__ import annotations

from otklik.connectors.base import Malformed, SendFailed
from otklik.connectors.events import Fetched
from otklik.connectors.mail.account import Account
from otklik.connectors.mail.letters import parse_letter
from otklik.connectors.mail.mailbox import Mailbox, opened
from otklik.connectors.mail.threading import id_of


def fetch(account: Account, source_ref: str, *, most: int) -> Fetched:
    """Return a file by the reference that parsing made. Raises SendFailed."""
    place, _, rest = source_ref.partition("|")
    number, _, message_id = rest.partition("|")
    if not number.isdigit():
        raise SendFailed("the letter doesn't say where its file is", permanent=True)
    with opened(account) as mailbox:
        raw = _letter(mailbox, account.folder, place, message_id)
    return _file(raw, int(number), most)


def _letter(mailbox: Mailbox, folder: str, place: str, message_id: str) -> bytes:
    """Return the letter by its uid while that holds; else by its name."""
    validity, _ = mailbox.open(folder)
    known, _, uid = place.partition(":")
    uids = [int(uid)] if known == str(validity) and uid.isdigit() else []
    if not message_id.startswith("sha256-"):
        uids += mailbox.uids_named(message_id)
    for one in uids:
        raw = mailbox.letter(one)
        if raw is not None and _is(raw, message_id):
            return raw
    raise SendFailed("the letter is no longer in its folder", permanent=True)


def _is(raw: bytes, message_id: str) -> bool:
    try:
        return id_of(parse_letter(raw), raw) == message_id
    except Malformed:
        return False


def _file(raw: bytes, number: int, most: int) -> Fetched:
    leaves = parse_letter(raw).leaves()
    if number >= len(leaves):
        raise SendFailed("the letter has no such file", permanent=True)
    try:
        content = leaves[number].content()
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SendFailed("the letter within the letter can't be read", permanent=True) from error
    if len(content) > most:
        raise SendFailed(f"the file is larger than {most // 1_000_000} MB", permanent=True)
    return Fetched(content, leaves[number].filename)
