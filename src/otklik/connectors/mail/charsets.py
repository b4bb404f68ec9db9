"""Letters' bytes to words: declared charsets, undeclared ones, and declared ones that lie.

Old Russian mail programs send koi8-r and windows-1251, often without saying so, or saying iso-8859-1.
Source of encoded words: RFC 2047; of their common breakages: letters cut in the middle of a character.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator

from otklik.common.text import storable

_KNOWN = re.compile(
    r"(?:utf-?(?:8|16|32)(?:[-_]?[bl]e)?|us-?ascii|ascii|iso[-_]?8859[-_]\d{1,2}|(?:windows|win|cp|x-cp)[-_]?\d{3,4}"
    r"|koi8[-_]?(?:r|u|ru|t)|ibm[-_]?866|x?-?mac[-_]?cyrillic|gb2312|gbk|gb18030|big5|shift[-_]?jis|euc[-_](?:jp|kr)"
    r"|iso-2022-(?:jp|kr))"
)
"""Charsets of real letters. Python knows more codecs, some of which are no charsets and slow on purpose-made input."""
_OTHER_NAMES = {"koi8r": "koi8-r", "koi8-ru": "koi8-u", "koi8u": "koi8-u", "utf8": "utf-8", "ascii": "us-ascii"}
_WESTERN = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
_MOSTLY_HIGH = 0.4
"""So large a share of letters beyond ASCII is in no Western language: the label lies."""
_COMMON = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфё ")
_BROKEN_CASE = re.compile(r"[а-яё][А-ЯЁ]")
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,10000})\?=")
_FOLD = re.compile(rb"\r?\n[ \t]?|\r")


def decoded(raw: bytes, charset: str = "") -> str:
    """Return words in the declared charset, or in the likeliest where that is missing, unknown or clearly wrong."""
    name = _name_of(charset)
    if name and not (name in _WESTERN and _is_mostly_high(raw)):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            if name.startswith("utf"):
                return _likeliest(raw, lenient=name)
    return _likeliest(raw)


def header_words(value: str) -> str:
    """Return a header as people read it, in one line. `value` is as the parser of letters gives it (surrogates)."""
    raw = _FOLD.sub(b" ", value.encode("utf-8", "surrogateescape"))
    text = raw.decode("ascii", "surrogateescape")
    found = "".join(_pieces(text))
    return storable(re.sub(r"\s+", " ", found)).strip()


def _pieces(text: str) -> Iterator[str]:
    """Yield decoded pieces; neighbours of one charset are one text: a character may have been cut in two."""
    waiting, charset, at = b"", "", 0
    for word in _ENCODED.finditer(text):
        between = text[at : word.start()]
        content = _content(word[2], word[3])
        same = _name_of(word[1]) == charset and not between.strip()
        if waiting and not same:
            yield decoded(waiting, charset)
            waiting = b""
        if between.strip() or not at:
            yield _plain(between)
        waiting, charset, at = waiting + content, _name_of(word[1]), word.end()
    if waiting:
        yield decoded(waiting, charset)
    yield _plain(text[at:])


def _plain(text: str) -> str:
    return decoded(text.encode("ascii", "surrogateescape"))


def _content(encoding: str, content: str) -> bytes:
    raw = content.encode("ascii", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw


def _name_of(charset: str) -> str:
    name = charset.strip().strip("\"'").lower().partition("*")[0]
    name = _OTHER_NAMES.get(name, name)
    if not _KNOWN.fullmatch(name):
        return ""
    name = re.sub(r"^(?:x-cp|win|windows)-?(?=\d)", "cp", name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _is_mostly_high(raw: bytes) -> bool:
    head = raw[:4000]
    high = sum(byte > 0x7F for byte in head)
    letters = high + sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in head)
    return high > _MOSTLY_HIGH * letters


def _likeliest(raw: bytes, *, lenient: str = "utf-8") -> str:
    """Return UTF-8 if it is that; else the Cyrillic charset whose words look most like Russian."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # One damaged character in a long text is still UTF-8; in a Cyrillic charset nearly every letter would fail.
        if error.start > 200 or _few_bad(raw):
            return raw.decode(lenient, "replace")
    head = raw[:4000]
    best = max(("cp1251", "koi8-r", "cp866"), key=lambda name: _russian(head.decode(name, "replace")))
    return raw.decode(best, "replace")


def _few_bad(raw: bytes) -> bool:
    text = raw[:4000].decode("utf-8", "replace")
    good = sum("Ѐ" <= char <= "ӿ" for char in text)
    return good > 4 * text.count("\ufffd")


def _russian(text: str) -> int:
    return sum(char in _COMMON for char in text) - 3 * len(_BROKEN_CASE.findall(text)) - 3 * text.count("\ufffd")
