"""What a file is, by its first bytes: a name can say anything. No Django here."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 64
"""So many bytes tell a file's type."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type that we take."""

    kind: str
    mime: str
    ending: str


JPEG = Type("picture", "image/jpeg", "jpg")
PNG = Type("picture", "image/png", "png")
GIF = Type("picture", "image/gif", "gif")
WEBP = Type("picture", "image/webp", "webp")
HEIC = Type("picture", "image/heic", "heic")
AVIF = Type("picture", "image/avif", "avif")
MP4 = Type("video", "video/mp4", "mp4")
WEBM = Type("video", "video/webm", "webm")
M4A = Type("audio", "audio/mp4", "m4a")
OGG = Type("audio", "audio/ogg", "ogg")
MP3 = Type("audio", "audio/mpeg", "mp3")
PDF = Type("document", "application/pdf", "pdf")

_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x1a\x45\xdf\xa3", WEBM),
    (b"OggS", OGG),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"%PDF-", PDF),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"M4A ", b"M4B "), M4A),
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"MSNV", b"dash"),
        MP4,
    ),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3g2a"), MP4),
}
"""The major brand of an ISO media file says whether it is a photo, a film or a recording."""

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"dex\n")


def type_of(head: bytes) -> Type | None:
    """Return what a file is by its first bytes; None for what we don't take."""
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    return None


def is_program(head: bytes) -> bool:
    """Return whether a file is something that a machine would run, whatever its name."""
    return head.startswith(_PROGRAMS)
