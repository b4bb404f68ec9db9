"""Pictures drawn for tests: a stripe tells which side is up, and a camera may say where it was."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

PLACE = (44.633, 41.933)
GPS = 0x8825
ORIENTATION = 0x0112
MAKER = 0x010F


def picture(
    width: int = 640,
    height: int = 480,
    *,
    format: str = "JPEG",  # noqa: A002 - Pillow's own word
    place: tuple[float, float] | None = None,
    turned: int = 1,
    colour: str = "seagreen",
) -> bytes:
    """Return a picture with a dark stripe along its upper edge, as a phone would save it."""
    drawn = Image.new("RGB", (width, height), colour)
    drawn.paste("black", (0, 0, width, height // 8))
    exif = Image.Exif()
    exif[MAKER] = "Phone of a resident"
    exif[ORIENTATION] = turned
    if place is not None:
        exif[GPS] = {
            1: "S" if place[0] < 0 else "N",
            2: _parts(abs(place[0])),
            3: "W" if place[1] < 0 else "E",
            4: _parts(abs(place[1])),
        }
    into = BytesIO()
    options = {} if format in ("GIF", "PNG") else {"exif": exif.tobytes()}
    if format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    drawn.save(into, format, **options)
    return into.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return float(whole), float(minutes), round((degrees - whole - minutes / 60) * 3600, 4)


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 200
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200
VIRUS = b"%PDF-1.4\nX5O!P%@AP-pretended-virus"
"""Not a virus: the simulated scanner takes it for one."""
