"""Instagram's webhooks as bytes. Pure: the same arguments give the same bytes, so a replay repeats itself exactly.

Source: https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Json = dict[str, Any]


def signature(app_secret: str, body: bytes) -> dict[str, str]:
    """Return the header that proves a body to be Meta's."""
    digest = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}


def encode(entries: Sequence[Mapping[str, Any]]) -> bytes:
    """Return one request: a batch of entries."""
    return msgspec.json.encode({"object": "instagram", "entry": list(entries)})


def change_entry(account_id: str, sent_at: float, field: str, value: Mapping[str, Any]) -> Json:
    """Return an entry about a comment or a mention. `sent_at` is in Unix seconds, as is its `time`."""
    return {"id": account_id, "time": int(sent_at), "changes": [{"field": field, "value": value}]}


def message_entry(account_id: str, sent_at: float, exchange: Mapping[str, Any], room: str = "messaging") -> Json:
    """Return an entry about a conversation; its `time` is in milliseconds. `room`: `messaging` or `standby`."""
    return {"id": account_id, "time": int(sent_at * 1000), room: [exchange]}


def comment_value(
    *, comment_id: str, text: str, user_id: str, username: str, media_id: str, parent_id: str = ""
) -> Json:
    """Return a comment as the webhook describes it."""
    value: Json = {
        "id": comment_id,
        "text": text,
        "from": {"id": user_id, "username": username},
        "media": {"id": media_id, "media_product_type": "FEED"},
    }
    return value | ({"parent_id": parent_id} if parent_id else {})


def exchange(sender: str, recipient: str, at: float, **what: Any) -> Json:
    """Return what passed between two sides; `at` is in Unix seconds."""
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": int(at * 1000), **what}


def comment_webhook(
    *, account_id: str, comment_id: str, text: str, user_id: str, username: str, media_id: str, sent_at: float
) -> bytes:
    """Return the request that tells of one resident's comment."""
    value = comment_value(comment_id=comment_id, text=text, user_id=user_id, username=username, media_id=media_id)
    return encode([change_entry(account_id, sent_at, "comments", value)])


def message_webhook(*, account_id: str, mid: str, text: str, user_id: str, at: float) -> bytes:
    """Return the request that tells of one direct message of a resident."""
    passed = exchange(user_id, account_id, at, message={"mid": mid, "text": text})
    return encode([message_entry(account_id, at, passed)])
