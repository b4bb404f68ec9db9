"""Reads of files for the screens and the senders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from otklik.media import folder
from otklik.media.enums import FileState, Look
from otklik.media.models import Rendition, StoredFile

SHOWN = frozenset(Look) - {Look.RAW}


@dataclass(frozen=True, slots=True)
class Content:
    """One form of a ready file, where its bytes are."""

    file: StoredFile
    path: Path
    mime: str
    size: int
    digest: str


def file_by_key(municipality_id: int, key: str) -> StoredFile:
    """Return a city's file. Raises StoredFile.DoesNotExist."""
    if not (key.isascii() and key.isalnum()):
        raise StoredFile.DoesNotExist
    return StoredFile.objects.get(municipality=municipality_id, key=key)


def content_of(file: StoredFile, look: str) -> Content:
    """Return one form of a file. Raises Rendition.DoesNotExist where it isn't ready, or has no such form."""
    if file.state != FileState.READY or look not in SHOWN:
        raise Rendition.DoesNotExist
    row = Rendition.objects.get(municipality=file.municipality_id, file=file, look=look)
    return Content(file, folder.path_of(file.municipality_id, row.digest), row.mime, row.size, row.digest)
