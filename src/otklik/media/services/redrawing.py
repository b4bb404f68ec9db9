"""Drawing a ready picture once more: covered, cut, or in more forms. A new file; the old one stays as it is."""

from __future__ import annotations

import secrets
import tempfile
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from otklik.media import folder
from otklik.media.drawing import Area, Wish
from otklik.media.enums import FileState, Look
from otklik.media.models import Rendition, StoredFile
from otklik.media.services.preparing import drawn, naming_looks
from otklik.org.models import Official

LEAST_SIDE = 0.05
"""Nobody cuts out less than a twentieth of a side on purpose."""


def redraw(file: StoredFile, wish: Wish, *, by: Official, now: datetime) -> StoredFile:
    """Return a new picture, ready to be shown. Takes about half a second; never inside a transaction.

    Raises ValueError for a picture that isn't ready. What nobody refers to in the end is swept away after a day.
    """
    if not file.is_picture or not file.is_ready:
        raise ValueError(_("the photo isn't ready yet: wait a moment"))
    whole = Rendition.objects.get(municipality=file.municipality_id, file=file, look=Look.WHOLE)
    with tempfile.TemporaryDirectory(prefix="otklik-picture-") as name:
        said = drawn(folder.path_of(file.municipality_id, whole.digest), Path(name), wish)
        if "width" not in said:
            raise ValueError(_("the photo can't be drawn anew just now"))
        made = StoredFile(
            municipality_id=file.municipality_id,
            key=secrets.token_hex(16),
            kind=file.kind,
            state=FileState.READY,
            filename=file.filename,
            mime=file.mime,
            digest="",
            size=0,
            width=said["width"],
            height=said["height"],
            blur=said["blur"],
            for_page=wish.for_page,
            uploaded_by=by,
            due_at=now,
            created_at=now,
            ready_at=now,
        )
        with naming_looks(made, Path(name)):
            made.save()
    return made


def crop(file: StoredFile, area: Area, *, by: Official, now: datetime) -> StoredFile:
    """Return what lies in an area of a picture as a picture for everybody's pages, as `redraw`.

    Raises ValueError for an area outside the picture, or for next to nothing of it.
    """
    left, top, right, bottom = area
    inside = left >= 0 and top >= 0 and right <= 1 and bottom <= 1  # NaN is in nothing
    if not (inside and right - left >= LEAST_SIDE and bottom - top >= LEAST_SIDE):
        raise ValueError(_("what is cut out lies inside the photo and has some size"))
    return redraw(file, Wish(crop=area, for_page=True), by=by, now=now)
