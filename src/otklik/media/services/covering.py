"""Making what nobody is to recognise in a picture unrecognisable: a new file, drawn without it; the old one stays."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from otklik.media import folder
from otklik.media.drawing import Area
from otklik.media.enums import FileState, Look
from otklik.media.models import Rendition, StoredFile
from otklik.media.services.preparing import drawn, naming_looks
from otklik.org.models import Official

MOST_AREAS = 20
LEAST = 0.005
"""A side shorter than this share of the picture's hides nothing: a slip of the hand."""


def cover(file: StoredFile, areas: Sequence[Area], *, by: Official, now: datetime) -> StoredFile:
    """Return a new picture in which these areas are covered, ready to be shown. Takes about half a second.

    Never inside a transaction. Raises ValueError for areas that aren't in the picture, or a picture that isn't ready.
    What nobody refers to in the end is swept away after a day.
    """
    if not file.is_picture or not file.is_ready:
        raise ValueError(_("the photo isn't ready yet: wait a moment"))
    wanted = [_checked(area) for area in areas]
    if not wanted or len(wanted) > MOST_AREAS:
        raise ValueError(_("cover between 1 and %(most)d areas") % {"most": MOST_AREAS})
    whole = Rendition.objects.get(municipality=file.municipality_id, file=file, look=Look.WHOLE)
    with tempfile.TemporaryDirectory(prefix="otklik-picture-") as name:
        said = drawn(folder.path_of(file.municipality_id, whole.digest), Path(name), wanted)
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
            uploaded_by=by,
            due_at=now,
            created_at=now,
            ready_at=now,
        )
        with naming_looks(made, Path(name)):
            made.save()
    return made


def _checked(area: Area) -> Area:
    left, top, right, bottom = area
    inside = left >= 0 and top >= 0 and right <= 1 and bottom <= 1  # NaN is in nothing
    if not (inside and right - left >= LEAST and bottom - top >= LEAST):
        raise ValueError(_("an area to cover lies inside the photo and has some size"))
    return area
