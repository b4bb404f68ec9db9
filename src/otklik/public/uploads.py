"""Files that come with a form: taken in at once, so that a mistake in the words costs nobody another upload."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.channels.queries import loose_uploads
from otklik.connectors.site.connector import MOST_FILES, Upload
from otklik.media.models import StoredFile
from otklik.media.services.keeping import NotTaken, keep
from otklik.org.models import Municipality
from otklik.public.limits import may_leave_file

ACCEPT = "image/*,.heic,.heif,video/mp4,video/quicktime,video/webm,application/pdf"
"""What the browser offers to choose from; what a file is, its content says."""


@dataclass
class Uploads:
    """What came with a form: files we have, and a sentence for each that we don't take."""

    files: list[StoredFile] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    accept: str = ACCEPT
    most: int = MOST_FILES

    def told(self) -> list[Upload]:
        """Return the files as a submission names them."""
        kinds = {"picture": "photo"}
        return [
            Upload(key=file.key, kind=kinds.get(file.kind, file.kind), mime=file.mime, filename=file.filename)
            for file in self.files
        ]


def uploads_of(request: HttpRequest, city: Municipality, *, now: datetime) -> Uploads:
    """Take in the files of a form, and those that an earlier, refused sending of it has left with us."""
    found = Uploads(loose_uploads(city.pk, request.POST.getlist("kept")[:MOST_FILES], now=now))
    for upload in request.FILES.getlist("photos"):
        if len(found.files) >= MOST_FILES:
            found.refused.append(_("More than %(count)d files: the rest was left out.") % {"count": MOST_FILES})
            break
        if not may_leave_file(request, city):
            found.refused.append(
                _("Too many files from your address just now: wait ten minutes, or send only the words.")
            )
            break
        try:
            found.files.append(_kept(city, upload, now))
        except NotTaken as refusal:
            found.refused.append(str(refusal))
    return found


def _kept(city: Municipality, upload: Any, now: datetime) -> StoredFile:
    return keep(city.pk, upload.name or "", upload.chunks(), now=now)
