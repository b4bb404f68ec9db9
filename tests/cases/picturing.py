"""Attaching photos in tests, and letting the worker's own step draw them."""

from __future__ import annotations

from otklik.cases.enums import PhotoUse
from otklik.cases.models import Case
from otklik.cases.photos import CasePhoto
from otklik.cases.services.picturing import Attached, Sent, Upload, attach
from otklik.common.clock import now
from otklik.media.services.preparing import prepare_next
from otklik.org.access import Access
from tests.pictures import picture


def put(access: Access, case: Case, *photos: bytes, alt: str = "Ровный асфальт", **sent: object) -> Attached:
    """Put photos to a case as somebody with a phone does; they are drawn."""
    chosen = photos or (picture(),)
    uploads = [Upload(f"IMG_{number}.jpg", [content], alt) for number, content in enumerate(chosen)]
    found = attach(access, case, Sent(uploads, **sent), now=now())
    draw_all()
    return found


def put_one(access: Access, case: Case, *, use: PhotoUse = PhotoUse.ANSWER, **sent: object) -> CasePhoto:
    """Put one photo to a case; return it as it is once drawn."""
    (photo,) = put(access, case, use=use, **sent).photos
    return CasePhoto.objects.select_related("file").get(pk=photo.pk)


def draw_all() -> None:
    """Let the worker's step scan and draw whatever waits."""
    while prepare_next(now=now()):
        pass
