"""Everything that isn't the gate's own goes to Django; anonymous public pages are kept (gate/pages.py)."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from functools import cached_property
from typing import IO

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from otklik.gate.http import (
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    Receive,
    Scope,
    Send,
    brings_files,
    headers_of,
    read_body,
    remote_of,
    respond,
    respond_too_slow,
    spool_body,
)
from otklik.gate.pages import Key, Page, Pages, cache_key, page_from, seconds_to_keep, send_page

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
_SAID_BY_THE_GATE = {"date", "server"}
"""Headers of an answer that the gate gives itself, or nobody."""
_OF_ONE_READER = {"accept-encoding", "if-none-match", "if-modified-since"}
"""What one reader has or takes says nothing of a page that others read too."""
_LENGTH = "(length)"
"""Under this name, which no client can send, goes the length of a body that is passed on in parts."""


class Forwarder:
    """The ASGI application behind which Django lives."""

    def __init__(self, web_url: str, *, behind_proxy: bool, mark: Callable[[], int | None]) -> None:
        """`mark`: see Stillness.mark."""
        self._web_url = web_url
        self._behind_proxy = behind_proxy
        self._pages = Pages(mark)
        self._asking: dict[Key, asyncio.Future[Page | None]] = {}
        self._remaking: set[asyncio.Task[None]] = set()
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
        key = cache_key(scope, headers)
        if key is not None:
            page, is_due = self._pages.find(key, time.monotonic())
            if page is not None:
                if is_due and key not in self._asking:
                    self._remake(scope, headers, key)
                return await send_page(send, page, scope["method"], headers)
        try:
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
            return await send_page(send, answer, scope["method"], headers)
        return await _pass_back(answer, send)

    async def _ask_once(self, scope: Scope, headers: dict[str, str], key: Key) -> Page | ClientResponse:
        """Ask for an anonymous page. Of many readers of one that isn't kept, one asks; the others wait for it.

        They wait for Django alone, never for another reader: a page that is kept is whole before anything is sent.
        """
        if (asking := self._asking.get(key)) is not None:
            return await asyncio.shield(asking) or await self._ask_and_keep(scope, headers, key)
        asking = self._asking[key] = asyncio.get_running_loop().create_future()
        page = None
        try:
            answer = await self._ask_and_keep(scope, headers, key)
            page = answer if isinstance(answer, Page) else None
            return answer
        finally:
            del self._asking[key]
            asking.set_result(page)

    def _remake(self, scope: Scope, headers: dict[str, str], key: Key) -> None:
        """Make a page anew while its readers have the one before it."""
        task = asyncio.get_running_loop().create_task(self._made_anew(scope, headers, key))
        self._remaking.add(task)  # the loop alone would let it be forgotten half done
        task.add_done_callback(self._remaking.discard)

    async def _made_anew(self, scope: Scope, headers: dict[str, str], key: Key) -> None:
        try:
            answer = await self._ask_once({**scope, "method": "GET"}, headers, key)
        except (ClientError, TimeoutError):
            return  # the next reader who has to wait hears of it
        if not isinstance(answer, Page):
            answer.close()

    async def _ask_and_keep(self, scope: Scope, headers: dict[str, str], key: Key) -> Page | ClientResponse:
        begun_at, mark = time.monotonic(), self._pages.mark()
        # Whole and plain: each reader gets it packed as theirs takes it, and decides alone whether it is still so.
        asked = {name: value for name, value in headers.items() if name not in _OF_ONE_READER}
        answer = await self._ask(scope, asked, b"")
        seconds = seconds_to_keep(scope["path"], answer.status, _by_name(answer))
        if not seconds:
            self._pages.drop(key)
            return answer
        try:
            body = await answer.read()
        finally:
            answer.close()
        page = page_from(_headers_back(answer), body, seconds=seconds, begun_at=begun_at, mark=mark)
        self._pages.keep(key, page)
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


def _by_name(answer: ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


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
