"""MAX: publishing messages, comments and posts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Receipt
from otklik.connectors.max.account import Account
from otklik.connectors.max.answers import Published
from otklik.connectors.max.api import Broke, NotReady
from otklik.connectors.max.payloads import Message, is_mid
from otklik.connectors.max.photos import upload
from otklik.connectors.said import said

_CHAT = re.compile(r"(?:chat|dm):(-?[0-9]{1,18})")
_PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Between the tries to send a file that MAX hasn't taken in yet; then the row waits for its next turn."""
_NEXT_TURN_S = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft goes: under a post, into a chat, or to a person whose chat isn't known."""

    post: str = ""
    chat_id: str = ""
    user_id: str = ""

    @property
    def path(self) -> str:
        """The method's address."""
        return f"/messages/{self.post}/comments" if self.post else "/messages"

    @property
    def query(self) -> dict[str, str]:
        """Whom it is for, where the address doesn't say."""
        if self.post:
            return {}
        return {"chat_id": self.chat_id} if self.chat_id else {"user_id": self.user_id}


def place_of(account: Account, draft: Draft) -> Place:
    """Return where a draft goes. Raises SendFailed where that isn't known."""
    target = draft.target
    if draft.kind is DraftKind.POST:
        if not account.channel_id:
            raise SendFailed(
                said("the channel to publish in isn't set: save its number in the settings"), permanent=True
            )
        return Place(chat_id=str(account.channel_id))
    for name in (target.thread_key, target.container):
        post = name.removeprefix("post:")
        if post != name and is_mid(post) and draft.kind is DraftKind.COMMENT_REPLY:
            return Place(post=post)
    for name in (target.container, target.thread_key):
        if found := _CHAT.match(name):
            return Place(chat_id=found[1])
    if re.fullmatch(r"[0-9]{1,18}", target.peer) and draft.kind is DraftKind.DIRECT_MESSAGE:
        return Place(user_id=target.peer)
    raise SendFailed(said("it isn't known where to write"), permanent=True)


def send(account: Account, draft: Draft) -> Receipt:
    """Publish one part. Raises SendFailed, SendUnknown, OSError."""
    place = place_of(account, draft)
    body: dict[str, object] = {"text": draft.text or None}
    if draft.photos:
        tokens = [upload(account.api, photo) for photo in draft.photos]
        body["attachments"] = [{"type": "image", "payload": {"token": token}} for token in tokens]
    if is_mid(answered_by(draft)):
        body["link"] = {"type": "reply", "mid": answered_by(draft)}
    try:
        made = _published(account, place, body).message
    except Broke as error:
        if place.post and error.status == httpx.codes.INTERNAL_SERVER_ERROR:
            words = said("MAX answered 500: it does so also where comments are switched off in the channel")
            raise SendUnknown(words) from error
        raise
    return receipt_of(account, draft, place, made)


def _published(account: Account, place: Place, body: dict[str, object]) -> Published:
    for pause_s in _PAUSES_S:
        try:
            return account.api.call("POST", place.path, Published, query=place.query, body=body)
        except NotReady:
            account.pause(pause_s)
    try:
        return account.api.call("POST", place.path, Published, query=place.query, body=body)
    except NotReady as error:
        raise SendFailed(str(error), permanent=False, retry_after_s=_NEXT_TURN_S) from error


def answered_by(draft: Draft) -> str:
    """Return the message that a draft answers, in MAX's id, or nothing."""
    return "" if draft.kind is DraftKind.POST else draft.target.reply_to_external_id


def receipt_of(account: Account, draft: Draft, place: Place, made: Message) -> Receipt:
    """Return the proof, in the terms of events. Raises SendUnknown where MAX names no message."""
    mid = made.body.mid if made.body is not None else None
    if mid is None or not is_mid(mid):
        raise SendUnknown(said("MAX took it, but names no message"))
    page = made.url if made.url and made.url.startswith("https://") else ""
    if draft.kind is DraftKind.POST:
        return Receipt(mid, f"chat:{account.channel_id}", f"post:{mid}", page, post_external_id=mid)
    if place.post:
        return Receipt(mid, f"post:{place.post}", f"post:{place.post}", page)
    chat_id = place.chat_id or made.recipient.chat_id
    return Receipt(mid, f"chat:{chat_id}", draft.target.thread_key or f"dm:{chat_id}", page)
