"""VK: photos are uploaded first, then named in what is published.

Source: photos/methods.json of the API's schema, version 5.199: the wall's methods take a person's token only, those of
messages the community's as well. What is uploaded and never named anywhere is seen by nobody, so every failure here
means that nothing was published, and trying again is safe.
"""

from __future__ import annotations

from collections.abc import Sequence

from otklik.connectors.base import SendFailed, SendUnknown
from otklik.connectors.events import Photo
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import SavedPhoto, UploadedPhoto, UploadServer
from otklik.connectors.vk.api import REFUSALS

LARGEST = 50_000_000
_LONGEST_CAPTION = 2048
_NEEDS_USER_TOKEN = 27


def for_wall(account: Account, photos: Sequence[Photo]) -> str:
    """Upload photos for a post or a comment on the community's wall; return their names. Raises SendFailed, OSError."""
    if not account.user_token:
        raise SendFailed(REFUSALS[_NEEDS_USER_TOKEN].reason, permanent=True)
    group = {"group_id": str(account.group_id)}
    try:
        server = account.call_as_person("photos.getWallUploadServer", group, UploadServer)
        return ",".join(_on_wall(account, server.upload_url, photo, group) for photo in photos)
    except SendUnknown as error:
        raise SendFailed(f"the photos were not uploaded: {error}", permanent=False) from error


def for_message(account: Account, peer: int, photos: Sequence[Photo]) -> str:
    """Upload photos for a message to a person; return their names. Raises SendFailed, OSError."""
    try:
        server = account.call("photos.getMessagesUploadServer", {"peer_id": str(peer)}, UploadServer)
        return ",".join(_in_message(account, server.upload_url, photo) for photo in photos)
    except SendUnknown as error:
        raise SendFailed(f"the photos were not uploaded: {error}", permanent=False) from error


def _on_wall(account: Account, url: str, photo: Photo, group: dict[str, str]) -> str:
    params = {**_uploaded(account, url, photo), **group}
    if photo.alt:
        params["caption"] = photo.alt[:_LONGEST_CAPTION]
    return _name(account.call_as_person("photos.saveWallPhoto", params, list[SavedPhoto]))


def _in_message(account: Account, url: str, photo: Photo) -> str:
    return _name(account.call("photos.saveMessagesPhoto", _uploaded(account, url, photo), list[SavedPhoto]))


def _uploaded(account: Account, url: str, photo: Photo) -> dict[str, str]:
    content = photo.content()
    if len(content) > LARGEST:
        raise SendFailed(f"a photo is larger than {LARGEST // 1_000_000} MB", permanent=True)
    taken = account.api.upload(url, ("photo.jpg", content, photo.mime), UploadedPhoto)
    if taken.photo in ("", "[]"):
        raise SendFailed("VK couldn't read a photo", permanent=True)
    return {"server": str(taken.server), "photo": taken.photo, "hash": taken.hash}


def _name(saved: list[SavedPhoto]) -> str:
    if len(saved) != 1:
        raise SendFailed("VK didn't keep a photo", permanent=False)
    key = f"_{saved[0].access_key}" if saved[0].access_key else ""
    return f"photo{saved[0].owner_id}_{saved[0].id}{key}"
