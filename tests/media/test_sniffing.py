from __future__ import annotations

import pytest

from otklik.media.sniffing import is_program, type_of
from tests.pictures import MP4, PDF, PROGRAM, picture


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (picture(8, 8), "image/jpeg"),
        (picture(8, 8, format="PNG"), "image/png"),
        (picture(8, 8, format="GIF"), "image/gif"),
        (picture(8, 8, format="WEBP"), "image/webp"),
        (picture(64, 64, format="HEIF"), "image/heic"),
        (MP4, "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/mp4"),
        (b"OggS\x00\x02", "audio/ogg"),
        (PDF, "application/pdf"),
    ],
    ids=["jpeg", "png", "gif", "webp", "heic", "mp4", "mov", "ogg", "pdf"],
)
def test_type_follows_the_content(content: bytes, mime: str) -> None:
    found = type_of(content[:64])

    assert found is not None
    assert found.mime == mime


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", PROGRAM, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"PK\x03\x04", b"RIFF"],
    ids=["nothing", "zero", "program", "svg", "html", "zip", "riff"],
)
def test_other_content_has_no_type(content: bytes) -> None:
    assert type_of(content) is None


@pytest.mark.parametrize(
    ("content", "answer"),
    [(PROGRAM, True), (b"\x7fELF\x02", True), (b"#!/bin/sh", True), (PDF, False)],
    ids=["windows", "linux", "script", "pdf"],
)
def test_program_is_known_by_its_first_bytes(content: bytes, *, answer: bool) -> None:
    assert is_program(content) is answer
