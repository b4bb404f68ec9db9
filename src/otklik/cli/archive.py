"""The file of a backup: a tar.gz whose first member says what the others are, how long and with which SHA-256.

Nothing of an archive is trusted before all of it was read once: a cut-off, altered or foreign file is refused before
anything is written.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

FORMAT = 2
"""2: with the files of residents and answers."""
MANIFEST = "manifest.json"
SETTINGS_FILE = "otklik.toml"
SQLITE_FILE = "database.sqlite3"
_MEMBER = re.compile(r"otklik\.toml|database\.sqlite3|tables/[a-z0-9_]{1,63}\.copy")
MEDIA_FOLDER = "media"
_MEDIA = re.compile(r"media/[0-9]{1,18}/[0-9a-f]{2}/([0-9a-f]{64})")
"""The name of such a file is its SHA-256: it needs no line in the manifest."""
_MANIFEST_LIMIT = 4 * 1024 * 1024
_BLOCK = 1024 * 1024


class BadArchive(Exception):
    """The file isn't a whole, unaltered backup."""


class Member(msgspec.Struct, frozen=True):
    """One file in the archive."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: who made it, the state of the schema, how many rows of each table."""

    format: int
    version: str
    made_at: datetime
    engine: str
    migrations: list[tuple[str, str]]
    counts: dict[str, int]
    columns: dict[str, list[str]] = {}
    sequences: dict[str, int] = {}
    members: dict[str, Member]
    files: int = 0
    """So many files of residents and answers, under media/."""


def write_archive(
    target: Path, files: Mapping[str, Path], manifest: Manifest, media: Sequence[tuple[str, Path]] = ()
) -> None:
    """Write the manifest and the files into `target`, durable before it has its name. Raises FileExistsError, OSError.

    Readable by its owner only: it holds what residents wrote. `media`: names under media/ and where each file is.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=5, format=tarfile.PAX_FORMAT) as tar:
                listing = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
                tar.addfile(_header(MANIFEST, len(listing), manifest.made_at), io.BytesIO(listing))
                for member, path in files.items():
                    with path.open("rb") as stream:
                        tar.addfile(_header(member, path.stat().st_size, manifest.made_at), stream)
                for name_there, path in media:
                    with path.open("rb") as stream:
                        header = _header(f"{MEDIA_FOLDER}/{name_there}", path.stat().st_size, manifest.made_at)
                        tar.addfile(header, stream)
            raw.flush()
            os.fsync(raw.fileno())
        _give_name(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(target.parent)


def describe(path: Path) -> Member:
    """Return a file's size and digest."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Member(path.stat().st_size, digest)


def verify(path: Path) -> Manifest:
    """Read the whole archive and return its manifest; writes nothing. Raises BadArchive saying what is wrong."""
    with _reading(path) as tar:
        members = iter(tar)
        manifest = _manifest(tar, next(members, None))
        seen: set[str] = set()
        for header in members:
            wanted = _digest_wanted(header, manifest, seen)
            seen.add(header.name)
            stream = tar.extractfile(header)
            if stream is None or _digest(stream) != wanted:
                raise BadArchive(f"'{header.name}' was altered: its SHA-256 is not the manifest's")
        _read_to_the_end(tar)
    missing = sorted(manifest.members.keys() - seen)
    if missing:
        raise BadArchive(f"'{missing[0]}' is missing: the file was cut off or altered")
    if len(seen - manifest.members.keys()) != manifest.files:
        raise BadArchive("it has not as many files as its manifest says: it was cut off or altered")
    return manifest


def extract(path: Path, folder: Path) -> None:
    """Write the members of a verified archive into an empty folder. Raises BadArchive, OSError."""
    with _reading(path) as tar:
        tar.extractall(folder, filter="data")


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            yield tar
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise BadArchive(f"it is cut off or not a backup ({error})") from error
    except OSError as error:
        # A wrong checksum of gzip is an OSError without a number; a real one of the disk has one.
        if error.errno is None:
            raise BadArchive(f"it was altered or is not a backup ({error})") from error
        raise


def _manifest(tar: tarfile.TarFile, header: tarfile.TarInfo | None) -> Manifest:
    if header is None or header.name != MANIFEST or not header.isreg() or header.size > _MANIFEST_LIMIT:
        raise BadArchive("it doesn't begin with a manifest: it is not a backup of Otklik")
    stream = tar.extractfile(header)
    try:
        manifest = msgspec.json.decode(stream.read() if stream is not None else b"", type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadArchive(f"its manifest can't be read ({error})") from error
    if manifest.format > FORMAT:
        raise BadArchive(f"Otklik {manifest.version} made it in a newer format: update this installation first")
    return manifest


def _digest_wanted(header: tarfile.TarInfo, manifest: Manifest, seen: set[str]) -> str:
    """Return the SHA-256 that a member has to have. Raises BadArchive for what no backup of ours holds."""
    if (media := _MEDIA.fullmatch(header.name)) and header.isreg() and header.name not in seen:
        return media[1]
    if not _MEMBER.fullmatch(header.name) or not header.isreg():
        raise BadArchive(f"it holds '{header.name[:80]}', which no backup has: it was altered")
    wanted = manifest.members.get(header.name)
    if wanted is None or header.name in seen or header.size != wanted.size:
        raise BadArchive(f"'{header.name}' is not as its manifest says: it was altered")
    return wanted.sha256


def _read_to_the_end(tar: tarfile.TarFile) -> None:
    """Read what stands behind the last member: only at its very end does gzip compare its own checksum."""
    while tar.fileobj is not None and tar.fileobj.read(_BLOCK):
        pass


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _header(name: str, size: int, made_at: datetime) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = size, 0o600, int(made_at.timestamp())
    return header


def _give_name(draft: Path, target: Path) -> None:
    """Give the finished file its name, never in place of another one."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links (a memory stick, some network shares)
        if target.exists():
            raise FileExistsError(str(target)) from None
        shutil.move(draft, target)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
