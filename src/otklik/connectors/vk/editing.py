"""VK: giving what was sent other words, and reading whether it has them.

Source: the API's schema, version 5.199: `wall.edit` and `wall.editComment` take a person's token only, `messages.edit`
the community's as well; a message that is too old is refused with 909 (how old that is, the schema doesn't say).
"""

from __future__ import annotations

import re

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Receipt
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import CreatedPost, History, Wall, WallComments
from otklik.connectors.vk.sending import peer_of, place_of

_POST = re.compile(r"(-?[0-9]{1,18})_([0-9]{1,18})")


def edit(account: Account, draft: Draft, sent: Receipt) -> None:
    """Change the words of a post, a comment or a message. Raises SendFailed, SendUnknown; safe to repeat."""
    if draft.kind is DraftKind.POST:
        owner, number = post_name(sent)
        post = {"owner_id": owner, "post_id": number}
        photos = {"attachments": ",".join(sent.further)} if sent.further else {}
        if draft.photos and not photos:
            raise SendFailed("VK's names of the photos aren't known: they would go. Change it by hand", permanent=True)
        account.call_as_person("wall.edit", {**post, **photos, "message": draft.text}, CreatedPost)
        return
    number = _number(sent)
    if draft.kind is DraftKind.COMMENT_REPLY:
        place = place_of(draft)
        comment = {"owner_id": str(place.owner_id), "post_id": str(place.post_id), "comment_id": number}
        account.call_as_person("wall.editComment", {**comment, "message": draft.text}, int)
    else:
        message = {"peer_id": str(peer_of(draft)), "cmid": number, "group_id": str(account.group_id)}
        # What it answers is shown as something forwarded, and would be dropped.
        account.call("messages.edit", {**message, "message": draft.text, "keep_forward_messages": "1"}, int)


def find_edit(account: Account, draft: Draft, sent: Receipt) -> bool:
    """Return whether it has these words now. Raises SendUnknown where it is gone, SendFailed."""
    found: list[str]
    if draft.kind is DraftKind.POST:
        asked = {"posts": "_".join(post_name(sent))}
        found = [one.text for one in account.call_as_person("wall.getById", asked, Wall).items]
    elif draft.kind is DraftKind.COMMENT_REPLY:
        asked = {"owner_id": str(place_of(draft).owner_id), "comment_id": _number(sent)}
        found = [one.text for one in account.call_as_person("wall.getComment", asked, WallComments).items]
    else:
        asked = {
            "peer_id": str(peer_of(draft)),
            "conversation_message_ids": _number(sent),
            "group_id": str(account.group_id),
        }
        found = [one.text for one in account.call("messages.getByConversationMessageId", asked, History).items]
    if not found:
        raise SendUnknown("VK doesn't show what was sent any more")
    return found[0] == draft.text


def post_name(sent: Receipt) -> tuple[str, str]:
    """Return whose wall a post is on, and its number there. Raises SendFailed."""
    found = _POST.fullmatch(sent.external_id)
    if found is None:
        raise SendFailed("it isn't known which post it is: somebody only told us that it is there", permanent=True)
    return found[1], found[2]


def _number(sent: Receipt) -> str:
    if not (sent.external_id.isascii() and sent.external_id.isdigit()):
        raise SendFailed("it isn't known which message it is: somebody only told us that it is there", permanent=True)
    return sent.external_id
