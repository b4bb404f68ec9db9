"""Photos in VK: a place to upload them to, keeping what was uploaded, and naming it in what is published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from otklik.simulators.multipart import is_jpeg, is_multipart, read_form
from otklik.simulators.vk.faults import Refusal

LARGEST = 50_000_000
MOST_IN_COMMENT, MOST_IN_MESSAGE, MOST_IN_POST = 2, 10, 10


@dataclass(slots=True)
class Album:
    """The photos of one community: uploaded ones by their hash, kept ones by their name."""

    owner_id: int
    uploaded: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)

    def take(self, place: str, content_type: bytes, body: bytes) -> bytes:
        """Return what the upload's server answers to a form; a picture it can't read gives an empty list of photos."""
        files = read_form(content_type, body).files if is_multipart(content_type) else {}
        photo = files.get("photo")
        if photo is None or not is_jpeg(photo.content) or len(photo.content) > LARGEST:
            return json.dumps({"server": 1, "photo": "[]", "hash": ""}).encode()
        name = f"{place}{len(self.uploaded) + 1}{sha256(photo.content).hexdigest()[:24]}"
        self.uploaded[name] = (place, photo.content)
        told = json.dumps([{"photo": name, "sizes": []}])
        return json.dumps({"server": 626_525, "photo": told, "hash": name}).encode()

    def save(self, place: str, params: Mapping[str, str]) -> list[dict[str, object]]:
        """Keep an uploaded photo and return it as VK would. Raises Refusal for what was never uploaded there."""
        found = self.uploaded.get(params.get("hash", ""))
        if found is None or found[0] != place or params.get("hash", "") not in params.get("photo", ""):
            raise Refusal(121, "Invalid hash")
        number = 457_239_000 + len(self.kept)
        self.kept[f"photo{self.owner_id}_{number}"] = found[1]
        self.captions[f"photo{self.owner_id}_{number}"] = params.get("caption", "")
        return [{"id": number, "owner_id": self.owner_id, "album_id": -14, "access_key": "a1b2c3"}]

    def named(self, names: str, *, most: int) -> tuple[bytes, ...]:
        """Return the photos that an `attachments` names. Raises Refusal for others than those kept, and too many."""
        found = []
        for name in filter(None, names.split(",")):
            bare, _, key = name.rpartition("_") if name.count("_") > 1 else (name, "", "a1b2c3")
            if bare not in self.kept or key != "a1b2c3":
                raise Refusal(100, "One of the parameters specified was missing or invalid: attachments are invalid")
            found.append(self.kept[bare])
        if len(found) > most:
            raise Refusal(100, "One of the parameters specified was missing or invalid: too many attachments")
        return tuple(found)
