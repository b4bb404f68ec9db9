"""Instagram: reading where somebody named us. The webhook tells numbers; the answer is put beside them in its shape.

Source: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/mentions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from otklik.common.text import shorten, storable
from otklik.connectors.instagram.account import Account

_COMMENT = "mentioned_comment.comment_id({comment}){{id,text,timestamp,username,media{{id}}}}"
_MEDIA = "mentioned_media.media_id({media}){{id,caption,timestamp,username,permalink}}"


class Told(msgspec.Struct):
    """What Meta answers: one of the two, as it stands there."""

    mentioned_comment: dict[str, Any] | None = None
    mentioned_media: dict[str, Any] | None = None


def look_up(account: Account, number: str) -> bytes:
    """Return what stands at `media` or `media_comment`, as a webhook would tell it. Raises SendFailed, SendUnknown."""
    media, _, comment = number.partition("_")
    fields = _COMMENT.format(comment=comment) if comment else _MEDIA.format(media=media)
    told = account.graph.get(account.id, {"fields": fields}, Told)
    found = {"mentioned_comment": told.mentioned_comment} if comment else {"mentioned_media": told.mentioned_media}
    return _webhook(account, media, comment, {name: one if one is not None else {} for name, one in found.items()})


def unread(account: Account, number: str, why: str) -> bytes:
    """Return that somebody named us there, and why we can't read how."""
    media, _, comment = number.partition("_")
    return _webhook(account, media, comment, {"unread": shorten(storable(why), 200)})


def _webhook(account: Account, media: str, comment: str, found: Mapping[str, Any]) -> bytes:
    numbers = {"media_id": media, **({"comment_id": comment} if comment else {})}
    change = {"field": "mentions", "value": {**numbers, **found}}
    return msgspec.json.encode({"object": "instagram", "entry": [{"id": account.id, "changes": [change]}]})
