"""Taking a file in: what it is by its content, not too large, on the disk before anybody is told that we have it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.common import bell
from otklik.common.text import storable
from otklik.media import folder
from otklik.media.enums import FileKind, Look
from otklik.media.models import Rendition, StoredFile
from otklik.media.sniffing import HEAD, is_program, type_of
from otklik.org.models import Official

MEGABYTE = 1_000_000
LARGEST = {
    FileKind.PICTURE: 20 * MEGABYTE,
    FileKind.DOCUMENT: 20 * MEGABYTE,
    FileKind.AUDIO: 20 * MEGABYTE,
    FileKind.VIDEO: 50 * MEGABYTE,
}
"""A phone's photo has 3 to 12 MB; Telegram gives its bots no file over 20."""
LEAST_DISK = 500 * MEGABYTE
"""With less room than this no files are taken: what is left is for words."""


class NotTaken(ValueError):
    """We don't take this file; the message says why and what to do, in the reader's language."""


def keep(
    municipality_id: int,
    name: str,
    chunks: Iterable[bytes],
    *,
    now: datetime,
    by: Official | None = None,
    kinds: Collection[FileKind] = tuple(FileKind),
    for_page: bool = False,
) -> StoredFile:
    """Keep a file and have it checked; nobody sees it before. Raises NotTaken with a sentence for whoever sent it.

    `for_page`: it is meant for a page that everybody reads, so it is drawn in smaller forms too.

    Safe to repeat: the same bytes are on the disk once, and a row that nothing refers to is swept away.
    """
    stream = iter(chunks)
    head, rest = _begin(stream)
    shown = _shown(name)
    if not head:
        raise NotTaken(_("%(name)s is empty: it has not been copied to your device yet.") % {"name": shown})
    found = type_of(head)
    if found is None:
        raise NotTaken(_program(shown) if is_program(head) else _foreign(shown))
    if found.kind not in kinds:
        raise NotTaken(_("%(name)s is not a photo: only photos go here.") % {"name": shown})
    if shutil.disk_usage(folder.root().parent).free < LEAST_DISK:
        raise NotTaken(_("We can't take files just now. Send the words alone; they reach us."))
    kind = FileKind(found.kind)
    file = StoredFile(
        municipality_id=municipality_id,
        key=secrets.token_hex(16),
        kind=kind,
        filename=_with_ending(shown, found.ending),
        mime=found.mime,
        for_page=for_page,
        uploaded_by=by,
        due_at=now,
        created_at=now,
    )
    with folder.drafted(municipality_id, _at_most(rest, LARGEST[kind], shown)) as draft:
        file.digest, file.size = draft.digest, draft.size
        with folder.naming(municipality_id), transaction.atomic():
            draft.settle()
            file.save()
            Rendition.objects.create(
                municipality_id=municipality_id,
                file=file,
                look=Look.RAW,
                digest=draft.digest,
                mime=found.mime,
                size=draft.size,
            )
            bell.ring("files")
    return file


def _begin(stream: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, and the whole file."""
    read: list[bytes] = []
    while sum(map(len, read)) < HEAD and (chunk := next(stream, b"")):
        read.append(chunk)
    head = b"".join(read)

    def whole() -> Iterator[bytes]:
        yield head
        yield from stream

    return head[:HEAD], whole()


def _at_most(chunks: Iterator[bytes], limit: int, name: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise NotTaken(too_large(name, limit))
        yield chunk


def too_large(name: str, limit: int) -> str:
    """Say that a file is too large, and what to do."""
    return _("%(name)s is larger than %(limit)d MB. Send a smaller copy: most phones offer one when you share.") % {
        "name": name,
        "limit": limit // MEGABYTE,
    }


def _program(name: str) -> str:
    return _("%(name)s is a program, not a photo: we don't take programs.") % {"name": name}


def _foreign(name: str) -> str:
    return _("%(name)s is of a kind we can't show. We take photos, videos, sound recordings and PDF.") % {"name": name}


def _shown(name: str) -> str:
    """Return a file's own name without its folders, fit for a screen and a header."""
    bare = PurePath(storable(name).replace("\\", "/")).name.replace('"', "").strip()
    return (bare[-120:] if len(bare) > 120 else bare) or _("the file")


def _with_ending(name: str, ending: str) -> str:
    """Return the name with the ending of what the file really is."""
    stem = name.rpartition(".")[0] or name
    return f"{stem[:180]}.{ending}"
