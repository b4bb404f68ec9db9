"""In which parts a row is sent: words, and the photos beside them; the same parts however often it is asked."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from otklik.channels.models import Outgoing, OutgoingFile
from otklik.connectors.arranging import Part, arrange
from otklik.connectors.base import Connector
from otklik.connectors.events import DraftKind, Photo
from otklik.media import folder
from otklik.media.addresses import photo_path
from otklik.media.enums import Look
from otklik.media.models import Rendition


def with_photos() -> Prefetch[str, QuerySet[OutgoingFile], str]:
    """Return what to prefetch so that each row has the photos that go along: two queries more for all of them."""
    whole = Prefetch("file__renditions", Rendition.objects.filter(look=Look.WHOLE))
    return Prefetch("files", OutgoingFile.objects.select_related("file").prefetch_related(whole).order_by("position"))


def parts_of(connector: Connector, row: Outgoing, text: str | None = None) -> list[Part]:
    """Return the parts that a row is sent in; with another `text`, those that it would be sent in."""
    words = row.text if text is None else text
    kind = DraftKind(row.kind)
    return arrange(connector, kind, words, [_photo(file, kind) for file in row.files.all()])


def _photo(row: OutgoingFile, kind: DraftKind) -> Photo:
    """Only a post's photos have an address: what goes to one person is nobody else's to see."""
    whole = next(one for one in row.file.renditions.all() if one.look == Look.WHOLE)
    address = f"{settings.ENVIRONMENT.public_url}{photo_path(whole.digest, whole.mime)}"
    return Photo(
        folder.path_of(row.municipality_id, whole.digest),
        row.alt,
        whole.mime,
        url=address if kind is DraftKind.POST else "",
        width=row.file.width,
        height=row.file.height,
    )
