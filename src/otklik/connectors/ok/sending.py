"""Odnoklassniki: messages by the bot's graph, posts and comments by the signed methods."""

from __future__ import annotations

import json
import re

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, Receipt
from otklik.connectors.ok.account import Account
from otklik.connectors.ok.answers import AddedComment, SentMessage
from otklik.connectors.ok.api import Rest
from otklik.connectors.ok.parsing import page_of
from otklik.connectors.ok.payloads import is_name, named
from otklik.connectors.said import said

_CHAT = re.compile(r"(?:chat|dm):([\w.=-]{1,110})", re.ASCII)
_TOPIC = re.compile(r"topic:([0-9]{1,20})")
NO_ANSWERS = said(
    "Odnoklassniki doesn't let comments be answered from here: answer there by hand, or write to the person another way"
)


def send_message(account: Account, draft: Draft) -> Receipt:
    """Write into a conversation. Raises SendFailed, SendUnknown."""
    found = _CHAT.fullmatch(draft.target.container) or _CHAT.fullmatch(draft.target.thread_key)
    if found is None:
        raise SendFailed(said("it isn't known where to write"), permanent=True)
    chat = f"chat:{found[1]}"
    body = {"recipient": {"chat_id": chat}, "message": {"text": draft.text}}
    sent = account.graph.call("POST", f"{chat}/messages", SentMessage, body)
    if sent.success is False:
        raise SendFailed(said("Odnoklassniki refused, without saying why"), permanent=True)
    mid = named(sent.message_id or sent.mid, "mid")
    if not mid:
        raise SendUnknown(said("Odnoklassniki took it, but names no message"))
    return Receipt(mid.replace(":", "="), f"chat:{found[1]}", f"dm:{found[1]}")


def send_post(account: Account, draft: Draft) -> Receipt:
    """Publish a post in the group. Raises SendFailed, SendUnknown."""
    media = {"media": [{"type": "text", "text": draft.text}]}
    attachment = json.dumps(media, ensure_ascii=False)
    number = rest_of(account).call(
        "mediatopic.post", str, type="GROUP_THEME", gid=account.group_id, attachment=attachment
    )
    if not number.isdigit():
        raise SendUnknown(said("Odnoklassniki took it, but names no post"))
    page = page_of(account.group_id, number)
    return Receipt(number, f"group:{account.group_id}", f"topic:{number}", page, post_external_id=number)


def send_comment(account: Account, draft: Draft) -> Receipt:
    """Answer a comment, where an administrator has found that it works. Raises SendFailed, SendUnknown."""
    if not account.answers_comments:
        raise SendFailed(NO_ANSWERS, permanent=True)
    found = _TOPIC.fullmatch(draft.target.thread_key) or _TOPIC.fullmatch(draft.target.container)
    if found is None:
        raise SendFailed(said("it isn't known where to write"), permanent=True)
    params = {"discussionId": found[1], "discussionType": "GROUP_TOPIC", "comment": draft.text, "as_admin": "true"}
    answered = draft.target.reply_to_external_id
    if is_name(answered):
        params["reply_to_comment_id"] = answered
    made = rest_of(account).call("discussions.addComment", AddedComment, **params)
    number = named(made.id if made.id is not None else made.comment_id, "comment")
    if not number:
        raise SendUnknown(said("Odnoklassniki took it, but names no comment"))
    return Receipt(number, f"topic:{found[1]}", f"topic:{found[1]}", page_of(account.group_id, found[1]))


def rest_of(account: Account) -> Rest:
    """Return the signed methods. Raises SendFailed where their keys aren't set."""
    if account.rest is None:
        words = said("posts and comments need a person's access token with the application's key and secret")
        raise SendFailed(words, permanent=True)
    return account.rest
