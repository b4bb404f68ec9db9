"""Drawing a picture anew: upright, smaller, and silent about its author."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from otklik.media import drawing
from otklik.media.drawing import NoPicture, draw
from tests.pictures import GPS, PLACE, picture


def drawn(tmp_path: Path, content: bytes) -> tuple[dict, dict[str, Image.Image]]:
    source, folder = tmp_path / "source", tmp_path / "drawn"
    source.write_bytes(content)
    folder.mkdir()
    said = draw(source, folder)
    return said, {name: opened(folder / name) for name in ("whole", "screen", "thumb")}


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


@pytest.mark.parametrize("format_", ["JPEG", "WEBP", "HEIF", "AVIF"])
def test_picture_loses_all_it_says_of_its_author(tmp_path: Path, format_: str) -> None:
    said, pictures = drawn(tmp_path, picture(2800, 1400, format=format_, place=PLACE))

    assert said["place"] == pytest.approx(PLACE, abs=1e-4)
    assert {name: one.size for name, one in pictures.items()} == {
        "whole": (2560, 1280),
        "screen": (1280, 640),
        "thumb": (320, 160),
    }
    assert [dict(one.getexif()) for one in pictures.values()] == [{}, {}, {}]
    assert [one.getexif().get_ifd(GPS) for one in pictures.values()] == [{}, {}, {}]
    assert all(b"Phone of a resident" not in (tmp_path / "drawn" / name).read_bytes() for name in pictures)


def test_picture_is_turned_upright(tmp_path: Path) -> None:
    said, pictures = drawn(tmp_path, picture(640, 480, turned=6))  # the phone was held upright: stored lying

    whole = pictures["whole"].convert("L")
    assert (said["width"], said["height"]) == (480, 640)
    assert whole.getpixel((475, 320)) < 60 < whole.getpixel((5, 320))


def test_small_picture_stays_small(tmp_path: Path) -> None:
    said, pictures = drawn(tmp_path, picture(90, 60, format="PNG"))

    assert (said["width"], said["height"], said["place"]) == (90, 60, None)
    assert pictures["thumb"].size == (90, 60)


def test_transparent_picture_lies_on_white(tmp_path: Path) -> None:
    clear = tmp_path / "clear.png"
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(clear)

    _, pictures = drawn(tmp_path, clear.read_bytes())

    assert pictures["whole"].getpixel((10, 10)) == (255, 255, 255)


def test_place_that_is_not_on_earth_is_no_place(tmp_path: Path) -> None:
    said, _ = drawn(tmp_path, picture(20, 20, place=(120.0, 10.0)))

    assert said["place"] is None


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it has this many points."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    chunks = b""
    for name, content in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\x00" * 1000)), (b"IEND", b"")):
        chunks += len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (bomb(30_000, 30_000), "too_many_pixels"),
        (bomb(100, 100), "broken"),
        (picture()[:900], "broken"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "broken"),
    ],
    ids=["bomb", "no points", "cut off", "only a beginning"],
)
def test_picture_that_cannot_be_drawn_says_why(tmp_path: Path, content: bytes, trouble: str) -> None:
    with pytest.raises(NoPicture, match=f"^{trouble}$"):
        drawn(tmp_path, content)


def test_program_says_in_one_line_what_it_did(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(picture(64, 48))
    (tmp_path / "bomb").write_bytes(bomb(30_000, 30_000))

    said = [
        subprocess.run(
            [sys.executable, "-I", drawing.__file__, str(tmp_path / name), str(tmp_path)],
            capture_output=True,
            check=True,
        ).stdout
        for name in ("source", "bomb")
    ]

    drawn, bombed = [json.loads(one) for one in said]
    assert Image.open(BytesIO(base64.b64decode(drawn.pop("blur")))).size == (16, 12)
    assert [drawn, bombed] == [
        {"width": 64, "height": 48, "place": None},
        {"trouble": "too_many_pixels"},
    ]
