"""Documents on paper: everything that may be typed is printed, nothing is read as markup, and the fonts hold it."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.common import printing
from otklik.common.printing import printable, to_pdf

WORDS = ("facts", "appeals", "conversation", "answers", "history", "what", "value", "when", "who")


def foreign(count: int) -> str:
    return f"{count} others"


def content(text: str) -> dict[str, Any]:
    """A paper with this text wherever a text may stand."""
    return {
        "language": "ru",
        **dict.fromkeys(("city", "title", "summary", "notice", "made", "left_out"), text),
        "words": dict.fromkeys(WORDS, text),
        "facts": [[text, text]],
        "appeals": [{"title": text, "lines": [text]}],
        "talks": [{"title": text, "lines": [{"who": text, "at": text, "text": text}]}],
        "answers": [{"title": text, "text": text, "lines": [text]}],
        "history": [[text, text, text]],
    }


def unpacked(file: bytes) -> bytes:
    """Everything in a PDF's packed streams, one behind the other."""
    found, at = [file], 0
    while (start := file.find(b"stream\n", at)) >= 0:
        end = file.index(b"endstream", start)
        at = end + len(b"endstream")
        try:
            found.append(zlib.decompress(file[start + 7 : end]))
        except zlib.error:
            continue
    return b"".join(found)


def test_paper_is_tagged_has_its_fonts_and_says_its_language_and_standard() -> None:
    file = to_pdf("case.typ", content("Яма на Садовой, 12"), foreign=foreign)

    inside = unpacked(file)
    assert file.startswith(b"%PDF-1.7")
    for mark in (b"/StructTreeRoot", b"/Lang", b"/ToUnicode", b"/FontFile3", b"pdfuaid:part"):
        assert mark in inside, mark


def test_text_of_a_resident_is_never_markup() -> None:
    text = '#panic("x") $ */_` \\ #import "@preview/a:0.1.0" <a> @b {{1}} https://a.example = 1 // /* ```'

    assert to_pdf("case.typ", content(text), foreign=foreign).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Спасибо 👍", "Спасибо [thumbs up sign]"),
        ("й", "й"),
        ("привет سلام друзья", "привет [4 others] друзья"),
        ("ноль\u200bширины\x07", "нольширины"),
        ("а\r\nб", "а\nб"),
        ("за́мок № 5 — «да»…", "за́мок № 5 — «да»…"),
        ("\ud800", ""),
    ],
)
def test_what_the_fonts_lack_is_told_in_words(typed: str, printed: str) -> None:
    assert printable(typed, foreign) == printed


def test_every_printable_sign_is_in_the_fonts() -> None:
    codes = [code for first, last in printing._PRINTABLE for code in range(first, last + 1)]
    signs = [sign for sign in map(chr, codes) if printable(sign, foreign) == sign]
    source = (
        b'#set document(title: "x")\n#set text(lang: "ru", font: ("Libertinus Serif", "DejaVu Sans Mono"))\n'
        b"#for one in json(bytes(sys.inputs.data)) [#one ]"
    )
    data = json.dumps(["".join(signs[at : at + 40]) for at in range(0, len(signs), 40)])

    file = typst.compile(source, sys_inputs={"data": data}, ignore_system_fonts=True, pdf_standards=["ua-1"])

    assert file.startswith(b"%PDF")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_is_printed(text: str) -> None:
    assert to_pdf("case.typ", content(text), foreign=foreign).startswith(b"%PDF")
