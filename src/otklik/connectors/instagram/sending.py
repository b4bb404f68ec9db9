"""Instagram: publishing answers, and reading back what was published.

Meta drops no repeat by a key of ours, so a doubt is settled by reading: the same words under the same comment or in the
same conversation, written by us since they were queued.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from otklik.connectors.base import SendFailed, SendUnknown, WindowClosed
from otklik.connectors.events import Draft, Receipt
from otklik.connectors.instagram.account import Account, Login
from otklik.connectors.instagram.answers import (
    Conversations,
    Made,
    Sent,
    SentMessage,
    SentPage,
    Written,
    WrittenPage,
)
from otklik.connectors.instagram.comments import COMMENTS, MENTIONS
from otklik.connectors.instagram.payloads import Stamp
from otklik.connectors.instagram.reading import instant_of, number_of
from otklik.connectors.said import said

PAGE = 50
PAGES = 10
NEWEST_MESSAGES = 20
"""Meta tells the words of no older ones."""

CLOCKS_APART = timedelta(minutes=2)

_NUMBER = re.compile(r"[0-9]{1,40}")
_THREAD = re.compile(r"media:([0-9]{1,40})")
_PEER = re.compile(r"(?:dm:)?([0-9]{1,40})")


def send_comment(account: Account, draft: Draft) -> Receipt:
    """Answer a comment (it lands under the top one) or a mention, or write under a post.

    Raises SendFailed, SendUnknown.
    """
    answered = draft.target.reply_to_external_id
    if draft.target.container == MENTIONS:
        return _answer_mention(account, draft)
    if not answered:
        made = account.graph.post(f"{_post(draft)}/comments", {"message": draft.text}, Made)
    else:
        made = account.graph.post(f"{_comment(answered)}/replies", {"message": draft.text}, Made)
    return _comment_receipt(draft, number_of(made.id))


def send_message(account: Account, draft: Draft) -> Receipt:
    """Write to a person who wrote within the day; a person's own answer within seven, where Meta allowed it.

    Raises WindowClosed, SendFailed, SendUnknown.
    """
    peer = _peer(draft)
    body: dict[str, object] = {"recipient": {"id": peer}, "message": {"text": draft.text}}
    sender = account.id if account.login is Login.INSTAGRAM else "me"
    try:
        sent = account.graph.post_json(f"{sender}/messages", body, SentMessage)
    except WindowClosed:
        if not account.human_agent or draft.automated:
            raise
        sent = account.graph.post_json(
            f"{sender}/messages", body | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, SentMessage
        )
    return _message_receipt(peer, sent.message_id)


def send_private_reply(account: Account, draft: Draft) -> Receipt:
    """Write to the author of a comment, once within seven days of it. Raises SendFailed, SendUnknown."""
    body = {
        "recipient": {"comment_id": _comment(draft.target.to_author_of)},
        "message": {"text": draft.text},
    }
    sender = account.id if account.login is Login.INSTAGRAM else "me"
    sent = account.graph.post_json(f"{sender}/messages", body, SentMessage)
    return _message_receipt(number_of(sent.recipient_id) or _peer(draft), sent.message_id)


def find_comment(account: Account, draft: Draft) -> Receipt | None:
    """Return our comment with exactly these words under the same one, or None: certainly not there.

    Raises SendFailed, SendUnknown where there are too many to read.
    """
    if draft.target.container == MENTIONS:
        raise SendUnknown(said("Instagram doesn't let answers to a mention be read"))
    answered = draft.target.reply_to_external_id
    if answered:
        comment = account.graph.get(_comment(answered), {"fields": "id,parent_id"}, Written)
        path = f"{_comment(number_of(comment.parent_id) or answered)}/replies"
    else:
        path = f"{_post(draft)}/comments"
    params = {"fields": "id,text,timestamp,from", "limit": str(PAGE)}
    for _ in range(PAGES):
        page = account.graph.get(path, params, WrittenPage)
        for written in page.data:
            by = number_of(written.sender.id) if written.sender is not None else ""
            ours = by == account.id and written.text == draft.text
            if ours and not is_older(written.timestamp, draft.queued_at):
                return _comment_receipt(draft, number_of(written.id))
        if page.paging is None or not page.paging.next or page.paging.cursors is None:
            return None
        params["after"] = page.paging.cursors.after
    raise SendUnknown(said("there are too many comments to read them all"))


def find_message(account: Account, draft: Draft) -> Receipt | None:
    """Return our message with exactly these words to the same person, or None: certainly not there."""
    peer = _peer(draft)
    sender = account.id if account.login is Login.INSTAGRAM else "me"
    asked = {"platform": "instagram", "user_id": peer}
    conversations = account.graph.get(f"{sender}/conversations", asked, Conversations).data
    if not conversations:
        return None
    fields = {"fields": f"messages.limit({NEWEST_MESSAGES}){{id,message,created_time,from}}"}
    page = account.graph.get(_conversation(conversations[0].id), fields, SentPage)
    said_there = page.messages.data if page.messages is not None else []
    for sent in said_there:
        if _is_ours(account, sent) and sent.message == draft.text and not is_older(sent.created_time, draft.queued_at):
            return _message_receipt(peer, sent.id)
    reaches_back = any(is_older(sent.created_time, draft.queued_at) for sent in said_there)
    if len(said_there) < NEWEST_MESSAGES or reaches_back:
        return None
    raise SendUnknown(said("the conversation is too long to read all of it"))


def _answer_mention(account: Account, draft: Draft) -> Receipt:
    media, _, comment = draft.target.reply_to_external_id.partition("_")
    params = {"media_id": _comment(media), "message": draft.text}
    if comment:
        params["comment_id"] = _comment(comment)
    made = account.graph.post(f"{account.id}/mentions", params, Made)
    return Receipt(number_of(made.id), container=COMMENTS, thread_key=draft.target.thread_key)


def _is_ours(account: Account, sent: Sent) -> bool:
    return sent.sender is not None and number_of(sent.sender.id) == account.id


def is_older(stamp: Stamp | None, queued_at: datetime | None) -> bool:
    """Return whether something was written before what we look for was queued, clocks apart allowed for."""
    instant = instant_of(stamp) if stamp is not None else None
    return instant is not None and queued_at is not None and instant < queued_at - CLOCKS_APART


def _post(draft: Draft) -> str:
    found = _THREAD.fullmatch(draft.target.thread_key) or _NUMBER.fullmatch(draft.target.post_external_id)
    if found is None:
        raise SendFailed(said("it isn't known which post to write under"), permanent=True)
    return found[found.lastindex or 0]


def _comment(number: str) -> str:
    """Return a number of Meta's as a part of an address. Raises SendFailed: what isn't digits is no number."""
    if not _NUMBER.fullmatch(number):
        raise SendFailed(said("it isn't known which comment to answer"), permanent=True)
    return number


def _conversation(told: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_=:.-]{1,300}", told):
        raise SendUnknown(said("Instagram's answer can't be read"))
    return told


def _peer(draft: Draft) -> str:
    in_thread = draft.target.thread_key if draft.target.thread_key.startswith("dm:") else ""
    found = _PEER.fullmatch(in_thread or draft.target.peer)
    if found is None:
        raise SendFailed(said("it isn't known whom to write to"), permanent=True)
    return found[1]


def _comment_receipt(draft: Draft, number: str) -> Receipt:
    if not number:
        raise SendUnknown(said("Instagram gave the comment no number"))
    return Receipt(number, container=COMMENTS, thread_key=draft.target.thread_key)


def _message_receipt(peer: str, mid: str) -> Receipt:
    number = number_of(mid)
    if not number:
        raise SendUnknown(said("Instagram gave the message no number"))
    return Receipt(number, container=f"dm:{peer}", thread_key=f"dm:{peer}")
