"""The worker's part: a file is scanned, and a picture drawn anew, before anybody sees it.

Both happen outside any transaction. A worker that dies leaves a row that becomes due again: looking twice harms nobody.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from otklik.media import drawing, folder
from otklik.media.enums import FileState, Look, Trouble
from otklik.media.models import Rendition, StoredFile
from otklik.media.scanning import Scanner, ScannerDown
from otklik.media.services.sweeping import forget_bytes

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
"""A file that is worked on for longer was left by a worker that died."""
ATTEMPTS = 3
"""A picture that ended its program so often isn't tried again."""
SCANNER_WAIT = timedelta(seconds=30)
_MIMES = {
    Look.WHOLE: "image/jpeg",
    Look.SCREEN: "image/webp",
    Look.THUMB: "image/webp",
    Look.CARD: "image/webp",
    Look.CARD_AVIF: "image/avif",
    Look.SCREEN_AVIF: "image/avif",
}


def prepare_next(*, now: datetime) -> StoredFile | None:
    """Carry the file that is due longest to READY, quarantine or UNREADABLE, or let it wait for the scanner.

    Returns it as it is now; None if nothing is due. Never call it inside a transaction.
    """
    file = _claim(now)
    if file is None:
        return None
    try:
        virus = Scanner(settings.ENVIRONMENT.scanner).look_at(folder.path_of(file.municipality_id, file.digest))
    except ScannerDown as error:
        log.warning("the virus scanner doesn't answer: %s", error)
        _wait(file, now)
    except OSError as error:
        log.error("file %s can't be read: %s", file.pk, error)
        _end(file, FileState.UNREADABLE, trouble=Trouble.BROKEN)
    else:
        if virus:
            _lock_away(file, virus)
        elif file.is_picture:
            _draw(file, now)
        else:
            _show_as_it_is(file, now)
    file.refresh_from_db()
    return file


def _claim(now: datetime) -> StoredFile | None:
    due = StoredFile.objects.filter(state=FileState.WAITING, due_at__lte=now).order_by("due_at", "id")
    found = due.first()
    if found is None:
        return None
    mine = StoredFile.objects.filter(pk=found.pk, state=FileState.WAITING, due_at=found.due_at)
    if mine.update(due_at=now + LEASE, attempts=F("attempts") + 1) != 1:
        return None
    found.refresh_from_db()
    if found.attempts > ATTEMPTS:
        _end(found, FileState.UNREADABLE, trouble=Trouble.TOO_HEAVY)
        return None
    return found


def _wait(file: StoredFile, now: datetime) -> None:
    """An absent scanner is no fault of the file's: its attempts aren't counted."""
    StoredFile.objects.filter(pk=file.pk, state=FileState.WAITING).update(
        trouble=Trouble.SCANNER, due_at=now + SCANNER_WAIT, attempts=0
    )


def _lock_away(file: StoredFile, virus: str) -> None:
    with transaction.atomic():
        _end(file, FileState.QUARANTINED, finding=virus[:200])
        Rendition.objects.filter(municipality=file.municipality_id, file=file).delete()
    folder.put_in_quarantine(file.municipality_id, file.digest)


def _end(file: StoredFile, state: FileState, *, trouble: Trouble = Trouble.NONE, finding: str = "") -> None:
    StoredFile.objects.filter(pk=file.pk).update(state=state, trouble=trouble, finding=finding)


def _show_as_it_is(file: StoredFile, now: datetime) -> None:
    with transaction.atomic():
        Rendition.objects.filter(municipality=file.municipality_id, file=file, look=Look.RAW).update(look=Look.WHOLE)
        _ready(file, now)


def _draw(file: StoredFile, now: datetime) -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-picture-") as name:
        said = drawn(
            folder.path_of(file.municipality_id, file.digest), Path(name), drawing.Wish(for_page=file.for_page)
        )
        if "width" not in said:
            _end(file, FileState.UNREADABLE, trouble=Trouble(said.get("trouble", Trouble.BROKEN)))
            _drop_raw(file)
            return
        lat, lon = said["place"] or (None, None)
        with naming_looks(file, Path(name)):
            _ready(file, now, width=said["width"], height=said["height"], blur=said["blur"], lat=lat, lon=lon)
    _drop_raw(file)


@contextmanager
def naming_looks(file: StoredFile, made: Path) -> Iterator[None]:
    """Name the drawn looks in a folder as a file's own, in one transaction with what is done inside."""
    with ExitStack() as held:
        drafts = {look: held.enter_context(_drafted(file, made / look)) for look in _MIMES if (made / look).is_file()}
        held.enter_context(folder.naming(file.municipality_id))
        held.enter_context(transaction.atomic())
        yield
        Rendition.objects.filter(municipality=file.municipality_id, file=file).exclude(look=Look.RAW).delete()
        Rendition.objects.bulk_create(_settled(file, look, draft) for look, draft in drafts.items())


def _drafted(file: StoredFile, made: Path) -> AbstractContextManager[folder.Draft]:
    return folder.drafted(file.municipality_id, [made.read_bytes()])


def _settled(file: StoredFile, look: Look, draft: folder.Draft) -> Rendition:
    draft.settle()
    return Rendition(
        municipality_id=file.municipality_id,
        file=file,
        look=look,
        digest=draft.digest,
        mime=_MIMES[look],
        size=draft.size,
    )


def drawn(source: Path, into: Path, wish: drawing.Wish) -> dict[str, Any]:
    """Draw in a process of its own and return what it said; a process that broke says that the picture is broken."""
    try:
        done = subprocess.run(  # noqa: S603 - our own file with fixed arguments
            [sys.executable, "-I", drawing.__file__, str(source), str(into), json.dumps(asdict(wish))],
            capture_output=True,
            timeout=drawing.SECONDS * 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"trouble": Trouble.TOO_HEAVY}
    if done.returncode != 0:
        log.warning("a picture could not be drawn: %s", done.stderr.decode("utf-8", "replace")[-500:])
        return {"trouble": Trouble.TOO_HEAVY if done.returncode < 0 else Trouble.BROKEN}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _ready(file: StoredFile, now: datetime, **values: Any) -> None:
    StoredFile.objects.filter(pk=file.pk).update(state=FileState.READY, trouble="", ready_at=now, **values)


def _drop_raw(file: StoredFile) -> None:
    """The bytes that came, with the place and all else they tell, are not kept once the picture is drawn."""
    Rendition.objects.filter(municipality=file.municipality_id, file=file, look=Look.RAW).delete()
    forget_bytes(file.municipality_id, [file.digest])
