"""Everything that isn't the gate's own goes to Django; anonymous public pages are kept here for a few seconds."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import IO

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from otklik.common.language import preferred
from otklik.gate.http import (
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    Receive,
    Scope,
    Send,
    announces_body,
    brings_files,
    headers_of,
    read_body,
    remote_of,
    respond,
    respond_too_slow,
    spool_body,
)

MAX_BODY = 1_100_000
MAX_FILES_BODY = 100_000_000
"""A form with photos; each file's own limit is said by the page (media/services/keeping.py)."""
_FILES_AT_ONCE = 12
"""Forms with files that are taken in at a time; the others wait for their turn."""
_PART = 256 * 1024
_PATIENCE = ClientTimeout(total=None, connect=60.0, sock_connect=5.0, sock_read=60.0)
"""For a free connection to Django, for the connection itself, and between two parts of an answer."""
_LONGEST_HEADER = 32_768
_NOTHING_OF_ITS_OWN = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the client would add where the browser sent none."""
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
_HOP_BY_HOP |= {"proxy-authorization"}
_OURS = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded", "content-length"}
"""Headers that only the gate may set: whatever the client sent under these names is dropped."""
_ACTIVITIES = ("application/activity+json", "application/ld+json")
_SAID_BY_THE_GATE = {"date", "server"}
"""Headers of an answer that the gate gives itself, or nobody."""
_LENGTH = "(length)"
"""Under this name, which no client can send, goes the length of a body that is passed on in parts."""
_MAX_AGE = re.compile(r"s-maxage=(\d+)")
_PERSONAL = ("otklik_session", "sessionid", "messages")
_CACHE_ENTRIES = 512
_CACHE_BODY = 512_000

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A kept answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    until: float


class Forwarder:
    """The ASGI application behind which Django lives."""

    def __init__(self, web_url: str, *, behind_proxy: bool) -> None:
        self._web_url = web_url
        self._behind_proxy = behind_proxy
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._asking: dict[Key, asyncio.Event] = {}
        self._files_at_once = asyncio.Semaphore(_FILES_AT_ONCE)

    @cached_property
    def _session(self) -> ClientSession:
        """The connections to Django, made within the loop that uses them."""
        return ClientSession(
            connector=TCPConnector(limit=100),
            # A client keeps cookies for its next request; here the next request is somebody else's.
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            timeout=_PATIENCE,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            skip_auto_headers=_NOTHING_OF_ITS_OWN,
        )

    async def close(self) -> None:
        """Close the connections to Django."""
        if "_session" in self.__dict__:
            await self._session.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or ask Django."""
        headers = headers_of(scope)
        key = _cache_key(scope, headers)
        page = self._kept(key) if key is not None else None
        try:
            if page is not None:
                return await _send_page(send, page, scope["method"])
            if brings_files(scope, headers):
                answer: Page | ClientResponse = await self._ask_with_files(scope, headers, receive)
            elif key is None or scope["method"] == "HEAD":  # a HEAD has no body that others could read
                body = await read_body(headers, receive, MAX_BODY)
                answer = await self._ask(scope, headers, body)
            else:
                answer = await self._ask_once(scope, headers, key)
        except BodyTooLarge:
            return await respond(send, 413, "Это слишком много для одного раза. / Too much at once.".encode())
        except BodyTooSlow:
            return await respond_too_slow(send)
        except ClientGone:
            return None
        except (ClientError, TimeoutError):
            return await respond(
                send, 502, "Сайт сейчас запускается, попробуйте через минуту. / Starting, try in a minute.".encode()
            )
        if isinstance(answer, Page):
            return await _send_page(send, answer, scope["method"])
        return await _pass_back(answer, send)

    def _kept(self, key: Key) -> Page | None:
        page = self._pages.get(key)
        return page if page is not None and page.until > time.monotonic() else None

    async def _ask_once(self, scope: Scope, headers: dict[str, str], key: Key) -> Page | ClientResponse:
        """Ask for an anonymous page. Of many readers of one that has just expired, one asks; the others wait for it.

        They wait for Django alone, never for another reader: a page that is kept is whole before anything is sent.
        """
        if (asking := self._asking.get(key)) is not None:
            await asking.wait()
            return self._kept(key) or await self._ask_and_keep(scope, headers, key)
        asking = self._asking[key] = asyncio.Event()
        try:
            return await self._ask_and_keep(scope, headers, key)
        finally:
            del self._asking[key]
            asking.set()

    async def _ask_and_keep(self, scope: Scope, headers: dict[str, str], key: Key) -> Page | ClientResponse:
        answer = await self._ask(scope, headers, b"")
        seconds = _seconds_to_keep(answer)
        if not seconds:
            return answer
        try:
            body = await answer.read()
        finally:
            answer.close()
        page = Page(answer.status, _headers_back(answer), body, time.monotonic() + seconds)
        if len(body) <= _CACHE_BODY:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > _CACHE_ENTRIES:
                self._pages.popitem(last=False)
        return page

    async def _ask_with_files(self, scope: Scope, headers: dict[str, str], receive: Receive) -> ClientResponse:
        """Pass a form with files on once it is here whole: Django's few threads never wait for somebody's phone."""
        async with self._files_at_once:
            with await spool_body(receive, MAX_FILES_BODY) as file:
                length = file.seek(0, os.SEEK_END)
                file.seek(0)
                return await self._ask(scope, {**headers, _LENGTH: str(length)}, _parts(file))

    async def _ask(self, scope: Scope, headers: dict[str, str], body: bytes | AsyncIterator[bytes]) -> ClientResponse:
        """Return Django's answer, its body still to be read. Raises ClientError or TimeoutError."""
        path = scope.get("raw_path", scope["path"].encode()).split(b"?")[0].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        return await self._session.request(
            scope["method"],
            URL(f"{self._web_url}{path}?{query}" if query else f"{self._web_url}{path}", encoded=True),
            headers=self._outbound_headers(scope, headers),
            data=body or None,
            allow_redirects=False,
        )

    def _outbound_headers(self, scope: Scope, headers: dict[str, str]) -> list[tuple[str, str]]:
        dropped = _HOP_BY_HOP | _OURS | {_LENGTH}
        kept = [(name, _as_it_came(value)) for name, value in headers.items() if name not in dropped]
        if _LENGTH in headers:
            kept.append(("content-length", headers[_LENGTH]))
        peer, by_proxy = remote_of(scope, headers, behind_proxy=self._behind_proxy)
        proto = headers.get("x-forwarded-proto", "https") if by_proxy else "http"
        return [*kept, ("x-forwarded-for", peer), ("x-forwarded-proto", proto)]


def _as_it_came(value: str) -> str:
    """Return a header that was read byte by byte so that the client, which writes UTF-8, sends the same bytes."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    while part := file.read(_PART):
        yield part


def _cache_key(scope: Scope, headers: dict[str, str]) -> Key | None:
    """Return what makes an anonymous page the same for everybody; None where it may be personal."""
    if scope["method"] not in ("GET", "HEAD") or "authorization" in headers or "range" in headers:
        return None
    if announces_body(headers):
        return None
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    if any(name in cookies for name in _PERSONAL):
        return None
    # The same rule as the pages': "de, ru" and "de, en" read different words.
    language = preferred(cookies["lang"].value if "lang" in cookies else "", headers.get("accept-language", ""))
    path = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    htmx = f"{headers.get('hx-request', '')}{headers.get('hx-target', '')}{headers.get('accept-encoding', '')}"
    # A post's page has another form for servers of the fediverse, at the same address.
    form = "activity" if any(kind in headers.get("accept", "") for kind in _ACTIVITIES) else ""
    return (headers.get("host", ""), path, language, f"{htmx}{form}")


def _seconds_to_keep(answer: ClientResponse) -> int:
    control = answer.headers.get("cache-control", "")
    found = _MAX_AGE.search(control)
    if answer.status != 200 or found is None or "private" in control or "set-cookie" in answer.headers:
        return 0
    return int(found.group(1))


def _headers_back(answer: ClientResponse) -> list[tuple[bytes, bytes]]:
    dropped = _HOP_BY_HOP | _SAID_BY_THE_GATE
    return [(name, value) for name, value in answer.raw_headers if name.lower().decode("latin-1") not in dropped]


async def _pass_back(answer: ClientResponse, send: Send) -> None:
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": _headers_back(answer)})
        async for part in answer.content.iter_any():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        answer.close()


async def _send_page(send: Send, page: Page, method: str) -> None:
    await send({"type": "http.response.start", "status": page.status, "headers": page.headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else page.body})
