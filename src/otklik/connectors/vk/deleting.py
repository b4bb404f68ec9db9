"""VK: taking a post off the wall.

Source: the API's schema, version 5.199: `wall.delete` takes a person's token only.
"""

from __future__ import annotations

from otklik.connectors.base import SendFailed
from otklik.connectors.events import Receipt
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import Wall
from otklik.connectors.vk.editing import post_name


def delete(account: Account, sent: Receipt) -> None:
    """Delete a post. Raises SendFailed, SendUnknown; what is gone already is no error."""
    owner, number = post_name(sent)
    try:
        account.call_as_person("wall.delete", {"owner_id": owner, "post_id": number}, int)
    except SendFailed as error:
        # By which words VK refuses what isn't there, the schema doesn't say: so we look.
        if not (error.permanent and is_gone(account, sent)):
            raise


def is_gone(account: Account, sent: Receipt) -> bool:
    """Return whether a post isn't on the wall any more. Raises SendFailed, SendUnknown."""
    found = account.call_as_person("wall.getById", {"posts": "_".join(post_name(sent))}, Wall).items
    return all(one.is_deleted for one in found)
