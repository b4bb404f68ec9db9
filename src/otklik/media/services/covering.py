"""Making what nobody is to recognise in a picture unrecognisable: a new file, drawn without it; the old one stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from otklik.media.drawing import Area, Wish
from otklik.media.models import StoredFile
from otklik.media.services.redrawing import redraw
from otklik.org.models import Official

MOST_AREAS = 20
LEAST = 0.005
"""A side shorter than this share of the picture's hides nothing: a slip of the hand."""


def cover(file: StoredFile, areas: Sequence[Area], *, by: Official, now: datetime) -> StoredFile:
    """Return a new picture in which these areas are covered, ready to be shown. Takes about half a second.

    Never inside a transaction. Raises ValueError for areas that aren't in the picture, or a picture that isn't ready.
    What nobody refers to in the end is swept away after a day.
    """
    wanted = [_checked(area) for area in areas]
    if not wanted or len(wanted) > MOST_AREAS:
        raise ValueError(_("cover between 1 and %(most)d areas") % {"most": MOST_AREAS})
    return redraw(file, Wish(areas=wanted), by=by, now=now)


def _checked(area: Area) -> Area:
    left, top, right, bottom = area
    inside = left >= 0 and top >= 0 and right <= 1 and bottom <= 1  # NaN is in nothing
    if not (inside and right - left >= LEAST and bottom - top >= LEAST):
        raise ValueError(_("an area to cover lies inside the photo and has some size"))
    return area
