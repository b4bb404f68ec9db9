"""Telegram: sending photos, one by sendPhoto and several as an album by sendMediaGroup.

Source: https://core.telegram.org/bots/api#sendmediagroup: an album has 2 to 10 photos, and the words beside it are the
caption of its first. The files go along in the same request, so a repeat after a certain failure loses nothing.
"""

from __future__ import annotations

import json
from typing import Any

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Draft, Photo
from otklik.connectors.telegram.bot_api import BotApi, Upload
from otklik.connectors.telegram.updates import Message

LARGEST = 10_000_000
MOST = 10


def send_photos(api: BotApi, draft: Draft, where: dict[str, Any]) -> list[Message]:
    """Send a draft's photos and return their messages, the first with the words. Raises SendFailed, SendUnknown,
    OSError."""
    if len(draft.photos) > MOST:
        raise SendFailed(f"an album has at most {MOST} photos", permanent=True)
    uploads = {f"photo{number}": _upload(number, photo) for number, photo in enumerate(draft.photos)}
    if len(uploads) == 1:
        caption = {"caption": draft.text} if draft.text else {}
        return [api.upload("sendPhoto", Message, {"photo": uploads["photo0"]}, **caption, **where)]
    album = [{"type": "photo", "media": f"attach://{name}"} for name in uploads]
    if draft.text:
        album[0]["caption"] = draft.text
    sent = api.upload("sendMediaGroup", list[Message], uploads, media=json.dumps(album), **where)
    if not sent:
        raise SendUnknown("Telegram took the album, but named no message")
    return sent


def _upload(number: int, photo: Photo) -> Upload:
    content = photo.content()
    if len(content) > LARGEST:
        raise SendFailed(f"a photo is larger than {LARGEST // 1_000_000} MB", permanent=True)
    return f"{number + 1}.jpg", content, photo.mime
