"""What a visitor's browser, or another site of the city, posts to the own-site channel."""

from __future__ import annotations

import hashlib
import hmac
import json


def comment_submission(submission_id: str, text: str, *, name: str, visitor: str, post: str = "") -> bytes:
    """Return the JSON of a comment under a post, or of a report to the city without one."""
    return json.dumps(
        {"submission_id": submission_id, "text": text, "name": name, "visitor": visitor, "post": post},
        ensure_ascii=False,
    ).encode()


def headers(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers of a signed submission."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-otklik-signature": f"sha256={signature}"}
