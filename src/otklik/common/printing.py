"""Documents for paper: a template of ours and plain data become a PDF/UA with its fonts inside. No network, no models.

The texts are data, never markup: whatever a resident typed is printed as it stands. Templates: common/documents/.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from itertools import groupby
from typing import Any, Final

_PRINTABLE: Final = (
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x17F),
    (0x301, 0x301),  # a stress mark over a vowel
    (0x370, 0x3FF),
    (0x400, 0x482),
    (0x48A, 0x4FF),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x20A0, 0x20BF),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2713, 0x2713),
)
"""What the fonts of the compiler hold, tried by tests/common/test_printing.py; it breaks on some scripts that flow
from right to left, so nothing else is ever handed to it."""

_LINES: Final = frozenset("\n\t\r")


def to_pdf(template: str, content: Mapping[str, Any], *, foreign: Callable[[int], str]) -> bytes:
    """Return a PDF of a template filled with plain data; `foreign` says how many letters of another script it lacks.

    Signs without a letter (emoji) are printed by their names. The file is PDF/UA-1; should a text break a rule of that
    standard, it is a tagged PDF without the mark.
    """
    import typst  # 80 MB: loaded by the process that prints, when it does

    source = resources.files("otklik.common").joinpath("documents", template).read_bytes()
    options: dict[str, Any] = {
        "sys_inputs": {"data": json.dumps(_printable_all(content, foreign), ensure_ascii=False)},
        "ignore_system_fonts": True,
        "format": "pdf",
    }
    try:
        file: bytes = typst.compile(source, pdf_standards=["ua-1"], **options)
    except typst.TypstError:
        file = typst.compile(source, **options)
    return file


def _printable_all(value: Any, foreign: Callable[[int], str]) -> Any:
    if isinstance(value, str):
        return printable(value, foreign)
    if isinstance(value, Mapping):
        return {name: _printable_all(one, foreign) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable_all(one, foreign) for one in value]
    return value


def printable(text: str, foreign: Callable[[int], str]) -> str:
    """Return a text with nothing in it that the fonts lack: signs by their names, other scripts by their length."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(_pieces(composed, foreign))


def _pieces(text: str, foreign: Callable[[int], str]) -> Iterator[str]:
    for kind, group in groupby(text, _kind):
        signs = list(group)
        match kind:
            case "plain":
                yield "".join(signs)
            case "sign":
                yield " ".join(f"[{unicodedata.name(one, 'sign').lower()}]" for one in signs)
            case "letter":
                yield f"[{foreign(len(signs))}]"


def _kind(sign: str) -> str:
    code, category = ord(sign), unicodedata.category(sign)
    if sign in _LINES or (category != "Cn" and any(first <= code <= last for first, last in _PRINTABLE)):
        return "plain"
    match category[0]:
        case "L" | "N":
            return "letter"
        case "S" | "P":
            return "sign"
        case _:
            return "nothing"  # controls, joiners, marks on what isn't printed either
