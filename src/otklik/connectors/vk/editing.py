"""VK: giving what was sent other words, and reading whether it has them.

Source: the API's schema, version 5.199: `wall.editComment` takes a person's token only, `messages.edit` the community's
as well; a message that is too old is refused with 909 (how old that is, the schema doesn't say).
"""

from __future__ import annotations

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Receipt
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import History, WallComments
from otklik.connectors.vk.sending import peer_of, place_of


def edit(account: Account, draft: Draft, sent: Receipt) -> None:
    """Change the words of a comment or a message. Raises SendFailed, SendUnknown; safe to repeat."""
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
    number = _number(sent)
    found: list[str]
    if draft.kind is DraftKind.COMMENT_REPLY:
        asked = {"owner_id": str(place_of(draft).owner_id), "comment_id": number}
        found = [one.text for one in account.call_as_person("wall.getComment", asked, WallComments).items]
    else:
        asked = {
            "peer_id": str(peer_of(draft)),
            "conversation_message_ids": number,
            "group_id": str(account.group_id),
        }
        found = [one.text for one in account.call("messages.getByConversationMessageId", asked, History).items]
    if not found:
        raise SendUnknown("VK doesn't show what was sent any more")
    return found[0] == draft.text


def _number(sent: Receipt) -> str:
    if not (sent.external_id.isascii() and sent.external_id.isdigit()):
        raise SendFailed("it isn't known which message it is: somebody only told us that it is there", permanent=True)
    return sent.external_id
