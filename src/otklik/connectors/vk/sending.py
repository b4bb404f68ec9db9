"""VK: publishing, and reading back what was published.

VK drops a repeat by our own key: `guid` of a comment or post, `random_id` of a message. Its reference names no time for
which a `guid` is remembered, and about an hour for a `random_id`; so an older doubt is settled by reading.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, Receipt
from otklik.connectors.vk import photos
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import CreatedComment, CreatedPost, History, SentMessage, Wall, WallComments
from otklik.connectors.vk.api import REFUSALS, refusal_of
from otklik.connectors.vk.comments import parent_of

HISTORY_PAGE = 200
HISTORY_PAGES = 5
COMMENTS_PAGE = 100
COMMENTS_PAGES = 10

_WALL = re.compile(r"^wall(-?\d+)_(\d+)$")
_PEER = re.compile(r"^(?:dm:)?(-?\d+)$")
_NEEDS_USER_TOKEN = 27


@dataclass(frozen=True, slots=True)
class Place:
    """A post under which we answer."""

    owner_id: int
    post_id: int

    @property
    def name(self) -> str:
        """VK's address of it, which is also our container and thread."""
        return f"wall{self.owner_id}_{self.post_id}"

    def receipt(self, comment_id: int) -> Receipt:
        """Return the receipt of a comment under it."""
        link = f"https://vk.com/{self.name}?reply={comment_id}"
        return Receipt(str(comment_id), container=self.name, thread_key=self.name, permalink=link)


def random_id_of(idempotency_key: str) -> int:
    """Return the number by which VK knows a repeated message: signed 32 bits, never 0, the same for the same key."""
    digest = hashlib.sha256(idempotency_key.encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True) or 1


def place_of(draft: Draft) -> Place:
    """Return the post that a reply belongs under. Raises SendFailed where a community can't answer by the API."""
    target = draft.target
    for name in (target.thread_key, target.container, f"wall{target.post_external_id}"):
        found = _WALL.match(name)
        if found:
            return Place(int(found[1]), int(found[2]))
    raise SendFailed("VK lets a community answer only under posts: answer this one by hand", permanent=True)


def peer_of(draft: Draft) -> int:
    """Return whom a message goes to: the conversation it answers, else the person. Raises SendFailed."""
    target = draft.target
    in_thread = target.thread_key if target.thread_key.startswith("dm:") else ""
    found = _PEER.match(in_thread or target.peer)
    if not found:
        raise SendFailed("it isn't known whom to write to", permanent=True)
    return int(found[1])


def send_comment(account: Account, draft: Draft) -> Receipt:
    """Publish a comment as the community, under the one it answers. Raises SendFailed, SendUnknown."""
    place = place_of(draft)
    params = {
        "owner_id": str(place.owner_id),
        "post_id": str(place.post_id),
        "from_group": str(account.group_id),
        "message": draft.text,
        "guid": draft.idempotency_key,
    }
    if draft.photos:
        params["attachments"] = photos.for_wall(account, draft.photos)
    if parent := _comment_answered(draft):
        params["reply_to_comment"] = parent
    return place.receipt(account.call("wall.createComment", params, CreatedComment).comment_id)


def send_message(account: Account, draft: Draft) -> Receipt:
    """Write to a person as the community. Raises SendFailed, SendUnknown.

    `peer_ids` with one person, because only then VK tells the number in the conversation, by which callbacks name it.
    """
    peer = peer_of(draft)
    params = {
        "peer_ids": str(peer),
        "random_id": str(random_id_of(draft.idempotency_key)),
        "message": draft.text,
        "group_id": str(account.group_id),
        "dont_parse_links": "0",
    }
    if draft.photos:
        params["attachment"] = photos.for_message(account, peer, draft.photos)
    answered = draft.target.reply_to_external_id
    if draft.target.thread_key.startswith("dm:") and answered.isascii() and answered.isdigit():
        reply = {"peer_id": peer, "conversation_message_ids": [int(answered)], "is_reply": True}
        params["forward"] = json.dumps(reply)
    sent = account.call("messages.send", params, list[SentMessage])
    if len(sent) != 1:
        raise SendUnknown("VK didn't say what became of the message")
    if sent[0].error is not None:
        raise refusal_of(sent[0].error.as_error(), account.token)
    return _message_receipt(peer, sent[0].conversation_message_id)


def send_post(account: Account, draft: Draft) -> Receipt:
    """Publish a post on the community's wall in its name. Raises SendFailed (also without a person's token)."""
    if not account.user_token:
        raise SendFailed(REFUSALS[_NEEDS_USER_TOKEN].reason, permanent=True)
    params = {
        "owner_id": str(account.owner_id),
        "from_group": "1",
        "message": draft.text,
        "guid": draft.idempotency_key,
    }
    names = photos.for_wall(account, draft.photos) if draft.photos else ""
    if names:
        params["attachments"] = names
    made = account.call_as_person("wall.post", params, CreatedPost)
    return _post_receipt(account, made.post_id, tuple(filter(None, names.split(","))))


def find_comment(account: Account, draft: Draft) -> Receipt | None:
    """Return our comment with exactly these words under the same one, or None. Needs a person's token to read."""
    place = place_of(draft)
    if not account.user_token:
        raise SendUnknown("VK lets only a person's token read comments")
    if not draft.text:
        raise SendUnknown("a comment of photos alone can't be told from another")
    parent = _comment_answered(draft)
    params = {
        "owner_id": str(place.owner_id),
        "post_id": str(place.post_id),
        "sort": "desc",
        "preview_length": "0",
        "count": str(COMMENTS_PAGE),
    }
    if parent:
        params["comment_id"] = _top_of_thread(account, place, parent)
    for page in range(COMMENTS_PAGES):
        params["offset"] = str(page * COMMENTS_PAGE)
        comments = account.call_as_person("wall.getComments", params, WallComments)
        for comment in comments.items:
            ours = comment.from_id == account.owner_id and comment.text == draft.text
            if ours and parent_of(comment.reply_to_comment, comment.parents_stack) == parent:
                return place.receipt(comment.id)
        if len(comments.items) < COMMENTS_PAGE:
            return None
    raise SendUnknown("there are too many comments to read them all")


def find_message(account: Account, draft: Draft) -> Receipt | None:
    """Return our message by its `random_id`, which VK keeps in the history, or None: certainly not there."""
    peer, wanted = peer_of(draft), random_id_of(draft.idempotency_key)
    params = {"peer_id": str(peer), "count": str(HISTORY_PAGE), "group_id": str(account.group_id)}
    for page in range(HISTORY_PAGES):
        params["offset"] = str(page * HISTORY_PAGE)
        history = account.call("messages.getHistory", params, History)
        for message in history.items:
            if message.from_id == account.owner_id and message.random_id == wanted:
                return _message_receipt(peer, message.conversation_message_id)
        if len(history.items) < HISTORY_PAGE:
            return None
    raise SendUnknown("the conversation is too long to read all of it")


def find_post(account: Account, draft: Draft) -> Receipt | None:
    """Return the newest of the last hundred posts with exactly these words, or None.

    Two posts of the same words can't be told apart. Raises SendUnknown without a person's token.
    """
    if not account.user_token:
        raise SendUnknown("VK lets only a person's token read posts")
    params = {"owner_id": str(account.owner_id), "filter": "owner", "count": "100"}
    wall = account.call_as_person("wall.get", params, Wall)
    same = (post.id for post in wall.items if post.from_id == account.owner_id and post.text == draft.text)
    newest = max(same, default=None)
    return None if newest is None else _post_receipt(account, newest)


def _comment_answered(draft: Draft) -> str:
    """A comment's id is digits; a post of a resident, answered under itself, is named `owner_id`."""
    answered = draft.target.reply_to_external_id
    return answered if answered.isascii() and answered.isdigit() else ""


def _top_of_thread(account: Account, place: Place, comment_id: str) -> str:
    """VK keeps two levels: an answer to an answer lies in the thread of the top comment."""
    params = {"owner_id": str(place.owner_id), "comment_id": comment_id}
    found = account.call_as_person("wall.getComment", params, WallComments).items
    if not found:
        raise SendUnknown("the comment that was answered is gone")
    return str((found[0].parents_stack or [found[0].id])[0])


def _message_receipt(peer: int, number: int) -> Receipt:
    if not number:
        raise SendUnknown("VK gave the message no number")
    return Receipt(str(number), container=f"dm:{peer}", thread_key=f"dm:{peer}")


def _post_receipt(account: Account, post_id: int, photos_there: tuple[str, ...] = ()) -> Receipt:
    """The photos' names are kept: VK drops what a change of the words doesn't name again."""
    name = f"{account.owner_id}_{post_id}"
    link = f"https://vk.com/wall{name}"
    return Receipt(
        name,
        container=f"wall{account.owner_id}",
        thread_key=f"wall{name}",
        permalink=link,
        post_external_id=name,
        further=photos_there,
    )
