"""An account's own export as it lies on a disk: a zip or a folder, read without ever writing a file of it.

Names inside it are only compared, never used as paths of ours, so that `../` leads nowhere; what unpacks to far more
than it weighs is refused before it fills the memory.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

CHUNK = 1 << 20
LARGEST_JSON = 100 * 1_000_000
"""Instagram writes its lists in files of at most a few MB; more than this in one is no list of ours."""
MOST_FILES = 500_000
MOST_RATIO = 1000
"""Text packs to a tenth, a list of the same words to a hundredth."""


class NotReadable(ValueError):
    """This archive can't be read; the message is one sentence that says why and what to do."""


class Box(Protocol):
    """An opened archive."""

    def names(self) -> list[str]:
        """Return the names of its files, with `/` between folders, in order."""
        ...

    def read(self, name: str, *, most: int = LARGEST_JSON) -> bytes:
        """Return one file. Raises NotReadable where it is broken, or larger than `most` bytes."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield one file in pieces. Raises NotReadable where it is broken."""
        ...


@contextmanager
def opened(path: Path) -> Iterator[Box]:
    """Open an archive. Raises NotReadable."""
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield _Zip(archive, path.name)
    except FileNotFoundError as error:
        raise NotReadable(f"{path} isn't there") from error
    except zipfile.BadZipFile as error:
        raise NotReadable(f"{path.name} is no whole zip archive: download it again") from error
    except OSError as error:
        raise NotReadable(f"{path.name} can't be read: {error.strerror}") from error


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and "\0" not in name


class _Zip:
    """A zip archive."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise NotReadable(f"{name} holds more than {MOST_FILES} files: this is no export of one account")
        for info in infos:
            if info.flag_bits & 0x1:
                raise NotReadable(f"{name} is locked with a password: unpack it, and import the folder")
        self._archive, self._infos = archive, {info.filename: info for info in infos if _is_inside(info.filename)}

    def names(self) -> list[str]:
        return sorted(self._infos)

    def read(self, name: str, *, most: int = LARGEST_JSON) -> bytes:
        info = self._infos[name]
        if info.file_size > most or info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise NotReadable(f"{name} unpacks to {info.file_size // 1_000_000} MB: this archive is not to be trusted")
        read = bytearray()
        for chunk in self.chunks(name):
            read += chunk
            if len(read) > most:
                raise NotReadable(f"{name} unpacks to more than it says: this archive is not to be trusted")
        return bytes(read)

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._archive.open(self._infos[name]) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise NotReadable(f"{name} is broken in the archive: download it again") from error


class _Folder:
    """An unpacked archive. Links are not followed: whoever made it could point at anything of ours."""

    def __init__(self, root: Path) -> None:
        self._root = root
        files = (one for one in sorted(root.rglob("*")) if one.is_file() and not one.is_symlink())
        inside = [one for one in files if one.resolve().is_relative_to(root.resolve())]
        self._files = {one.relative_to(root).as_posix(): one for one in inside}
        if len(self._files) > MOST_FILES:
            raise NotReadable(f"{root} holds more than {MOST_FILES} files: this is no export of one account")

    def names(self) -> list[str]:
        return sorted(self._files)

    def read(self, name: str, *, most: int = LARGEST_JSON) -> bytes:
        if self._files[name].stat().st_size > most:
            raise NotReadable(f"{name} is larger than {most // 1_000_000} MB: this is no list of an export")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._files[name].open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as error:
            raise NotReadable(f"{name} can't be read: {error.strerror}") from error
