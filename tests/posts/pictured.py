"""Photos that are ready to go with a post."""

from __future__ import annotations

from otklik.common.clock import now
from otklik.media.models import StoredFile
from otklik.media.services.keeping import keep
from otklik.media.services.preparing import prepare_next
from otklik.org.models import Official
from otklik.posts.services.picturing import Picture
from tests.pictures import PLACE, picture


def ready_file(by: Official, colour: str = "seagreen", width: int = 1600, height: int = 1200) -> StoredFile:
    """A photo as a phone sends it, scanned and drawn."""
    content = picture(width, height, place=PLACE, colour=colour)
    file = keep(by.municipality_id, "IMG_1.jpg", [content], now=now(), by=by, for_page=True)
    while prepare_next(now=now()) is not None:
        pass
    file.refresh_from_db()
    return file


def pictured(by: Official, *alts: str) -> tuple[Picture, ...]:
    """A photo for each of these descriptions, each another one."""
    return tuple(Picture(ready_file(by, f"#1080{20 + 40 * number:02x}"), alt) for number, alt in enumerate(alts))
