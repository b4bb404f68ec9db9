"""MAX: giving what was sent other words.

MAX sets no limit of time for messages and posts that we know of, and 26 hours for comments (422 afterwards).
"""

from __future__ import annotations

from otklik.connectors.base import SendFailed
from otklik.connectors.events import Draft, DraftKind, Receipt
from otklik.connectors.max.account import Account
from otklik.connectors.max.answers import Done
from otklik.connectors.max.payloads import is_mid
from otklik.connectors.said import said


def edit(account: Account, draft: Draft, sent: Receipt) -> None:
    """Change the words of a message, a comment or a post. Raises SendFailed, SendUnknown; safe to repeat."""
    post = post_of(sent)
    if post and draft.kind is not DraftKind.POST:
        path, query = f"/messages/{post}/comments", {"comment_id": sent.external_id}
    else:
        path, query = "/messages", {"message_id": sent.external_id}
    done = account.api.call("PUT", path, Done, query=query, body={"text": draft.text})
    if not done.success:
        raise SendFailed(said("MAX refused: %(words)s", words=(done.message or "")[:200]), permanent=True)


def post_of(sent: Receipt) -> str:
    """Return the post under which a comment of ours stands, or nothing. Raises SendFailed where the id isn't MAX's."""
    if not is_mid(sent.external_id) or sent.external_id.startswith("seen-"):
        words = said("it isn't known which message it is: somebody only told us that it is there")
        raise SendFailed(words, permanent=True)
    post = sent.container.removeprefix("post:")
    return post if post != sent.container and is_mid(post) else ""
