"""VK: pictures, files, voices and links that came with the words."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterable

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import Malformed
from otklik.connectors.events import Attachment, Location
from otklik.connectors.vk.payloads import Attached, Coordinates, Geo, Media, Size, read

_TWO_NUMBERS = re.compile(r"^\s*(-?\d+(?:\.\d+)?)[\s,]+(-?\d+(?:\.\d+)?)\s*$")


def attachments_of(raws: Iterable[msgspec.Raw] | None) -> tuple[tuple[Attachment, ...], bool]:
    """Return the attachments, and whether all of them were understood. One we can't read never loses the message."""
    found, understood = [], True
    for raw in raws or ():
        try:
            found.append(to_attachment(read(raw, Attached, "an attachment")))
        except Malformed:
            found.append(Attachment(kind="other", may_store=False))
            understood = False
    return tuple(found), understood


def to_attachment(attached: Attached) -> Attachment:
    """Return one attachment in our words. `url` is signed by VK and may expire: copy the file at once."""
    media = getattr(attached, attached.type, None)
    if not isinstance(media, Media):
        return Attachment(kind="other", source_ref=_clean(attached.type), may_store=False)
    ref = _reference(attached.type, media)
    shape = _SHAPES.get(attached.type)
    if shape is None:
        return Attachment(kind="other", source_ref=ref, filename=_clean(media.title), may_store=False)
    return shape(media, ref)


def location_of(geo: Geo | None) -> Location | None:
    """Return the point and place, or None where VK gave neither, or figures that are nowhere on the Earth."""
    if geo is None:
        return None
    lat = lon = None
    point = _point(geo.coordinates)
    if point and abs(point.latitude) <= 90 and abs(point.longitude) <= 180:
        lat, lon = point.latitude, point.longitude
    place = geo.place
    words = [part for part in (place.city, place.address or place.title) if part] if place else []
    if lat is None and not words:
        return None
    return Location(lat=lat, lon=lon, address=_clean(", ".join(words)))


def _point(coordinates: Coordinates | str | None) -> Coordinates | None:
    if isinstance(coordinates, str):
        numbers = _TWO_NUMBERS.match(coordinates)
        return Coordinates(float(numbers[1]), float(numbers[2])) if numbers else None
    return coordinates


def _photo(media: Media, ref: str) -> Attachment:
    url = _web(media.url) or _web(_largest(media.sizes)) or _web(media.photo_586)
    return Attachment(kind="photo", source_ref=ref, url=url, mime="image/jpeg")


def _document(media: Media, ref: str) -> Attachment:
    mime = mimetypes.guess_type(f"file.{media.ext}")[0] or ""
    name = _clean(media.title)
    return Attachment(kind="document", source_ref=ref, url=_web(media.url), mime=mime, size=media.size, filename=name)


def _voice(media: Media, ref: str) -> Attachment:
    mime = "audio/ogg" if media.link_ogg else "audio/mpeg"
    return Attachment(kind="voice", source_ref=ref, url=_web(media.link_ogg or media.link_mp3), mime=mime)


def _sticker(media: Media, _ref: str) -> Attachment:
    return Attachment(kind="sticker", source_ref=f"sticker{media.sticker_id}", url=_web(_largest(media.images)))


def _link(media: Media, _ref: str) -> Attachment:
    return Attachment(kind="link", url=_web(media.url), filename=_clean(media.title), may_store=False)


def _video(media: Media, ref: str) -> Attachment:
    page = f"https://vk.com/video{media.owner_id}_{media.id}"
    return Attachment(kind="video", source_ref=ref, url=page, filename=_clean(media.title), may_store=False)


def _post(_media: Media, ref: str) -> Attachment:
    return Attachment(kind="link", source_ref=ref, url=f"https://vk.com/{ref}", may_store=False)


def _reference(kind: str, media: Media) -> str:
    if media.id is None or media.owner_id is None:
        return _clean(kind)
    key = f"_{media.access_key}" if media.access_key else ""
    return _clean(f"{kind}{media.owner_id}_{media.id}{key}")


def _largest(sizes: list[Size]) -> str:
    return max(sizes, key=lambda size: size.width * size.height).url if sizes else ""


def _clean(text: str) -> str:
    return storable(text)[:300]


def _web(url: str) -> str:
    return storable(url)[:2000] if url.startswith(("https://", "http://")) else ""


_SHAPES: dict[str, Callable[[Media, str], Attachment]] = {
    "photo": _photo,
    "graffiti": _photo,
    "doc": _document,
    "audio_message": _voice,
    "sticker": _sticker,
    "link": _link,
    "video": _video,
    "wall": _post,
}
