"""Letting go of what nothing refers to any more: first the rows, then the bytes that no row names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, ForeignObjectRel, Model, OuterRef, QuerySet

from otklik.media import folder
from otklik.media.enums import FileState
from otklik.media.models import Rendition, StoredFile

UNUSED = timedelta(days=1)
"""A form that was begun and never sent is forgotten after a day."""
QUARANTINED = timedelta(days=30)
AT_ONCE = 200


def sweep(*, now: datetime, shelf: int) -> int:
    """Remove unused files and what one of the 256 shelves holds in vain; returns how many rows and bytes' names went.

    Called with another shelf each time it looks at everything in turn, and never at all of it at once.
    """
    removed = _remove_rows(unused(now=now)[:AT_ONCE])
    for municipality_id, digests in folder.shelf(shelf).items():
        removed += forget_bytes(municipality_id, digests)
    return removed + folder.drop_leftovers(
        drafts_after_s=UNUSED.total_seconds(), quarantine_after_s=QUARANTINED.total_seconds()
    )


def unused(*, now: datetime) -> QuerySet[StoredFile]:
    """Return files of a day ago that no message, answer or anything else refers to."""
    rows = StoredFile.objects.filter(created_at__lt=now - UNUSED).order_by("created_at")
    for model, field in _references():
        rows = rows.filter(~Exists(model._default_manager.filter(**{field: OuterRef("pk")})))  # noqa: SLF001 - likewise
    return rows


def _references() -> list[tuple[type[Model], str]]:
    """Return every model and field that refers to files, also where the file doesn't know it (`related_name="+"`)."""
    relations = StoredFile._meta.get_fields(include_hidden=True)  # noqa: SLF001 - Django's documented door
    return [
        (relation.related_model, relation.field.name)
        for relation in relations
        if isinstance(relation, ForeignObjectRel) and relation.related_model is not Rendition
    ]


def _remove_rows(files: Iterable[StoredFile]) -> int:
    found = list(files)
    bytes_of: dict[int, set[str]] = {}
    named = Rendition.objects.filter(file__in=found).values_list("municipality_id", "digest")
    for municipality_id, digest in named:
        bytes_of.setdefault(municipality_id, set()).add(digest)
    StoredFile.objects.filter(pk__in=[file.pk for file in found]).delete()
    for municipality_id, digests in bytes_of.items():
        forget_bytes(municipality_id, digests)
    return len(found)


def forget_bytes(municipality_id: int, digests: Iterable[str]) -> int:
    """Remove those of these bytes that no row of the city names; returns how many."""
    wanted = set(digests)
    with folder.removing(municipality_id):
        named = Rendition.objects.filter(municipality=municipality_id, digest__in=wanted).values_list(
            "digest", flat=True
        )
        orphans = wanted - set(named)
        for digest in orphans:
            folder.remove(municipality_id, digest)
    return len(orphans)


def waiting_for_scanner(municipality_id: int) -> int:
    """Return how many files wait because the virus scanner doesn't answer."""
    return StoredFile.objects.filter(municipality=municipality_id, state=FileState.WAITING, trouble="scanner").count()
