"""MAX: taking a post out of the channel."""

from __future__ import annotations

from otklik.connectors.base import SendFailed
from otklik.connectors.events import Receipt
from otklik.connectors.max.account import Account
from otklik.connectors.max.answers import Done, Messages
from otklik.connectors.max.editing import post_of
from otklik.connectors.said import said


def delete(account: Account, sent: Receipt) -> None:
    """Delete a post. Raises SendFailed, SendUnknown; what is gone already is no error."""
    post_of(sent)
    try:
        done = account.api.call("DELETE", "/messages", Done, query={"message_id": sent.external_id})
    except SendFailed as error:
        # MAX says in more than one way that something isn't there: so we look.
        if not (error.permanent and is_gone(account, sent)):
            raise
        return
    if not done.success and not is_gone(account, sent):
        raise SendFailed(said("MAX refused: %(words)s", words=(done.message or "")[:200]), permanent=True)


def is_gone(account: Account, sent: Receipt) -> bool:
    """Return whether a post isn't there any more. Raises SendFailed, SendUnknown."""
    post_of(sent)
    return not account.api.call("GET", "/messages", Messages, query={"message_ids": sent.external_id}).messages
