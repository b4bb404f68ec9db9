"""MAX: pictures, files, voices, links and places that came with the words."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import Malformed
from otklik.connectors.events import Attachment, Location
from otklik.connectors.max.payloads import Attached, Contained, read

KINDS = {"image": "photo", "video": "video", "audio": "voice", "file": "document", "sticker": "sticker"}
BUTTONS = frozenset({"inline_keyboard", "reply_keyboard"})
"""A bot's own buttons: nobody said them."""


def attachments_of(raws: Iterable[msgspec.Raw] | None) -> tuple[tuple[Attachment, ...], Location | None, bool]:
    """Return the attachments, the point on the map, and whether all was understood. None of them loses the message."""
    found: list[Attachment] = []
    place, understood = None, True
    for raw in raws or ():
        try:
            one = read(raw, Attached, "an attachment")
        except Malformed:
            found.append(Attachment(kind="other", may_store=False))
            understood = False
            continue
        if one.type == "location":
            place = _point(one) or place
        elif one.type not in BUTTONS:
            found.append(_attachment(one))
    return tuple(found), place, understood


def _attachment(one: Attached) -> Attachment:
    payload = one.payload or Contained()
    kind = KINDS.get(one.type)
    url = _web(payload.url)
    if one.type == "share":
        return Attachment(kind="link", url=url, filename=_clean(one.title), may_store=False)
    if kind is None:
        return Attachment(kind="other", source_ref=_clean(one.type), filename=_clean(one.title), may_store=False)
    # A token sends the file again; whoever reads ours can't fetch anything by it, so it isn't kept.
    number = payload.photo_id if payload.photo_id is not None else payload.code
    return Attachment(
        kind=kind,
        source_ref=_clean(f"{one.type}:{number}") if number is not None else one.type,
        url=url,
        mime="image/jpeg" if kind == "photo" else "",
        size=one.size,
        filename=_clean(one.filename),
        may_store=bool(url),
    )


def _point(one: Attached) -> Location | None:
    lat, lon = one.latitude, one.longitude
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return Location(lat=lat, lon=lon)


def _clean(text: str | None) -> str:
    return storable(text or "")[:300]


def _web(url: str | None) -> str:
    return storable(url)[:2000] if url and url.startswith(("https://", "http://")) else ""
