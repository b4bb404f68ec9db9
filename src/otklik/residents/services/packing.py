"""A person's data as one ZIP: data.json for programs, index.html for people, and the files."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from typing import IO

from django.template.loader import render_to_string
from django.utils import translation

from otklik.media import folder
from otklik.media.enums import Look
from otklik.media.models import Rendition
from otklik.org.services.auditing import audit_by
from otklik.residents.belongings import Belongings, Whose

_COPY_BYTES = 1 << 20


def pack(found: Belongings, target: IO[bytes], language: str, *, done: Callable[[int], object] | None = None) -> int:
    """Write the copy into an open file and return how many files are in it. `done` hears of each file (progress).

    Whatever the sizes, a megabyte at a time is held. A file whose bytes are not there any more is left out, and said.
    """
    rows = Rendition.objects.filter(file__in=found.files.values(), look=Look.WHOLE)
    whole = {row.file_id: row for row in rows}
    missing: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in found.files.items():
            row = whole.get(file.pk)
            path = folder.path_of(file.municipality_id, row.digest) if row is not None else None
            if path is None or not path.is_file():
                missing.append(name)
            else:
                entry = zipfile.ZipInfo.from_file(path, name)  # pictures don't get smaller: stored as they are
                with path.open("rb") as source, archive.open(entry, "w") as place:
                    shutil.copyfileobj(source, place, _COPY_BYTES)
            if done is not None:
                done(1)
        data = found.data | {"files_not_there": missing}
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        with translation.override(language):
            page = render_to_string("residents/copy.html", {"data": data, "missing": set(missing)})
        archive.writestr("index.html", page)
    return len(found.files) - len(missing)


def note_export(whose: Whose) -> None:
    """Write into the audit log that whoever owns the machine took a copy, by what the person was found."""
    audit_by(whose.municipality.pk, None, "resident.exported", whose.asked_by)
