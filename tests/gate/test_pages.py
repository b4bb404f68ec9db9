"""Which kept pages are given away, how old they may be, and how they are packed."""

from __future__ import annotations

import gzip

import brotli
import pytest

from otklik.gate.pages import Key, Page, Pages, encoding_for, page_from, seconds_to_keep

KEY: Key = ("a.example", "/?", "ru", "")
TEXT = "Двор готов. ".encode() * 100
HTML = [(b"Content-Type", b"text/html; charset=utf-8"), (b"Cache-Control", b"public, s-maxage=10")]


class Mark:
    """What the watch over the database says."""

    def __init__(self) -> None:
        self.now: int | None = 1

    def __call__(self) -> int | None:
        return self.now


def made(*, mark: int | None = 1, body: bytes = TEXT) -> Page:
    return page_from(list(HTML), body, seconds=10, begun_at=100.0, mark=mark)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0.4, (True, False)), (0.6, (True, True)), (0.95, (False, True)), (9.0, (False, True))],
    ids=["young", "made anew meanwhile", "too old", "very old"],
)
def test_page_after_a_write_is_never_a_second_old(age: float, expected: tuple[bool, bool]) -> None:
    mark = Mark()
    pages = Pages(mark)
    pages.keep(KEY, made())
    mark.now = 2

    page, is_due = pages.find(KEY, 100.0 + age)

    assert (page is not None, is_due) == expected


@pytest.mark.parametrize(("age", "given"), [(9.9, True), (10.1, False)])
def test_page_after_which_nothing_was_written_is_given_until_its_time_is_over(age: float, *, given: bool) -> None:
    pages = Pages(Mark())
    pages.keep(KEY, made())

    assert (pages.find(KEY, 100.0 + age)[0] is not None) == given


def test_page_is_not_trusted_while_nobody_knows_of_writes() -> None:
    mark = Mark()
    pages = Pages(mark)
    mark.now = None
    pages.keep(KEY, made(mark=None))

    assert pages.find(KEY, 105.0) == (None, True)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", ""), ("", "")],
)
def test_page_is_packed_as_its_reader_takes_it(accepted: str, expected: str) -> None:
    page = made()
    encoding = encoding_for(page, {"accept-encoding": accepted})
    headers, body = page.form(encoding)

    assert encoding == expected
    assert {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding](body) == TEXT
    assert dict(headers).get(b"content-encoding", b"").decode() == expected
    assert dict(headers)[b"cache-control"] == b"public, max-age=0, must-revalidate"


@pytest.mark.parametrize(
    ("path", "status", "control", "seconds"),
    [
        ("/", 200, "public, s-maxage=10", 10.0),
        ("/static/a.css", 200, "max-age=3600, public", 60.0),
        ("/photos/a.jpg", 200, "public, max-age=604800", 0.0),
        ("/", 410, "public, s-maxage=10", 0.0),
        ("/", 200, "private, s-maxage=10", 0.0),
    ],
)
def test_what_may_be_kept_and_how_long(path: str, status: int, control: str, seconds: float) -> None:
    assert seconds_to_keep(path, status, {"cache-control": control}) == seconds
