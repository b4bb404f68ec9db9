"""MAX: photos are uploaded first, then named by a token in the message."""

from __future__ import annotations

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Photo
from otklik.connectors.max.answers import Uploaded, UploadPlace
from otklik.connectors.max.api import Api
from otklik.connectors.said import said

LARGEST = 50_000_000


def upload(api: Api, photo: Photo) -> str:
    """Return the token of an uploaded photo. Raises SendFailed, OSError.

    Nobody sees a file that no message names, so every failure here means that nothing was published.
    """
    content = photo.content()
    if len(content) > LARGEST:
        raise SendFailed(said("a photo is larger than %(most)s MB", most=LARGEST // 1_000_000), permanent=True)
    try:
        place = api.call("POST", "/uploads", UploadPlace, query={"type": "image"})
        token = api.upload(place.url, ("photo.jpg", content, photo.mime), Uploaded).best
    except SendUnknown as error:
        raise SendFailed(said("the photos were not uploaded: %(error)s", error=str(error)), permanent=False) from error
    if not token:
        raise SendFailed(said("MAX took the photo, but gave it no name"), permanent=False)
    return token
