"""Drawing a picture anew: turned upright, without what it tells of its author, in the sizes that are wanted.

Run as a program of its own (`python -I drawing.py FILE FOLDER [WISH]`), with limits on memory and time: a picture
made to break its reader breaks this process and no other. It says what it did in one line of JSON. No Django here.

Only pixels cross over: EXIF with the place, the camera's number, the author, thumbnails of what was cut off, and
anything hidden behind the picture stay in the bytes that came, and those are removed. It imports nothing of ours.
"""

from __future__ import annotations

import base64
import json
import math
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageFilter, ImageOps, UnidentifiedImageError

SIZES = {"whole": 2560, "screen": 1280, "thumb": 320}
"""The longer side of each, at most."""
PAGE_SIZES = {"card": 640, "card_avif": 640, "screen_avif": 1280}
"""What a picture for everybody's pages has besides: smaller on the way, where the browser knows AVIF."""
MOST_PIXELS = 50_000_000
MOST_PIXELS_OF_JPEG = 220_000_000
"""A JPEG is read small from the start, whatever its size; the others have to be opened whole."""
MEMORY = 1_500_000_000
SECONDS = 40
BLUR_SIDE = 16
"""The longer side of the tiny picture that a page shows until the real one is there."""
COARSE = 6
"""A covered area keeps so many points along its longer side: too few for a face or a number to be got back."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF")
_GPS = 0x8825


class NoPicture(Exception):
    """It can't be drawn; the message is one of media.enums.Trouble."""


Area = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the picture's sides."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a picture is drawn: what lies in `areas` is made unrecognisable; of the rest only `crop` is kept.

    `for_page`: also in the forms that only pages for everybody need.
    """

    areas: Sequence[Area] = ()
    crop: Area | None = None
    for_page: bool = False


def draw(source: Path, folder: Path, wish: Wish = Wish()) -> dict[str, Any]:
    """Write each size into a folder, under its name, and return what the picture is and says. Raises NoPicture."""
    Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and asked before anything is opened
    try:
        with Image.open(source, formats=_formats()) as opened:
            _check_size(opened)
            place = _place(opened)
            opened.draft("RGB", (SIZES["whole"], SIZES["whole"]))
            picture = _plain(ImageOps.exif_transpose(opened))
    except NoPicture:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise NoPicture("broken") from error
    except MemoryError as error:
        raise NoPicture("too_heavy") from error
    for area in wish.areas:
        _cover(picture, area)
    if wish.crop is not None:
        picture = picture.crop(_box(picture, wish.crop))
    sizes = SIZES | (PAGE_SIZES if wish.for_page else {})
    shrunk = {name: _shrunk(picture, side) for name, side in sizes.items()}
    for name, image in shrunk.items():
        (folder / name).write_bytes(_encoded(image, name))
    whole = shrunk["whole"]
    return {"width": whole.width, "height": whole.height, "place": place, "blur": _tiny(shrunk["thumb"])}


def _cover(picture: Image.Image, area: Area) -> None:
    """Leave a few points of an area, spread out again softly: nothing of what was there is in the pixels any more."""
    box = _box(picture, area)
    piece = picture.crop(box)
    longer = max(piece.size)
    if not min(piece.size):
        return
    few = (max(1, piece.width * COARSE // longer), max(1, piece.height * COARSE // longer))
    soft = piece.resize(few, Image.Resampling.BOX).resize(piece.size, Image.Resampling.BILINEAR)
    picture.paste(soft.filter(ImageFilter.GaussianBlur(longer / COARSE / 2)), box)


def _box(picture: Image.Image, area: Area) -> tuple[int, int, int, int]:
    left, top, right, bottom = area
    return (
        int(left * picture.width),
        int(top * picture.height),
        min(picture.width, math.ceil(right * picture.width)),
        min(picture.height, math.ceil(bottom * picture.height)),
    )


def _tiny(picture: Image.Image) -> str:
    into = BytesIO()
    _shrunk(picture, BLUR_SIDE).save(into, "WEBP", quality=30, method=4)
    return base64.b64encode(into.getvalue()).decode()


def _formats() -> tuple[str, ...]:
    import pillow_heif  # here: the photos of iPhones need it, and loading it takes longer than drawing most others

    pillow_heif.register_heif_opener(thumbnails=False)
    return FORMATS


def _check_size(opened: Image.Image) -> None:
    limit = MOST_PIXELS_OF_JPEG if opened.format == "JPEG" else MOST_PIXELS
    if opened.width * opened.height > limit:
        raise NoPicture("too_many_pixels")


def _plain(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, in the colours of an ordinary screen, on white where there was nothing."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("P", "LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        with_alpha = picture.convert("RGBA")
        picture = Image.new("RGB", with_alpha.size, "white")
        picture.paste(with_alpha, mask=with_alpha.getchannel("A"))
    elif profile and picture.mode == "RGB":
        picture = _in_screen_colours(picture, profile)
    return picture.convert("RGB")


def _in_screen_colours(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        found = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a profile that can't be read: the colours are a little off, the picture is there
    return found or picture


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    clean = Image.new("RGB", small.size)
    clean.paste(small)
    return clean


def _encoded(picture: Image.Image, name: str) -> bytes:
    """Networks take JPEG everywhere, so the whole one is JPEG; pages load AVIF or WebP."""
    into = BytesIO()
    if name == "whole":
        picture.save(into, "JPEG", quality=86, optimize=True, progressive=True)
    elif name.endswith("_avif"):
        picture.save(into, "AVIF", quality=58, speed=8)  # slower settings save a tenth and take three times as long
    else:
        picture.save(into, "WEBP", quality=78, method=4)
    return into.getvalue()


def _place(opened: Image.Image) -> tuple[float, float] | None:
    """Return where the camera says it was, in degrees; None where it says nothing sensible."""
    try:
        gps = opened.getexif().get_ifd(_GPS)
        lat = _degrees(gps[2], gps.get(1, "N"))
        lon = _degrees(gps[4], gps.get(3, "E"))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError, SyntaxError, OSError, AttributeError):
        return None
    fits = abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0.0, 0.0)
    return (round(lat, 6), round(lon, 6)) if fits else None


def _degrees(parts: Any, hemisphere: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if str(hemisphere).upper() in ("S", "W") else value


def main(source: str, folder: str, wish: str = "{}") -> int:
    """Draw under limits and say in JSON what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        said = draw(Path(source), Path(folder), Wish(**json.loads(wish)))
    except NoPicture as error:
        said = {"trouble": str(error)}
    except MemoryError:
        said = {"trouble": "too_heavy"}
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:4]))
