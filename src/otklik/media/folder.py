"""The bytes of files: `media/<city>/<first two letters>/<SHA-256>` in the data folder.

A file's name is its digest, so the same photo is kept once and an altered one is noticed. Written to a draft, synced,
then given its name: a file that has a name is whole, whatever happened to the machine. Whoever gives names holds the
city's lock with others until the row is there; whoever removes holds it alone, so no bytes go that a row will name.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

QUARANTINE = "quarantine"
SHELVES = 256
_DRAFTS = "drafts"


def root() -> Path:
    """Return the folder of all cities' files."""
    return Path(settings.ENVIRONMENT.data) / "media"


def path_of(municipality_id: int, digest: str) -> Path:
    """Return where the bytes with this digest are."""
    return root() / str(municipality_id) / digest[:2] / digest


@dataclass(frozen=True, slots=True)
class Draft:
    """Bytes on the disk that have no name yet."""

    municipality_id: int
    path: Path
    digest: str
    size: int

    def settle(self) -> None:
        """Give the bytes their name, durably; inside `naming`, together with the row that says so."""
        place = path_of(self.municipality_id, self.digest)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        self.path.rename(place)  # an equal one that is there already is replaced by the same bytes
        _sync(place.parent)


@contextmanager
def drafted(municipality_id: int, chunks: Iterable[bytes]) -> Iterator[Draft]:
    """Write bytes to a synced draft, which is gone afterwards unless it was settled. Raises OSError."""
    drafts = root() / str(municipality_id) / _DRAFTS
    drafts.mkdir(parents=True, exist_ok=True, mode=0o750)
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=drafts)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Draft(municipality_id, Path(name), digest.hexdigest(), size)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def naming(municipality_id: int) -> Iterator[None]:
    """Hold off whoever removes, until the row that names the bytes is committed."""
    with _locked(municipality_id, fcntl.LOCK_SH):
        yield


@contextmanager
def removing(municipality_id: int) -> Iterator[None]:
    """Hold off whoever names, while it is looked whether bytes are still named, and they are removed."""
    with _locked(municipality_id, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(municipality_id: int, how: int) -> Iterator[None]:
    folder = root() / str(municipality_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, how)
        yield  # closing the file lets go


def read(municipality_id: int, digest: str) -> bytes:
    """Return the bytes with this digest. Raises OSError where they are gone."""
    return path_of(municipality_id, digest).read_bytes()


def remove(municipality_id: int, digest: str) -> None:
    """Remove bytes; inside `removing`, once it is certain that no row names them."""
    path_of(municipality_id, digest).unlink(missing_ok=True)


def put_in_quarantine(municipality_id: int, digest: str) -> None:
    """Take bytes with a virus out of the store: no address leads there, and no backup takes them along."""
    place = root() / str(municipality_id) / QUARANTINE / digest
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        path_of(municipality_id, digest).rename(place)
        _sync(place.parent)


def drop_leftovers(*, drafts_after_s: float, quarantine_after_s: float) -> int:
    """Remove drafts of interrupted writings, and viruses kept long enough; returns how many files."""
    dropped = 0
    for name, age_s in ((_DRAFTS, drafts_after_s), (QUARANTINE, quarantine_after_s)):
        for place in root().glob(f"*/{name}/*"):
            with suppress(FileNotFoundError):
                if time.time() - place.stat().st_mtime > age_s:
                    place.unlink()
                    dropped += 1
    return dropped


def shelf(number: int) -> dict[int, list[str]]:
    """Return the digests of every city's files on one of the shelves."""
    found: dict[int, list[str]] = {}
    for place in sorted(root().glob(f"*/{number % SHELVES:02x}/*")):
        city = place.parent.parent.name
        if city.isdecimal():
            found.setdefault(int(city), []).append(place.name)
    return found


def everything() -> Iterator[tuple[str, Path]]:
    """Yield every kept file with its name under `media/`, for a backup."""
    for place in sorted(root().glob("*/??/*")):
        yield f"{place.parent.parent.name}/{place.parent.name}/{place.name}", place


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
