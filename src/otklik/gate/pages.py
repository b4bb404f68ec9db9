"""Anonymous public pages, kept whole and packed: most readers are answered without Django.

A page is right as long as nothing was written since it was begun (gate/stillness.py); after a write it is made anew at
most twice a second, and no reader ever gets one that is older than a second and not known to be right. While it is made
anew the others read the one before it, so that nobody waits for a page that many read.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

import brotli

from otklik.common.language import preferred
from otklik.gate.http import Scope, Send, announces_body

FRESH_S = 0.5
"""So young a page is never made anew, however much is written."""
STALE_S = 0.9
"""The oldest that is given away while a newer one is made."""
STATIC_S = 60.0
"""Files of the program itself change with a new version only."""
_MOST_BYTES = 64_000_000
LARGEST_BODY = 512_000
_WORTH_PACKING = 600
_PACKED = re.compile(r"text/|application/(?:json|atom|rss|xml|feed|manifest|javascript|activity|ld)|image/svg")
_ACTIVITIES = ("application/activity+json", "application/ld+json")
_MAX_AGE = re.compile(r"s-maxage=(\d+)")
_PERSONAL = ("otklik_session", "sessionid", "messages")
_ASK_AGAIN = (b"cache-control", b"public, max-age=0, must-revalidate")
_OURS = {b"content-length", b"cache-control", b"etag"}

Key = tuple[str, str, str, str]
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Page:
    """A kept answer: `begun_at` and `mark` are of before it was asked for; `seconds` how long it may be right."""

    headers: Headers
    body: bytes
    etag: bytes
    begun_at: float
    mark: int | None
    seconds: float
    is_packable: bool = False
    packed: dict[str, tuple[Headers, bytes]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        return len(self.body) + sum(len(body) for _, body in self.packed.values()) + 1000

    def form(self, encoding: str) -> tuple[Headers, bytes]:
        """Return the headers and the body in an encoding (br, gzip or ""), packed once."""
        found = self.packed.get(encoding)
        if found is None:
            body = _PACKERS[encoding](self.body)
            headers = [*self.headers, (b"content-length", str(len(body)).encode())]
            if encoding:
                headers.append((b"content-encoding", encoding.encode()))
            found = self.packed[encoding] = (headers, body)
        return found


_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=5),
}


class Pages:
    """The kept pages; where they are too many, those made longest ago are forgotten first."""

    def __init__(self, mark: Callable[[], int | None]) -> None:
        self.mark = mark
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0

    def find(self, key: Key, now: float) -> tuple[Page | None, bool]:
        """Return a page that may be given away, and whether it is to be made anew meanwhile."""
        page = self._pages.get(key)
        if page is None:
            return None, True
        age = now - page.begun_at
        mark = self.mark()
        if age < page.seconds and (age < FRESH_S or (mark is not None and mark == page.mark)):
            return page, False
        return (page, True) if age < min(STALE_S, page.seconds) else (None, True)

    def keep(self, key: Key, page: Page) -> None:
        """Keep a page in the place of the one before it."""
        if len(page.body) > LARGEST_BODY:
            return
        self.drop(key)
        self._pages[key] = page
        self._bytes += 3 * page.size  # its packed forms come later
        while self._bytes > _MOST_BYTES:
            self.drop(next(iter(self._pages)))

    def drop(self, key: Key) -> None:
        """Forget a page: it isn't for everybody any more."""
        if (page := self._pages.pop(key, None)) is not None:
            self._bytes -= 3 * (len(page.body) + 1000)


def page_from(headers: Headers, body: bytes, *, seconds: float, begun_at: float, mark: int | None) -> Page:
    """Return what is kept of Django's answer: whoever has it is told to ask whether it is still so."""
    told = {name.lower(): value for name, value in headers}
    etag = told.get(b"etag") or b'W/"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'
    packable = (
        len(body) >= _WORTH_PACKING
        and b"content-encoding" not in told
        and _PACKED.match(told.get(b"content-type", b"").decode("latin-1")) is not None
    )
    control = (
        _ASK_AGAIN if b"s-maxage" in told.get(b"cache-control", b"") else (b"cache-control", told[b"cache-control"])
    )
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    if packable:
        kept.append((b"vary", b"Accept-Encoding"))
    return Page([*kept, control, (b"etag", etag)], body, etag, begun_at, mark, seconds, packable)


def seconds_to_keep(path: str, status: int, headers: Mapping[str, str]) -> float:
    """Return how long an answer may be given to everybody; 0: not at all."""
    control = headers.get("cache-control", "")
    if status != 200 or "private" in control or "set-cookie" in headers:
        return 0
    if path.startswith("/static/") and "max-age" in control:
        return STATIC_S
    found = _MAX_AGE.search(control)
    return float(found.group(1)) if found is not None else 0


def cache_key(scope: Scope, headers: Mapping[str, str]) -> Key | None:
    """Return what makes an anonymous page the same for everybody; None where it may be personal."""
    if scope["method"] not in ("GET", "HEAD") or "authorization" in headers or "range" in headers:
        return None
    if announces_body(headers):
        return None
    chosen = ""
    if cookie := headers.get("cookie"):
        try:
            cookies = SimpleCookie(cookie)
        except CookieError:
            return None
        if any(name in cookies for name in _PERSONAL):
            return None
        chosen = cookies["lang"].value if "lang" in cookies else ""
    # The same rule as the pages': "de, ru" and "de, en" read different words.
    language = preferred(chosen, headers.get("accept-language", ""))
    path = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    fragment = f"{headers.get('hx-request', '')}{headers.get('hx-target', '')}"
    # A post's page has another form for servers of the fediverse, at the same address.
    form = "activity" if any(kind in headers.get("accept", "") for kind in _ACTIVITIES) else ""
    return (headers.get("host", ""), path, language, f"{fragment}{form}")


def encoding_for(page: Page, headers: Mapping[str, str]) -> str:
    """Return the best encoding that a reader takes of those we pack in."""
    accepted = headers.get("accept-encoding", "") if page.is_packable else ""
    for name in ("br", "gzip"):
        if name in accepted and f"{name};q=0" not in accepted.replace(" ", ""):
            return name
    return ""


async def send_page(send: Send, page: Page, method: str, headers: Mapping[str, str]) -> None:
    """Send a page, packed as the reader takes it; to whoever has it already, that it is still so."""
    if page.etag.decode("latin-1") in headers.get("if-none-match", ""):
        told = [(name, value) for name, value in page.headers if name.lower() in _SAID_AGAIN]
        await send({"type": "http.response.start", "status": 304, "headers": told})
        await send({"type": "http.response.body", "body": b""})
        return
    packed_headers, body = page.form(encoding_for(page, headers))
    await send({"type": "http.response.start", "status": 200, "headers": packed_headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


_SAID_AGAIN = {b"cache-control", b"etag", b"vary", b"content-security-policy"}
