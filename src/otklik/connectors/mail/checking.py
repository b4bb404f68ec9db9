"""Looking at a mailbox as it is now: both servers, the folder, and the folder of sent letters."""

from __future__ import annotations

from collections.abc import Callable

from otklik.connectors.base import Finding, SendFailed
from otklik.connectors.mail.account import Account
from otklik.connectors.mail.mailbox import opened
from otklik.connectors.mail.sending import knock
from otklik.connectors.said import said, words_of


def findings(account: Account) -> list[Finding]:
    """Return what was looked at; never raises."""
    return [
        _finding(said("incoming mail"), lambda: _reads(account)),
        _finding(said("outgoing mail"), lambda: knock(account)),
    ]


def _finding(what: str, look: Callable[[], None]) -> Finding:
    try:
        look()
    except SendFailed as error:
        return Finding(what, ok=False, advice=words_of(error))
    return Finding(what, ok=True)


def _reads(account: Account) -> None:
    with opened(account) as mailbox:
        mailbox.open(account.folder)
