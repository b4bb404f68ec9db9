"""MAX: reading whether something was sent, and which words it has now."""

from __future__ import annotations

from datetime import timedelta

from otklik.connectors.base import SendUnknown
from otklik.connectors.events import Draft, DraftKind, Receipt
from otklik.connectors.max.account import Account
from otklik.connectors.max.answers import Comments, Me, Messages
from otklik.connectors.max.editing import post_of
from otklik.connectors.max.payloads import Message, is_mid
from otklik.connectors.max.sending import Place, answered_by, place_of, receipt_of
from otklik.connectors.said import said

PAGE = 100
PAGES = 20
CLOCKS_DIFFER = timedelta(minutes=5)


def find_sent(account: Account, draft: Draft) -> Receipt | None:
    """Return our newest message with exactly these words in answer to the same one, or None: certainly not there.

    MAX keeps no key of ours, so two messages of the same words to the same one can't be told apart. Raises SendFailed,
    SendUnknown where it can't be told.
    """
    place = place_of(account, draft)
    if not draft.text:
        raise SendUnknown(said("a message of photos alone can't be told from another"))
    if not place.post and not place.chat_id:
        raise SendUnknown(said("the conversation to read isn't known"))
    own = account.api.call("GET", "/me", Me).user_id
    messages = _comments(account, place.post, draft) if place.post else _messages(account, place, draft, own)
    found = next((one for one in messages if _is_it(one, draft, own)), None)
    return None if found is None else receipt_of(account, draft, place, found)


def _messages(account: Account, place: Place, draft: Draft, own: int) -> list[Message]:
    """Return messages of a chat, newest first, as far as needed."""
    query = {**place.query, "count": str(PAGE)}
    for _ in range(PAGES):
        page = account.api.call("GET", "/messages", Messages, query=query).messages
        if len(page) < PAGE or any(_is_it(one, draft, own) for one in page):
            return page
        query["to"] = str(min((one.timestamp or 0) for one in page))
    raise SendUnknown(said("the conversation is too long to read all of it"))


def _comments(account: Account, post: str, draft: Draft) -> list[Message]:
    """Return the comments of a post, newest first, back to when the draft was queued.

    MAX's text doesn't say whether `before` counts the instant itself: we ask from a millisecond later, and know again
    what we have. Raises SendUnknown where a page brings nothing new before the end.
    """
    since_ms = (draft.queued_at - CLOCKS_DIFFER).timestamp() * 1000 if draft.queued_at is not None else 0
    found: dict[str, Message] = {}
    query = {"count": str(PAGE)}
    for _ in range(PAGES):
        page = account.api.call("GET", f"/messages/{post}/comments", Comments, query=query).all
        named = {one.body.mid: one for one in page if one.body is not None and one.body.mid}
        fresh = {mid: one for mid, one in named.items() if mid not in found}
        found |= fresh
        oldest_ms = min((one.timestamp or 0 for one in page), default=0)
        if len(page) < PAGE or oldest_ms < since_ms:
            return sorted(found.values(), key=lambda one: one.timestamp or 0, reverse=True)
        if not fresh:
            break
        query["before"] = str(oldest_ms + 1)
    raise SendUnknown(said("there are too many comments to read them all"))


def _is_it(message: Message, draft: Draft, own: int) -> bool:
    """The sender of a comment, and of a post, may be hidden: then the words and what they answer decide."""
    sender = message.sender.user_id if message.sender is not None else None
    if message.body is None or message.body.text != draft.text or sender not in (None, own):
        return False
    link = message.link
    answered = link.message.mid if link is not None and link.type == "reply" and link.message is not None else ""
    wanted = answered_by(draft)
    return (answered or "") == (wanted if is_mid(wanted) else "")


def find_edit(account: Account, draft: Draft, sent: Receipt) -> bool:
    """Return whether it has these words now. Raises SendFailed, SendUnknown where it is gone."""
    post = post_of(sent)
    if post and draft.kind is not DraftKind.POST:
        query = {"comment_ids": sent.external_id, "count": str(PAGE)}
        page = account.api.call("GET", f"/messages/{post}/comments", Comments, query=query).all
        found = [one for one in page if one.body and one.body.mid == sent.external_id]
    else:
        query = {"message_ids": sent.external_id}
        found = account.api.call("GET", "/messages", Messages, query=query).messages
    if not found or found[0].body is None:
        raise SendUnknown(said("MAX doesn't show what was sent any more"))
    return found[0].body.text == draft.text
